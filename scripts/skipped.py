#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Says which tests of the last ctest run in a build directory were skipped, and why: scripts/skipped.py BUILD

ctest names the skipped tests, and leaves their reasons in its log. A test of many parts that skips some of them is
named with each. The exit status is 1 when a skipped test gives no reason.
"""
import collections
import pathlib
import re
import sys

# As GoogleTest prints GTEST_SKIP() << "reason", and as the tests in Python print it.
GOOGLE_REASON = re.compile(r"^\S+:\d+: Skipped\n(.*)$", re.MULTILINE)
OWN_REASON = re.compile(r"^skipped: (.+)$", re.MULTILINE)
TEST = re.compile(r"^\d+/\d+ Testing: (.*)$", re.MULTILINE)
NOT_RUN = re.compile(r"^Test Skipped", re.MULTILINE)
NONE = "(no reason given)"


def reasons_of(output):
    found = GOOGLE_REASON.findall(output) + OWN_REASON.findall(output)
    if not found and NOT_RUN.search(output):
        found = [""]
    return sorted({reason or NONE for reason in found})


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    log = pathlib.Path(sys.argv[1], "Testing/Temporary/LastTest.log").read_text(errors="replace")
    parts = TEST.split(log)[1:]
    tests = collections.defaultdict(list)
    for name, output in zip(parts[::2], parts[1::2]):
        for reason in reasons_of(output):
            tests[reason].append(name)
    if tests:
        print("Skipped:")
    for reason, names in sorted(tests.items()):
        print(f"  {reason}")
        print("".join(f"    {name}\n" for name in names), end="")
    return 1 if NONE in tests else 0


if __name__ == "__main__":
    sys.exit(main())
