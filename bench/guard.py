#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares what links cost with what they cost when guard.json was written: guard.py PROGRAM OBJECTS [--refresh]

Instructions, as valgrind counts them, and operations: the same on a busy machine as on an idle one. A figure that is
more than BOUND times the committed one fails; one that is far below it is told, so that the file is written again:

    cmake --build --preset release --target enfold-bench-guard-refresh

PROGRAM is enfold-bench-guard; OBJECTS is a directory to make the linked objects in. Exits with 77 where valgrind is
missing or no mirror has the source that it compiles.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COMMITTED = HERE / "guard.json"
SKIPPED = 77
FETCH_OUT_OF_REACH = 69  # a status of scripts/fetch-source.sh

BOUND = 1.5  # compilers and C libraries differ by a few hundredths
FAR_BELOW = 0.7
CALLS_BOUND = 0.05  # system calls a set: a chunk of pooled memory serves many
LINEAR_BOUND = 1.3  # what a section of many may cost more than a section of few

# Measurement of guard.cc, and what a figure of it says.
INSTRUCTIONS = {
    "live": "W1: a tiny object, linked and kept",
    "churn": "W1: a tiny object, linked and unloaded",
    "generated-60": "W2: 60 C objects that call each other and the C library, linked and unloaded",
    "lua": "W3: Lua, 33 objects, linked and unloaded",
    "sections-1000": "W6: an object of 1,000 function sections, linked and unloaded",
    "sections-8000": "W6: an object of 8,000 function sections, linked and unloaded"}


class Failure(Exception):
    """Something that keeps the guard from measuring."""


class OutOfReach(Exception):
    """A source that no mirror has."""


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode == FETCH_OUT_OF_REACH and pathlib.Path(command[0]).name == "fetch-source.sh":
        raise OutOfReach(done.stderr.strip())
    if done.returncode:
        raise Failure(f"status {done.returncode} from: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done


def make_objects(directory, sources):
    """Lua's source is fetched once for all builds, as test/real does."""
    run(HERE.parent / "scripts/fetch-source.sh", "lua5.4", sources / "lua5.4")
    programs = [name for name in INSTRUCTIONS if name not in ("live", "churn")]
    run(sys.executable, "-B", HERE / "peers/generate.py", sources, directory, "tiny", *programs)


def values(text):
    return {name: float(value) for name, value in (line.split() for line in text.splitlines())}


def instructions(program, directory, measurement):
    """Instructions for each set."""
    done = run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               "--toggle-collect=enfold_guard_counted", program, directory, measurement)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if not collected or collected[1] == "0":
        raise Failure(f"valgrind counted nothing in {measurement}:\n{done.stderr}")
    return round(int(collected[1]) / values(done.stdout)["sets"])


def measure(program, directory):
    found = {name: instructions(program, directory, name) for name in INSTRUCTIONS}
    operations = values(run(program, directory, "operations").stdout)
    for name in ("link_allocations", "unload_allocations", "link_calls", "unload_calls"):
        found[name] = round(operations[name] / operations["sets"], 3)
    return found


def rows(found, committed):
    """(text, figure, bound, committed figure if there is one): the figure must not be over its bound."""
    for name, text in INSTRUCTIONS.items():
        yield f"{text}: instructions", found[name], committed[name] * BOUND, committed[name]
    for what in ("link", "unload"):
        name = f"{what}_allocations"
        yield f"W1: allocations, {what}", found[name], max(committed[name] * BOUND, 2), committed[name]
        yield f"W1: system calls, {what}", found[f"{what}_calls"], CALLS_BOUND, None
    ratio = found["sections-8000"] / 8 / found["sections-1000"]
    yield "W6: a section of 8,000 to one of 1,000", round(ratio, 3), LINEAR_BOUND, None


def complaints(found, committed):
    """Prints each figure beside the committed one, and yields what is wrong."""
    for text, figure, bound, before in rows(found, committed):
        limit = f"{bound:,.0f}" if bound >= 100 else f"{bound:.2f}"
        print(f"{text}: {figure:,} (bound {limit}" + ("" if before is None else f", committed {before:,}") + ")")
        if figure > bound:
            yield f"{text}: {figure:,} is over the bound of {limit}"
        elif before and figure < before * FAR_BELOW:
            print("  far below: write guard.json again, see the head of guard.py")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("objects", type=pathlib.Path)
    parser.add_argument("--sources", type=pathlib.Path, default=HERE.parent / "build/sources")
    parser.add_argument("--committed", type=pathlib.Path, default=COMMITTED)
    parser.add_argument("--refresh", action="store_true", help="write the committed figures instead")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed (scripts/setup.sh --tests installs it)")
        return SKIPPED
    try:
        make_objects(options.objects, options.sources)
        found = measure(options.program, options.objects)
    except OutOfReach as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    except Failure as failure:
        print(f"guard.py: error: {failure}", file=sys.stderr)
        return 1
    if options.refresh:
        compared = {name: figure for name, figure in found.items() if not name.endswith("_calls")}
        options.committed.write_text(json.dumps(compared, indent=2) + "\n")
        print(options.committed)
        return 0
    wrong = list(complaints(found, json.loads(options.committed.read_text())))
    for complaint in wrong:
        print(f"FAILED: {complaint}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
