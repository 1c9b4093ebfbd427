# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tool, with the n-th allocation, mapping, thread, open or read refused: each run succeeds, or says why with status
125, and ends. tool_test.py ENFOLD INJECT.SO [all]

Without "all", a part of the numbers is tried, spread over all of them, in about a minute.
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

ENFOLD, INJECT = (os.path.abspath(path) for path in sys.argv[1:3])
ALL = sys.argv[3:] == ["all"]
CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))
SECONDS = 45  # for all cases together, unless all numbers are tried
LIMIT = 60  # seconds that a run may take
OWN_ERROR = 125
EXPECTED = 7

SMALL = "int main(void) { return 7; }"
LIBRARIES = """
#include <string>
thread_local std::string word = "long enough to lie on the heap";
static std::string other = word;
int main() { return static_cast<int>(other.size() - word.size()) + 7; }
"""
LARGE = """
        .section .rodata.%d,"a",@progbits
        .globl large%d
        .balign 16
large%d: .fill 40, 8, %d
        .quad main
"""


def compile_one(directory, name, text, *flags):
    (directory / name).write_text(text)
    compiler = CXX if name.endswith(".cc") else CC
    target = name.rsplit(".", 1)[0] + ".o"
    subprocess.run([*compiler, "-fPIC", *flags, "-c", name, "-o", target], cwd=directory, check=True)
    return target


def cases(directory):
    small = compile_one(directory, "small.c", SMALL)
    cxx = compile_one(directory, "libraries.cc", LIBRARIES)
    large = [compile_one(directory, f"large{k}.s", "".join(LARGE % (i, i, i, i) for i in range(k, k + 6000)))
             for k in (0, 6000, 12000)]
    libraries = ["-lstdc++", "-lm"]
    return [
        ("start", ["run", small], EXPECTED),
        ("small", ["run", small], EXPECTED),
        ("threads", ["run", "--threads", "4", small, *large], EXPECTED),
        ("libraries", ["run", cxx, *libraries], EXPECTED),
        ("strict", ["run", "--memory=strict", "--explain-crash", small], EXPECTED),
        ("plan", ["plan", "--json", "--sections", small], 0),
        ("map", ["plan", "--sections", "--map", "map", small, *large[:1]], 0),
    ]


KINDS = ["allocation", "map", "protect", "thread", "open", "read", "file"]


class Failure(Exception):
    pass


def run(directory, words, kind, n, when):
    """Whether a call was refused; raises where the run is not as promised."""
    reader, writer = os.pipe()
    env = dict(os.environ, LD_PRELOAD=INJECT, ENFOLD_FAULT=f"{kind}:{n}:{writer}:{when}", ENFOLD_MEMORY="")
    try:
        result = subprocess.run([ENFOLD, *words], cwd=directory, env=env, pass_fds=[writer], capture_output=True,
                                timeout=LIMIT)
    except subprocess.TimeoutExpired as expired:
        raise Failure(f"does not end; stderr {expired.stderr!r}") from None
    finally:
        os.close(writer)
        refused = len(os.read(reader, 1)) != 0
        os.close(reader)
    return refused, result


def check(result, expected, plan):
    if result.returncode == expected and (not plan or result.stdout):
        return
    said = result.stderr.decode(errors="replace")
    if result.returncode == OWN_ERROR and said.count("enfold: error: ") == 1 and not (plan and result.stdout):
        return
    raise Failure(f"status {result.returncode}, {len(result.stdout)} bytes on stdout, stderr {said[:300]!r}")


def numbers(budget):
    """0, 1, 2, ... or, once the time is up, in growing steps."""
    n, step, end = 0, 1, time.monotonic() + budget
    while True:
        yield n
        if not ALL and time.monotonic() > end:
            step += step // 2 + 1
        n += step


def main():
    failed = tried = 0
    with tempfile.TemporaryDirectory(prefix="enfold-faults-") as name:
        directory = pathlib.Path(name)
        todo = [(case, kind) for case in cases(directory) for kind in KINDS]
        for (title, words, expected), kind in todo:
            share = SECONDS / len(todo) * (3 if kind == "allocation" else 0.6)
            for n in numbers(share):
                refused = True
                tried += 1
                try:
                    when = "again" if words[0] == "run" and title != "start" else "first"
                    refused, result = run(directory, words, kind, n, when)
                    check(result, expected, words[0] == "plan")
                except Failure as failure:
                    failed += 1
                    print(f"FAILED {title}: {kind} {n}: {failure}", flush=True)
                    if failed > 20:
                        sys.exit(1)
                if not refused:
                    break
    print(f"{tried} runs, {failed} failed")
    sys.exit(failed != 0)


main()
