#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The stand-in for the linker: what runs by enfold, under which name, with which libraries, and what does not."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from linker import Kit, options_of

TOOL = os.path.abspath(sys.argv.pop(1))
SHOW = r"""
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static char path[4096];
int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
  if (readlink("/proc/self/exe", path, sizeof path - 1) < 0) return 1;
  printf(" %s\n", strrchr(path, '/') + 1);
  return 7;
}
"""
ENFOLD = os.path.basename(os.path.realpath(TOOL))


class LinkerTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.kit = Kit(self.root / "the kit")
        self.kit.make(TOOL)

    def gcc_status(self, *words):
        return self.run_it("gcc", "-B", f"{self.kit.path}/bin/", *words)

    def gcc(self, *words):
        status, output = self.gcc_status(*words)
        self.assertEqual(status, 0, output)

    def write(self, name, text):
        (self.root / name).write_text(text)
        return name

    def run_it(self, *words, **options):
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False, **options)
        return done.returncode, done.stdout + done.stderr

    def test_program_runs_by_enfold_with_its_arguments(self):
        self.gcc(self.write("show.c", SHOW), "-o", "show")
        expected = (7, f"[./show][two words][][--][-x] {ENFOLD}\n")
        self.assertEqual(self.run_it("./show", "two words", "", "--", "-x"), expected)

    def test_program_is_called_what_it_was_called(self):
        self.gcc(self.write("show.c", SHOW), "-o", "show")
        self.assertEqual(self.run_it("another", executable=str(self.root / "show")), (7, f"[another] {ENFOLD}\n"))

    def test_program_runs_elsewhere_without_environment_and_objects(self):
        self.gcc("-c", self.write("show.c", SHOW))
        self.gcc("show.o", "-o", "show")
        (self.root / "show.o").unlink()
        (self.root / "bin").mkdir()
        shutil.move(self.root / "show", self.root / "bin/moved")
        self.assertEqual(self.run_it("bin/moved", env={}), (7, f"[bin/moved] {ENFOLD}\n"))

    def test_reference_is_the_system_linkers_program(self):
        self.gcc(self.write("show.c", SHOW), "-o", "show")
        reference = self.kit.path / "reference"
        reference.touch()
        self.assertEqual(self.run_it("./show", "x"), (7, "[./show][x] program\n"))
        reference.unlink()
        self.assertEqual(self.run_it("./show", "x"), (7, f"[./show][x] {ENFOLD}\n"))

    def test_switched_off_it_is_the_system_linker(self):
        (self.kit.path / "off").touch()
        self.gcc(self.write("show.c", SHOW), "-o", "show")
        self.assertEqual(self.run_it("./show"), (7, "[./show] show\n"))

    def test_libraries_and_archives_are_found(self):
        self.gcc("-shared", "-fPIC", self.write("one.c", "int one(void) { return 1; }"), "-o", "libone.so")
        self.gcc("-c", self.write("two.c", "#include <math.h>\nint two(double d) { return (int)sqrt(d); }"))
        subprocess.run(["ar", "rcs", "libtwo.a", "two.o"], cwd=self.root, check=True)
        self.write("main.c", "int one(void); int two(double); int main(void) { return one() + two(4); }")
        self.gcc("main.c", "-o", "main", "-L.", "-lone", "-ltwo", "-lm")
        self.assertEqual(self.run_it("./main"), (3, ""))
        self.gcc("main.c", "-o", "main", "-L.", "./libone.so", "-Wl,-Bstatic", "-ltwo", "-Wl,-Bdynamic", "-lm")
        self.assertEqual(self.run_it("./main"), (3, ""))

    def test_position_dependent_program(self):
        source = '#include <stdio.h>\nint main(void) { fputs("out", stdout); return 0; }'
        self.gcc("-fno-pic", "-no-pie", self.write("main.c", source), "-o", "main")
        self.assertEqual(self.run_it("./main"), (0, "out"))

    def test_what_has_no_counterpart_is_left_and_named(self):
        self.gcc(self.write("show.c", SHOW), "-o", "show", "-Wl,--wrap=puts")
        self.assertEqual(self.run_it("./show"), (7, "[./show] show\n"))
        self.assertIn("show: -wrap puts\n", (self.kit.path / "log").read_text())

    def test_static_programs_and_libraries_are_left(self):
        self.gcc(self.write("show.c", SHOW), "-o", "show", "-static")
        self.assertEqual(self.run_it("./show"), (7, "[./show] show\n"))
        self.gcc("-r", "show.c", "-o", "joined.o")
        self.gcc("joined.o", "-o", "show")
        self.assertEqual(self.run_it("./show"), (7, f"[./show] {ENFOLD}\n"))

    def test_error_of_the_linker_is_its_own(self):
        self.write("main.c", "int nowhere(void); int main(void) { return nowhere(); }")
        status, output = self.gcc_status("main.c")
        self.assertNotEqual(status, 0)
        self.assertIn("undefined reference to `nowhere'", output)
        self.assertFalse((self.root / "a.out").exists())


class OptionsTest(unittest.TestCase):
    def test_options_and_inputs_are_told_apart(self):
        words = ["-m", "elf_x86_64", "-melf", "--hash-style=gnu", "-export-dynamic", "-E", "-lm", "-l", "z", "a.o",
                 "-z", "now", "-znow", "--defsym=a=1", "--defsym", "b=2", "-o", "out", "-(", "-)", "-rpath", "/x"]
        self.assertEqual(list(options_of(words)), [
            ("m", "elf_x86_64"), ("m", "elf"), ("hash-style", "gnu"), ("export-dynamic", None), ("E", None), ("l", "m"),
            ("l", "z"), ("", "a.o"), ("z", "now"), ("z", "now"), ("defsym", "a=1"), ("defsym", "b=2"), ("o", "out"),
            ("(", None), (")", None), ("rpath", "/x")])


if __name__ == "__main__":
    unittest.main()
