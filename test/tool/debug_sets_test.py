#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""gdb knows the functions, lines and variables of sets, from their link to the end of them."""
import os
import subprocess

from harness import ENFOLD, PATIENCE, expect, expect_equal, main, skip, test

SCRIPT = os.environ["ENFOLD_SET_SCRIPT"]
KINDS = ("alias", "forced", "strict")

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
static int depth;
__attribute__((noinline)) static int leaf(int x) {
  int twice = x * 2;
  depth++;
  return twice + depth;
}
__attribute__((noinline)) int compare(const void *a, const void *b) {
  int d = *(const int *)a - *(const int *)b;
  return d + 0 * leaf(d);
}
int main(void) {
  int v[] = {3, 1};
  qsort(v, 2, sizeof v[0], compare);
  puts("sorted");
  return 0;
}
"""
ADVANCE = """
int count;
int advance_it(int x) {
  count += x;
  return x + %d;
}
"""


def gdb(fixture, steps, *program):
    commands = [word for step in steps for word in ("-ex", step)]
    env = fixture.environment(ASAN_OPTIONS="detect_leaks=0", DEBUGINFOD_URLS=None)
    done = subprocess.run(["gdb", "-nx", "-batch", "-ex", "set breakpoint pending on", "-ex", "set width 0", *commands,
                           "--args", *program], cwd=fixture.directory, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    return done.stdout


def expect_in_order(text, *parts):
    at = 0
    for part in parts:
        found = text.find(part, at)
        expect(found >= 0, repr(part), "not found in its place in:\n", text)
        at = found + len(part)


def shows_a_program(fixture, kind, *flags):
    fixture.compile("p.c", PROGRAM, "-g", *flags)
    out = gdb(fixture, ["break leaf", "break p.c:17", "run", "bt", "finish", "delete 1", "continue", "bt", "continue"],
              ENFOLD, "run", "--gdb", f"--memory={kind}", "p.o")
    expect_in_order(out, "Breakpoint 1, leaf (x=", "p.c:", "#1 ", "compare (a=", "sort", "main () at p.c:16",
                    "compare (a=", "Breakpoint 2, main () at p.c:17", "#0  main () at p.c:17", "tool::run", "sorted",
                    "exited normally")


@test
def breakpoints_set_before_the_link_in_every_kind_of_memory(fixture):
    for kind in KINDS:
        shows_a_program(fixture, kind)


@test
def code_without_frame_pointers(fixture):
    shows_a_program(fixture, "alias", "-O2", "-fomit-frame-pointer", "-fno-optimize-sibling-calls")


@test
def compressed_debug_information(fixture):
    shows_a_program(fixture, "alias", "-gz")


# gdb does not read them: it is shown others.
@test
def compact_relocations_of_debug_information(fixture):
    fixture.write("p.c", PROGRAM)
    subprocess.run(["clang-19", "-g", "-Wa,--allow-experimental-crel,--crel", "-c", "p.c"], cwd=fixture.directory,
                   check=True)
    out = gdb(fixture, ["break leaf", "run", "next", "info locals", "up", "print d"], ENFOLD, "run", "p.o")
    expect_in_order(out, "Breakpoint 1, leaf (x=2) at p.c:6", "twice = 4", "compare", "= 2")


@test
def stepping_and_locals(fixture):
    fixture.compile("p.c", PROGRAM, "-g")
    out = gdb(fixture, ["break leaf", "run", "next", "info locals", "next", "print depth", "up", "print d"],
              ENFOLD, "run", "p.o")
    expect_in_order(out, "depth++;", "twice = 4", "return twice", "= 1", "compare", "= 2")


@test
def breakpoint_set_after_the_link(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g")
    fixture.archive("a.a", "a.o")
    out = gdb(fixture, ["break checkpoint", "run", "break a.c:4", "continue", "bt", "continue"],
              SCRIPT, "link:a:a.a", "stop", "call:a:advance_it:5")
    expect_in_order(out, "checkpoint", "Breakpoint 2, advance_it (x=5) at a.c:4", "#1 ", "main", "advance_it(5) = 6")


@test
def what_is_unloaded_is_not_known(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g")
    out = gdb(fixture, ["break checkpoint", "run", "info symbol advance_it", "set $f = (void*)advance_it", "continue",
                        "info symbol $f", "info line advance_it", "continue"],
              SCRIPT, "link:a:a.o", "stop", "unload:a", "stop")
    expect_in_order(out, "advance_it in section .text", "No symbol matches $f", 'Function "advance_it" not defined',
                    "exited normally")


@test
def breakpoint_in_what_is_linked_anew(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g", "-O2")
    fixture.compile("b.c", ADVANCE % 2, "-g", "-O2")
    for kind in KINDS:
        out = gdb(fixture, ["break advance_it", "break checkpoint", "run", "continue", "continue", "bt", "continue"],
                  SCRIPT, f"memory={kind}", "link:a:a.o", "call:a:advance_it:1", "unload:a", "stop", "link:a:b.o",
                  "call:a:advance_it:1", "stop")
        expect_in_order(out, "Breakpoint 1, advance_it (x=1) at a.c:4", "advance_it(1) = 2", "checkpoint",
                        "Breakpoint 1, advance_it (x=1) at b.c:4", "advance_it(1) = 3", "checkpoint")
        expect("no longer writable" not in out, out)


@test
def breakpoint_in_the_new_version(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g", "-O2", "-fPIC")
    fixture.compile("b.c", ADVANCE % 2, "-g", "-O2", "-fPIC")
    out = gdb(fixture, ["break advance_it", "run", "continue", "bt", "continue"],
              SCRIPT, "linkr:a:a.o", "call:a:advance_it:1", "replace:a:b.o", "call:a:advance_it:1")
    expect_in_order(out, "advance_it (x=1) at a.c:4", "advance_it(1) = 2", "advance_it (x=1) at b.c:4",
                    "advance_it(1) = 3", "exited normally")


@test
def function_that_was_dropped_has_no_place(fixture):
    # Both functions are in one section, so that the second does not lie at 0 in the file.
    fixture.compile("dropped.c", "int unused_one(int x) { return x; }\nint unused_two(int x) { return x + 1; }\n"
                    "__attribute__((section(\".text.kept\"))) int kept(int x) { return x; }\n", "-g")
    out = gdb(fixture, ["set environment GC_ROOT kept", "break checkpoint", "run", "info line unused_two",
                        "break dropped.c:2", "break kept", "continue", "continue"],
              SCRIPT, "link:a:dropped.o", "stop", "call:a:kept:1")
    expect("Cannot insert" not in out, out)
    expect("is at address" not in out and "starts at address" not in out, out)
    expect_in_order(out, "kept (x=1) at dropped.c:3", "kept(1) = 1", "exited normally")


@test
def common_variables(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g", "-fcommon")
    out = gdb(fixture, ["break checkpoint", "run", "print count", "continue"],
              SCRIPT, "link:a:a.o", "call:a:advance_it:7", "stop")
    expect_in_order(out, "checkpoint", "$1 = 7")


@test
def objects_without_debug_information(fixture):
    fixture.compile("a.c", ADVANCE % 1)
    for debugger, known in (("debug", False), ("all", True), ("none", False)):
        out = gdb(fixture, ["break checkpoint", "run", "break advance_it", "continue"],
                  SCRIPT, f"debugger={debugger}", "link:a:a.o", "stop", "call:a:advance_it:7")
        expect(("in advance_it ()" in out) == known, debugger, out)


@test
def child_of_a_fork(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g")
    fixture.compile("b.c", (ADVANCE % 2).replace("advance_it", "in_child").replace("count", "other"), "-g")
    out = gdb(fixture, ["set follow-fork-mode child", "break in_child", "run", "bt", "break advance_it", "continue",
                        "continue"],
              SCRIPT, "link:a:a.o", "fork", "link:b:b.o", "call:b:in_child:1", "call:a:advance_it:2", "unload:a")
    expect_in_order(out, "in_child (x=1) at b.c:4", "advance_it (x=2) at a.c:4", "exited normally")


@test
def attached_late(fixture):
    fixture.compile("a.c", ADVANCE % 1, "-g")
    os.mkfifo(fixture.directory / "go")  # gdb lets the program go on, when the breakpoint is set
    end = os.open(fixture.directory / "go", os.O_RDWR)
    program = subprocess.Popen([SCRIPT, "link:a:a.o", "wait", "call:a:advance_it:9"], cwd=fixture.directory,
                               stdin=end, stdout=subprocess.PIPE, text=True)
    try:
        expect_equal(program.stdout.readline(), "waiting\n")
        done = subprocess.run(["gdb", "-nx", "-batch", "-p", str(program.pid), "-ex", "break a.c:4",
                               "-ex", "shell echo >go", "-ex", "continue", "-ex", "bt", "-ex", "delete", "-ex", "detach"],
                              cwd=fixture.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
                              env=fixture.environment(DEBUGINFOD_URLS=None))
        if "Operation not permitted" in done.stdout:
            skip("the system lets nobody attach")
        expect_in_order(done.stdout, "Breakpoint 1, advance_it (x=9) at a.c:4", "#0  advance_it")
        out, _ = program.communicate(timeout=PATIENCE)
        expect("advance_it(9) = 10" in out, out)
    finally:
        program.kill()
        program.wait()
        os.close(end)


main()
