#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""gdb sets breakpoints in code that was linked, whatever kind of memory it lies in."""
import subprocess

from harness import ENFOLD, expect, main, test

PROGRAM = r"""
#include <stdio.h>
__attribute__((noinline)) int f(int x) { return x + 1; }
int main(void) {
  __asm__ volatile("int3" : : "a"(f));
  int r = f(3);
  printf("%d\n", r);
  return r == 4 ? 0 : 1;
}
"""


def stops_at_a_breakpoint(fixture, kind):
    fixture.write("p.c", PROGRAM)
    steps = ["run", "break *$rax", "continue", "x/i $pc", "continue"]
    commands = [word for step in steps for word in ("-ex", step)]
    # The search for leaks is itself done by a debugger's means.
    env = fixture.environment(ASAN_OPTIONS="detect_leaks=0", DEBUGINFOD_URLS=None)
    gdb = subprocess.run(["gdb", "-nx", "-batch", *commands, "--args", ENFOLD, "run", f"--memory={kind}", "p.c"],
                         cwd=fixture.directory, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    for expected in ("Breakpoint 1, 0x", "\n4\n", "exited normally"):
        expect(expected in gdb.stdout, gdb.stdout + gdb.stderr)


@test
def breakpoint_in_aliased_pages(fixture):
    stops_at_a_breakpoint(fixture, "alias")


@test
def breakpoint_in_forced_pages(fixture):
    stops_at_a_breakpoint(fixture, "forced")


@test
def breakpoint_in_pages_of_its_own(fixture):
    stops_at_a_breakpoint(fixture, "strict")


main()
