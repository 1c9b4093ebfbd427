#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whether what a link costs grows as its input does: linear.py PROGRAM [--memory] [--show] [LIST]...

PROGRAM is enfold-linear, which plans, links and unloads inputs that hold one list of n, 2n and 4n items. Valgrind
counts the instructions of each; with --memory, the program says how much memory each took. Twice the items may cost
BOUND times as much. What costs more than that is an attack: somebody's file of a few megabytes that takes an hour.

LIST limits the lists to those whose names contain one of these words. Exits with 77 where valgrind is missing.
"""

import argparse
import itertools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BOUND = 2.2
MEMORY_SLACK = 4096  # KiB: large pages come whole
SKIPPED = 77

# What is not linear, and why: twice the list may cost four times as much.
SQUARE = {
    "versions, all held":
        "each old version, as long as it is held, depends on the newest; and whoever goes looks for rings of versions"}
SQUARE_BOUND = 4.2


class Failure(Exception):
    """Something that keeps the lists from being measured."""


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"status {done.returncode} from: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def instructions(program, words):
    """(length, list, instructions) of each measurement. Callgrind leaves a file for each call of what is counted."""
    with tempfile.TemporaryDirectory() as directory:
        counted = "enfold_linear_counted"
        lines = run("valgrind", "--tool=callgrind", f"--toggle-collect={counted}", f"--dump-after={counted}",
                    "--compress-strings=no", f"--callgrind-out-file={directory}/out", program, "instructions",
                    *words).splitlines()
        files = [path for path in pathlib.Path(directory).iterdir() if path.name != "out"]
        if len(files) != len(lines):
            raise Failure(f"{len(files)} files of {len(lines)} measurements")
        for line, path in zip(lines, sorted(files, key=lambda path: int(path.name.split(".")[1]))):
            length, name = line.split(" ", 1)
            yield int(length), name, int(re.search(r"^(?:totals|summary): (\d+)", path.read_text(), re.MULTILINE)[1])


def memory(program, words):
    for line in run(program, "memory", *words).splitlines():
        length, rest = line.split(" ", 1)
        name, size = rest.split("\t")
        yield int(length), name, int(size)


def complaints(measured, slack, show):
    """What grows faster than its list: a list's shortest length comes first, and each that follows is twice as long."""
    for name, group in itertools.groupby(measured, key=lambda row: row[1]):
        rows = list(group)
        ratios = [(after - slack) / max(before, 1) for (_, _, before), (_, _, after) in itertools.pairwise(rows)]
        if show:
            figures = ", ".join(f"{figure:,}" for _, _, figure in rows)
            print(f"{name}, {rows[0][0]:,} and on: {figures}: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))
        if max(ratios) > (SQUARE_BOUND if name in SQUARE else BOUND):
            yield f"{name}: twice the list costs {max(ratios):.2f} times as much"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("lists", nargs="*")
    parser.add_argument("--memory", action="store_true", help="measure the highest resident size instead")
    parser.add_argument("--show", action="store_true", help="print all figures")
    options = parser.parse_args()
    if not options.memory and not shutil.which("valgrind"):
        print("skipped: valgrind is not installed (scripts/setup.sh --tests installs it)")
        return SKIPPED
    try:
        measured = (memory if options.memory else instructions)(options.program, options.lists)
        wrong = list(complaints(measured, MEMORY_SLACK if options.memory else 0, options.show))
    except Failure as failure:
        print(f"linear.py: error: {failure}", file=sys.stderr)
        return 1
    for complaint in wrong:
        print(f"FAILED: {complaint}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
