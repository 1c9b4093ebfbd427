#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums up what gcov knows of a run: coverage.py BUILD [FILE]...; see scripts/coverage.sh.

A line of a template, or of a header, is reached if any of its instances is.
"""

import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "src"
ROOMS = ("read", "plan", "reloc")
LEAST = 95.0  # of 100 lines, in each room


def counts(build):
    """{file below src/: {line: how often it ran}}"""
    lines = collections.defaultdict(collections.Counter)
    data = sorted(path.resolve() for path in (build / "CMakeFiles/enfold.dir").rglob("*.gcda"))
    for path in data:
        done = subprocess.run(["gcov", "--json-format", "--stdout", str(path)], capture_output=True, text=True,
                              check=True, cwd=build)
        for report in done.stdout.splitlines():
            for file in json.loads(report)["files"]:
                name = (build / file["file"]).resolve()
                if not name.is_relative_to(SOURCES):
                    continue
                for line in file["lines"]:
                    lines[str(name.relative_to(SOURCES))][line["line_number"]] += line["count"]
    return lines


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    lines = counts(build)
    fails = False
    for room in ROOMS:
        files = {name: found for name, found in lines.items() if name.startswith(room + "/")}
        total = sum(len(found) for found in files.values())
        if total == 0:
            print(f"coverage.py: error: nothing is known of src/{room}", file=sys.stderr)
            return 1
        for name, found in sorted(files.items()):
            missed = sum(1 for count in found.values() if count == 0)
            if missed:
                print(f"{100 * (len(found) - missed) / len(found):6.1f}  {name}: {missed} of {len(found)} lines missed")
        reached = sum(1 for found in files.values() for count in found.values() if count)
        share = 100 * reached / total
        fails |= share < LEAST
        print(f"{share:6.1f}  src/{room}: {reached} of {total} lines")
    for name in sys.argv[2:]:
        text = (SOURCES / name).read_text().splitlines()
        for number, count in sorted(lines[name].items()):
            if count == 0:
                print(f"{name}:{number}: {text[number - 1]}")
    return 1 if fails else 0


if __name__ == "__main__":
    sys.exit(main())
