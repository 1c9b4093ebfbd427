#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The harness can fail: tools that are wrong on purpose, and programs that lie about themselves."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
COMPILER = "gcc"
PROGRAM = """// fact: It prints and returns.
// status: 3
#include <stdio.h>
int main(void) { puts("right"); return 3; }
"""


class RunTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.TemporaryDirectory()
        self.programs = pathlib.Path(self.root.name, "programs")
        self.programs.mkdir()

    def tearDown(self):
        self.root.cleanup()

    def run_with(self, program, tool_script, variants="O2-default", name="p.c"):
        """(exit status, output) of the harness with a tool that is a shell script."""
        (self.programs / name).write_text(program)
        tool = pathlib.Path(self.root.name, "tool")
        tool.write_text("#!/bin/sh\n" + tool_script + "\n")
        tool.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-B", str(HERE / "run.py"), "--programs", str(self.programs), "--tool", str(tool),
             "--build-dir", str(pathlib.Path(self.root.name, "build")), "--compilers", COMPILER, "--variants", variants],
            capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_agreement_passes(self):
        status, text = self.run_with(PROGRAM, "echo right; exit 3")
        self.assertEqual(status, 0, text)
        self.assertTrue(text.endswith("1 passed, 0 failed\n"), text)

    def test_other_output_fails(self):
        status, text = self.run_with(PROGRAM, "echo wrong; exit 3")
        self.assertEqual(status, 1)
        self.assertIn("standard output differs", text)
        self.assertTrue(text.endswith("0 passed, 1 failed\n"), text)

    def test_other_status_fails(self):
        self.assertIn("status 0, not 3", self.run_with(PROGRAM, "echo right")[1])

    def test_noise_on_standard_error_fails(self):
        self.assertIn("standard error differs", self.run_with(PROGRAM, "echo right; echo noise >&2; exit 3")[1])

    def test_failure_names_the_commands(self):
        text = self.run_with(PROGRAM, "exit 1")[1]
        self.assertIn("to reproduce", text)
        self.assertIn("run p.o", text)

    def test_refusal_counts_only_without_pic(self):
        tool = "case \"$*\" in *--copy-data*) echo right; exit 3;; esac; echo 'out of reach: use -fPIC' >&2; exit 125"
        self.assertIn("1 documented refusal(s)", self.run_with(PROGRAM, tool, "O2-no-pic")[1])
        self.assertIn("0 passed, 1 failed", self.run_with(PROGRAM, tool)[1])

    def test_expected_error_must_match(self):
        refused = PROGRAM.replace("// status", "// expect-error: no such thing\n// status")
        self.assertIn("1 passed", self.run_with(refused, "echo 'no such thing' >&2; exit 125")[1])
        self.assertIn("1 failed", self.run_with(refused, "echo 'another thing' >&2; exit 125")[1])
        self.assertIn("1 failed", self.run_with(refused, "echo right; exit 3")[1])

    def test_program_must_keep_its_word_under_the_system_linker(self):
        text = self.run_with(PROGRAM.replace("status: 3", "status: 4"), "echo right; exit 3")[1]
        self.assertIn("status 3 under the system linker", text)

    def test_changed_source_is_compiled_again(self):
        self.run_with(PROGRAM, "echo right; exit 3")
        changed = PROGRAM.replace('"right"', '"changed"')
        self.assertIn("1 passed", self.run_with(changed, "echo changed; exit 3")[1])

    def test_unknown_metadata_is_an_error(self):
        self.assertIn("unknown or repeated key 'stauts'", self.run_with("// stauts: 3\n" + PROGRAM, "exit 0")[1])

    def test_restriction_needs_a_reason(self):
        self.assertIn("without a reason", self.run_with("// opts: O2\n" + PROGRAM, "exit 0")[1])

    def test_matrix_gives_the_variants(self):
        program = PROGRAM.replace("// status", "// matrix: tls-brief\n// status")
        text = self.run_with(program, "echo right; exit 3", variants="desc|le$")[1]
        self.assertIn("ok p: 2 of 2 variants agree", text)
        text = self.run_with(program, "exit 1", variants="desc")[1]
        self.assertIn("FAILED p gcc-O2-fPIC-desc", text)
        self.assertIn("-O2 -fPIC -mtls-dialect=gnu2", text)

    def test_matrix_must_be_known_and_alone(self):
        self.assertIn("no such matrix", self.run_with("// matrix: nothing\n" + PROGRAM, "exit 0")[1])
        both = "// matrix: tls\n// opts: O2\n// why: no\n" + PROGRAM
        self.assertIn("no such matrix, or one with", self.run_with(both, "exit 0")[1])

    def test_nothing_selected_is_a_failure(self):
        status, text = self.run_with(PROGRAM, "exit 0", variants="nothing")
        self.assertEqual(status, 1)
        self.assertIn("0 passed, 0 failed", text)


if __name__ == "__main__":
    unittest.main()
