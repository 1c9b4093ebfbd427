# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enfold run --watch`: what changes, and what survives."""
import os
import shutil
import subprocess

from harness import SANITIZED, expect, expect_equal, expect_own_error, main, test
from watched import Watched, put

LOOP = """
#include <stdio.h>
int step(void);
extern int total;
int main(void) {
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    int n = step();
    printf("%d %d\\n", n, total);
    fflush(stdout);
  }
  return 7;
}
"""
STEP = "static int calls; int total; int step(void) { total += 10; return BASE + ++calls; }"
WHOLE = STEP + LOOP


def version(n, text=STEP):
    return text.replace("BASE", str(1000 * n))


def put_object(t, name, text, *flags):
    """Compiles elsewhere and moves the object into place."""
    t.compile("next/" + name + ".c", text, *flags)
    os.rename(t.directory / "next" / (name + ".o"), t.directory / (name + ".o"))
    return name + ".o"


@test
def a_changed_source_replaces_functions_and_keeps_variables(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c") as program:
        expect_equal([program.ask(), program.ask()], ["1001 10", "1002 20"])
        t.write("a.c", version(2, WHOLE))
        program.relinked(2, "a.c")
        expect_equal(program.ask(), "2003 30")
        t.write("a.c", version(3, WHOLE))
        program.relinked(3, "a.c")
        expect_equal(program.ask(), "3004 40")
        expect_equal(program.end(7), "")


@test
def functions_of_optimised_sources_are_replaced_as_well(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "-X-O2", "a.c") as program:
        program.ask()
        t.write("a.c", version(2, WHOLE))
        program.relinked(2)
        expect(program.ask().startswith("2002 "), "main calls the old step")


@test
def a_changed_object_replaces_functions(t):
    for flags in ([], ["-O2"], ["-fPIC"], ["-fdata-sections"]):
        objects = [put_object(t, "main", LOOP, *flags), put_object(t, "step", version(1), *flags)]
        with Watched(t, *objects) as program:
            expect_equal(program.ask(), "1001 10")
            put_object(t, "step", version(2), *flags)
            program.relinked(2, "step.o")
            expect_equal(program.ask(), "2002 20")


@test
def an_object_is_replaced_when_its_compiler_has_written_it(t):
    t.compile("step.c", version(1))
    with Watched(t, t.compile("main.c", LOOP), "step.o") as program:
        expect_equal(program.ask(), "1001 10")
        t.compile("step.c", version(2))
        program.relinked(2, "step.o")
        expect_equal(program.ask(), "2002 20")


@test
def a_file_is_followed_when_it_is_removed_and_made_again(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c") as program:
        program.ask()
        os.unlink(t.directory / "a.c")
        t.write("a.c", version(2, WHOLE))
        program.relinked(2)
        expect_equal(program.ask(), "2002 20")


@test
def a_file_is_followed_through_a_link(t):
    t.write("there/a.c", version(1, WHOLE))
    (t.directory / "a.c").symlink_to("there/a.c")
    with Watched(t, "a.c") as program:
        program.ask()
        put(t, "there/a.c", version(2, WHOLE))
        program.relinked(2, "a.c")
        t.write("elsewhere/b.c", version(3, WHOLE))
        (t.directory / "link").symlink_to("elsewhere/b.c")
        os.rename(t.directory / "link", t.directory / "a.c")
        program.relinked(3)
        put(t, "elsewhere/b.c", version(4, WHOLE))
        program.relinked(4)
        expect_equal(program.ask(), "4002 20")


@test
def a_directory_is_followed_when_it_is_made_again(t):
    t.write("build/a.c", version(1, WHOLE))
    with Watched(t, "build/a.c") as program:
        program.ask()
        shutil.rmtree(t.directory / "build")
        t.write("new/a.c", version(2, WHOLE))
        os.rename(t.directory / "new", t.directory / "build")
        program.relinked(2)
        expect_equal(program.ask(), "2002 20")


@test
def a_changed_archive_replaces_functions(t):
    t.archive("libstep.a", t.compile("step.c", version(1)))
    with Watched(t, t.compile("main.c", LOOP), "libstep.a") as program:
        expect_equal(program.ask(), "1001 10")
        t.archive("next.a", t.compile("step.c", version(2)))
        os.rename(t.directory / "next.a", t.directory / "libstep.a")
        program.relinked(2, "libstep.a")
        expect_equal(program.ask(), "2002 20")


@test
def a_compile_error_leaves_the_old_version_until_it_is_mended(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c") as program:
        program.ask()
        put(t, "a.c", WHOLE.replace("BASE", "nonsense"))
        program.refused("a.c", "status 1", "nonsense")
        expect_equal(program.ask(), "1002 20")
        put(t, "a.c", version(2, WHOLE))
        program.relinked(2)
        expect_equal(program.ask(), "2003 30")


@test
def what_failed_is_tried_again_with_the_next_change(t):
    t.write("step.c", version(1))
    t.write("main.c", LOOP)
    with Watched(t, "main.c", "step.c") as program:
        program.ask()
        put(t, "step.c", version(2).replace("total;", "total = two();").replace("static", "#include \"two.h\"\nstatic"))
        program.refused("step.c")
        put(t, "step.c", version(2) + "int unfinished")
        program.refused("step.c")
        (t.directory / "step.c").unlink()
        t.write("main.c", LOOP + "\n")
        program.refused("step.c")
        put(t, "step.c", version(3))
        program.relinked(2, "main.c", "step.c")
        expect_equal(program.ask(), "3002 20")


@test
def an_undefined_symbol_leaves_the_old_version(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c") as program:
        program.ask()
        put(t, "a.c", "int nowhere(void);" + WHOLE.replace("BASE", "nowhere()"))
        program.refused("undefined")
        expect_equal(program.ask(), "1002 20")
        put(t, "a.c", version(2, WHOLE))
        program.relinked(2)
        expect_equal(program.ask(), "2003 30")


@test
def what_is_no_object_leaves_the_old_version(t):
    put_object(t, "step", version(1))
    with Watched(t, t.compile("main.c", LOOP), "step.o") as program:
        program.ask()
        put(t, "step.o", "\x7fELF and nothing more")
        program.refused("step.o")
        expect_equal(program.ask(), "1002 20")
        put_object(t, "step", version(2))
        program.relinked(2)
        expect_equal(program.ask(), "2003 30")


@test
def a_function_that_is_gone_stays_for_those_who_run_on(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c") as program:
        program.ask()
        put(t, "a.c", version(2, WHOLE).replace("step", "stride"))
        program.relinked(2)
        expect_equal(program.ask(), "1002 20")  # main runs on, and calls what it called
        put(t, "a.c", version(3, WHOLE))
        program.relinked(3)
        expect_equal(program.ask(), "3003 30")


@test
def a_function_that_is_gone_but_called_is_refused(t):
    t.write("main.c", LOOP)
    t.write("step.c", version(1))
    with Watched(t, "main.c", "step.c") as program:
        program.ask()
        put(t, "step.c", version(2).replace("step", "stride"))
        program.refused("undefined")
        expect_equal(program.ask(), "1002 20")


@test
def main_may_change_while_it_runs(t):
    t.write("main.c", LOOP)
    with Watched(t, "main.c", t.write("step.c", version(1))) as program:
        program.ask()
        put(t, "main.c", LOOP.replace("return 7", "return 8"))
        program.relinked(2, "main.c")
        expect_equal(program.ask(), "1002 20")
        program.end(7)


CXX = """
#include <iostream>
#include <memory>
#include <string>
#include <vector>
std::string text = "text";
std::vector<int> numbers;
struct Shape { virtual ~Shape() { std::cout << "destroyed" << std::endl; } virtual int sides() { return SIDES; } };
static std::unique_ptr<Shape> shape = std::make_unique<Shape>();
int grow() {
  text += "+";
  numbers.push_back(BASE);
  int sum = 0;
  for (int n : numbers) sum += n;
  try { throw sum; } catch (int thrown) { return thrown; }
}
int main() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << text << ' ' << grow() << ' ' << shape->sides() << std::endl;
}
"""


@test
def objects_of_classes_survive_and_are_destroyed_once(t):
    def text(n):
        return CXX.replace("BASE", str(n)).replace("SIDES", str(n + 2))

    t.write("a.cc", text(1))
    with Watched(t, "a.cc") as program:
        expect_equal([program.ask(), program.ask()], ["text 1 3", "text+ 2 3"])
        for n in (2, 3):
            put(t, "a.cc", text(10 ** (n - 1)))
            program.relinked(n, "a.cc")
        expect_equal(program.ask(), "text++ 102 102")
        expect_equal(program.end(), "destroyed\n")


@test
def an_exit_handler_runs_once_and_initialisers_of_new_objects_run(t):
    handler = """
#include <stdio.h>
#include <stdlib.h>
static void bye(void) { puts("bye"); }
"""
    t.write("main.c", handler + LOOP.replace("char line[64];", "char line[64]; atexit(bye);"))
    t.write("step.c", version(1))
    up = '\n#include <stdio.h>\n__attribute__((constructor)) static void up(void) { puts("up"); fflush(stdout); }\n' \
         '__attribute__((destructor)) static void down(void) { puts("down"); }\n'
    with Watched(t, "main.c", "step.c") as program:
        program.ask()
        put(t, "step.c", version(2) + up + "int added;\n")  # so that the object starts anew
        expect_equal(program.read(), "up")
        program.relinked(2)
        expect(program.ask().startswith("200"), "not replaced")
        rest = program.end(7).split()
        expect_equal(sorted(rest), ["bye", "down"])


@test
def an_unchanged_file_is_not_linked_again(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c") as program:
        program.ask()
        put(t, "a.c", version(1, WHOLE))
        expect_equal(program.message(), "a.c: unchanged (version 1)")


@test
def several_files_are_changed_together(t):
    with Watched(t, t.write("main.c", LOOP), t.write("step.c", version(1))) as program:
        program.ask()
        put(t, "main.c", LOOP.replace("step", "stride"))  # alone it is refused, if it is seen alone
        put(t, "step.c", version(2).replace("step", "stride"))
        message = program.message()
        if message.startswith("not relinked"):
            message = program.message()
        expect(message.endswith("(version 2)"), message)


@test
def stats_tell_what_was_kept(t):
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "--stats", "a.c") as program:
        program.ask()
        put(t, "a.c", version(2, WHOLE))
        program.relinked(2)
        text = "".join(program.errors)
        expect("  kept         " in text and text.count("\ntotals\n") == 2, text)


@test
def a_base_is_seen_by_every_version(t):
    t.write("base.c", "int ten(void) { return 10; }")
    t.write("a.c", "int ten(void);" + version(1, WHOLE).replace("+= 10", "+= ten()"))
    with Watched(t, "--base", "base.c", "a.c") as program:
        expect_equal(program.ask(), "1001 10")
        put(t, "a.c", "int ten(void);" + version(2, WHOLE).replace("+= 10", "+= 2 * ten()"))
        program.relinked(2)
        expect_equal(program.ask(), "2002 30")


@test
def every_kind_of_memory_can_be_replaced(t):
    for kind in ("alias", "forced", "strict"):
        t.write("a.c", version(1, WHOLE))
        with Watched(t, f"--memory={kind}", "a.c") as program:
            program.ask()
            put(t, "a.c", version(2, WHOLE))
            program.relinked(2)
            expect_equal(program.ask(), "2002 20")


@test
def objects_of_other_code_models_are_replaced(t):
    objects = [put_object(t, "main", LOOP, "-fno-pic"), put_object(t, "step", version(1), "-fno-pic")]
    # With a sanitizer's run time variables of the C library cannot come within reach.
    more = ["--copy-data"] if SANITIZED else []
    with Watched(t, *more, *objects) as program:
        expect_equal(program.ask(), "1001 10")
        put_object(t, "step", version(2), "-fno-pic")
        program.relinked(2)
        expect_equal(program.ask(), "2002 20")


@test
def a_watched_program_that_cannot_start_is_an_error(t):
    expect_own_error(t.enfold("run", "--watch", "absent.o"), "absent.o")
    expect_own_error(t.enfold("run", "--watch", "absent/a.c"), "watch")
    expect_own_error(t.enfold("run", "--watch", t.write("a.c", "nonsense")), "a.c", "status 1")


@test
def shared_libraries_and_whole_archives_may_be_among_the_files(t):
    library = t.shared_library("libten.so", t.compile("ten.c", "int ten(void) { return 10; }", "-fPIC"))
    archive = t.archive("libx.a", t.compile("x.c", "int ten(void); __attribute__((constructor)) void f(void) { ten(); }"))
    t.write("a.c", version(1, WHOLE))
    with Watched(t, "a.c", library, "--whole-archive", archive) as program:
        expect_equal(program.ask(), "1001 10")
        put(t, "a.c", "int ten(void);" + version(2, WHOLE).replace("+= 10", "+= ten()"))
        program.relinked(2)
        expect_equal(program.ask(), "2002 20")


main()
