#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What guard.py says of figures: guard_test.py"""

import contextlib
import io
import json
import unittest

import guard

COMMITTED = json.loads(guard.COMMITTED.read_text())
CALLS = {"link_calls": 0.01, "unload_calls": 0.01}


def judge(**altered):
    """The complaints, and what was printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        found = list(guard.complaints({**COMMITTED, **CALLS, **altered}, COMMITTED))
    return found, printed.getvalue()


class Guard(unittest.TestCase):
    def test_committed_figures_are_no_regression(self):
        found, printed = judge()
        self.assertEqual(found, [])
        self.assertNotIn("far below", printed)

    def test_more_instructions_are_one(self):
        for name, text in guard.INSTRUCTIONS.items():
            with self.subTest(name):
                found, _ = judge(**{name: COMMITTED[name] * 1.6})
                self.assertTrue(any(complaint.startswith(text) for complaint in found), found)

    def test_within_the_bound_is_none(self):
        self.assertEqual(judge(live=COMMITTED["live"] * 1.4)[0], [])

    def test_far_fewer_are_told(self):
        found, printed = judge(lua=COMMITTED["lua"] * 0.5)
        self.assertEqual(found, [])
        self.assertIn("far below", printed)

    def test_a_system_call_a_set_is_one(self):
        for name in ("link_calls", "unload_calls"):
            self.assertEqual(len(judge(**{name: 1.0})[0]), 1)

    def test_more_allocations_are_one(self):
        for name in ("link_allocations", "unload_allocations"):
            self.assertEqual(len(judge(**{name: 10 + 2 * COMMITTED[name]})[0]), 1)

    def test_a_cost_that_is_not_linear_is_one(self):
        found, _ = judge(**{"sections-8000": COMMITTED["sections-1000"] * 8 * 1.35})
        self.assertEqual([complaint.split(":")[0] for complaint in found], ["W6"])


if __name__ == "__main__":
    unittest.main()
