#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""layering.py sees what it is there to see."""

import pathlib
import tempfile
import unittest

import layering

LICENCE = f"// {layering.SPDX}\n"


class Layering(unittest.TestCase):
    def complain(self, name, text):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch, name)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return list(layering.complaints(pathlib.Path(scratch)))

    def test_accepts_what_is_right(self):
        self.assertEqual(self.complain("src/plan/a.cc", LICENCE + '#include "arch/arch.h"\n// after SHF_ALLOC\n'), [])

    def test_reader_that_knows_an_architecture(self):
        self.assertEqual(len(self.complain("src/read/a.cc", LICENCE + '#include "arch/x86_64.h"\n')), 1)

    def test_architecture_that_knows_a_format(self):
        self.assertEqual(len(self.complain("src/arch/a.cc", LICENCE + "#include <elf.h>\n")), 1)

    def test_architecture_that_names_a_relocation(self):
        self.assertEqual(len(self.complain("src/arch/a.cc", LICENCE + "int f() { return R_X86_64_PC32; }\n")), 1)

    def test_planner_that_knows_an_architecture(self):
        self.assertEqual(len(self.complain("src/plan/a.cc", LICENCE + '#include "arch/x86_64.h"\n')), 1)

    def test_library_that_knows_llvm(self):
        self.assertEqual(len(self.complain("src/runtime/a.cc", LICENCE + "#include <llvm/ADT/StringRef.h>\n")), 1)

    def test_missing_licence(self):
        self.assertEqual(len(self.complain("src/a/a.cc", "int x;\n")), 1)

    def test_long_file(self):
        self.assertEqual(len(self.complain("src/a/a.cc", LICENCE + "\n" * layering.MAX_LINES)), 1)

    def test_path_of_a_machine(self):
        self.assertEqual(len(self.complain("docs/a.md", "see /" + "home/someone/file\n")), 1)


if __name__ == "__main__":
    unittest.main()
