#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sets run under valgrind, which runs translations of code: it has to be told when other code takes its place."""
import os
import subprocess

from harness import ENFOLD, PATIENCE, expect, expect_equal, main, test

SCRIPT = os.environ["ENFOLD_SET_SCRIPT"]
KINDS = ("alias", "forced", "strict")
LEAK = r"""
#include <stdlib.h>
__attribute__((noinline)) void *lose_it(void) { return malloc(123); }
int main(void) { return lose_it() == 0; }
"""


def valgrind(fixture, options, *program):
    done = subprocess.run(["valgrind", "--error-exitcode=99", *options, *program], cwd=fixture.directory,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2 * PATIENCE,
                          env=fixture.environment(DEBUGINFOD_URLS=None))
    return done


@test
def other_code_at_the_same_address(fixture):
    # With what valgrind looks for by itself turned off.
    for i in range(3):
        fixture.compile(f"f{i}.c", f"int f(int x) {{ return x + {i}; }}")
    steps = [step for i in range(3) for step in (f"link:s:f{i}.o", "call:s:f:10", "unload:s")]
    for kind in KINDS:
        done = valgrind(fixture, ["--tool=none", "--smc-check=none"], SCRIPT, f"memory={kind}", *steps)
        expect_equal(done.stdout, "f(10) = 10\nf(10) = 11\nf(10) = 12\n", done)


@test
def nothing_to_complain_of(fixture):
    fixture.compile("p.cc", "#include <iostream>\n#include <stdexcept>\n#include <vector>\n"
                    "int main() { std::vector<int> v(100, 1);\n"
                    "  try { v.at(100); } catch (const std::out_of_range&) { std::cout << \"caught\\n\"; } }\n", "-g")
    done = valgrind(fixture, [], ENFOLD, "run", "p.o")
    expect(done.returncode == 0 and "caught" in done.stdout, done)
    expect("ERROR SUMMARY: 0 errors" in done.stderr, done.stderr)


@test
def leak_of_linked_code_is_found(fixture):
    fixture.compile("p.c", LEAK, "-g")
    done = valgrind(fixture, ["--leak-check=full"], ENFOLD, "run", "p.o")
    expect("123 bytes in 1 blocks are definitely lost" in done.stderr, done.stderr)
    expect("???" in done.stderr, "linked functions have names: say so in the documentation", done.stderr)


main()
