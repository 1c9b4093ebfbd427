#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scripts/skipped.py states the reason of each skipped test, and complains of one without."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/skipped.py"
PASSED = """1/4 Testing: unit.Fine
Output:
----------------------------------------------------------
[       OK ] Fine
<end of output>
----------------------------------------------------------
Test Passed.
"""
WITH_REASON = """2/4 Testing: unit.Fork
Output:
----------------------------------------------------------
[ RUN      ] Fork
test/unit/fork_test.cc:80: Skipped
children are not followed

[  SKIPPED ] Fork (0 ms)
<end of output>
----------------------------------------------------------
Test Skipped.
"""
WITHOUT_REASON = """3/4 Testing: memory.Resident
Output:
----------------------------------------------------------
[ RUN      ] Resident
test/memory/a_test.cc:9: Skipped

[  SKIPPED ] Resident (0 ms)
<end of output>
----------------------------------------------------------
Test Skipped.
"""
IN_PART = """4/4 Testing: tool.run
Output:
----------------------------------------------------------
skipped: attached_late: the system lets nobody attach
3 passed, 0 failed, 1 skipped
<end of output>
----------------------------------------------------------
Test Passed.
"""


def outcome(log):
    with tempfile.TemporaryDirectory() as build:
        place = pathlib.Path(build, "Testing/Temporary")
        place.mkdir(parents=True)
        (place / "LastTest.log").write_text(log)
        done = subprocess.run([sys.executable, "-B", str(SCRIPT), build], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


class SkippedTest(unittest.TestCase):
    def test_nothing_is_said_where_all_ran(self):
        self.assertEqual(outcome(PASSED), (0, ""))

    def test_reasons_are_listed_with_their_tests(self):
        status, text = outcome(PASSED + WITH_REASON + IN_PART)
        self.assertEqual(text, "Skipped:\n  attached_late: the system lets nobody attach\n    tool.run\n"
                               "  children are not followed\n    unit.Fork\n")
        self.assertEqual(status, 0)

    def test_missing_reason_is_an_error(self):
        status, text = outcome(WITH_REASON + WITHOUT_REASON)
        self.assertIn("  (no reason given)\n    memory.Resident\n", text)
        self.assertEqual(status, 1)


if __name__ == "__main__":
    unittest.main()
