#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What it takes to start a small program: start.py ENFOLD OUT.json [ROUNDS]

The program says hello. It is run as the system linker makes it, by `enfold run` from its object, and by `enfold run`
without making it a shared object. Each round runs each once; the figures are medians: elapsed time, and processor time
of the process, user and system.
"""

import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

HELLO = r'#include <stdio.h>' + '\nint main(void) { return puts("hello") < 0; }\n'
WAYS = {"linked": "linked by the system linker", "run": "enfold run", "plain": "enfold run --no-shared-object"}


def once(command):
    """Microseconds: elapsed, of the processor."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"start.py: {shlex.join(command)} ended with {child.returncode}")
    return 1e6 * elapsed, 1e6 * (usage.ru_utime + usage.ru_stime)


def main():
    enfold, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    with tempfile.TemporaryDirectory(prefix="enfold-start-") as directory:
        source = pathlib.Path(directory, "hello.c")
        source.write_text(HELLO)
        object_file, linked = str(source.with_suffix(".o")), str(source.with_suffix(""))
        subprocess.run(["cc", "-O2", "-c", str(source), "-o", object_file], check=True)
        subprocess.run(["cc", object_file, "-o", linked], check=True)
        commands = {"linked": [linked], "run": [enfold, "run", object_file],
                    "plain": [enfold, "run", "--no-shared-object", object_file]}
        samples = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way, command in commands.items():
                samples[way].append(once(command))
    medians = {way: {"elapsed_us": round(statistics.median(s[0] for s in some), 1),
                     "cpu_us": round(statistics.median(s[1] for s in some), 1),
                     "least_us": round(min(s[0] for s in some), 1)} for way, some in samples.items()}
    out.write_text(json.dumps({"rounds": rounds, "ways": medians}, indent=1) + "\n")
    for way, figures in medians.items():
        print(f"{WAYS[way]}: {figures['elapsed_us']:,.0f} us, of the processor {figures['cpu_us']:,.0f} us")


if __name__ == "__main__":
    main()
