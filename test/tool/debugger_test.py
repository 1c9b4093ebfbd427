#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""gdb sets breakpoints in code that was linked, whatever kind of memory it lies in."""
import shutil
import subprocess

from harness import CC, CXX, ENFOLD, PATIENCE, expect, main, skip, test

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


VARIABLES = r"""
#include <pthread.h>
#include <stddef.h>
__thread int counted = 3;
static __thread struct { long before; double value; } hidden = {1, 2.5};
__attribute__((noinline)) int stop_here(int x) { __asm__ volatile("" ::: "memory"); return x + counted + (hidden.value > 9); }
static void *other(void *p) { counted = 40; hidden.value = 7.5; stop_here(1); return p; }
int main(void) {
  pthread_t t;
  stop_here(0);
  pthread_create(&t, NULL, other, NULL);
  pthread_join(t, NULL);
  return 0;
}
"""
# Either compiler, each version of DWARF, compressed, and variables that no thread has at one distance.
SHAPES = [(["gcc", "-gdwarf-4"], True), (["gcc", "-gdwarf-5", "-gz=zlib"], True), (["clang-19", "-gdwarf-5"], True),
          (["gcc", "-g", "-fPIC", "-ftls-model=global-dynamic"], False)]


def print_all(fixture, commands, *words):
    """What gdb prints for the commands at each stop in stop_here()."""
    steps = ["set debuginfod enabled off", "set breakpoint pending on", "break stop_here", "run"]
    for _ in range(2):
        steps += [*commands, "continue"]
    gdb = subprocess.run(["gdb", "-nx", "-q", "-batch", *(w for s in steps for w in ("-ex", s)), "--args", *words],
                         cwd=fixture.directory, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         env=fixture.environment(ASAN_OPTIONS="detect_leaks=0", DEBUGINFOD_URLS=None))
    return [l for l in (gdb.stdout + gdb.stderr).splitlines() if l.startswith(("$", "Cannot access", "type = "))]


@test
def thread_locals_are_shown_or_refused(fixture):
    fixture.write("v.c", VARIABLES)
    for (compiler, *flags), known in SHAPES:
        if not shutil.which(compiler):
            continue
        subprocess.run([compiler, "-O0", *flags, "-c", "v.c"], cwd=fixture.directory, check=True)
        subprocess.run([*CC, "v.o", "-o", "linked", "-pthread"], cwd=fixture.directory, check=True)
        commands = ["print counted", "print hidden", "print hidden.value * 2"]
        linked, ours = print_all(fixture, commands, "./linked"), print_all(fixture, commands, ENFOLD, "run", "v.o")
        expect(len(linked) == 6, linked)
        if known:
            expect(ours == linked, compiler, flags, ours, linked)
        else:
            expect(len(ours) == 6 and all(line.startswith("Cannot access memory") for line in ours), ours)


# Of the dynamic linker's objects, gdb asks it; no file has the name.
@test
def a_program_is_among_the_shared_libraries(fixture):
    fixture.write("v.c", VARIABLES)
    subprocess.run([*CC, "-O0", "-g", "-c", "v.c"], cwd=fixture.directory, check=True)
    for options, listed in ([], True), (["--no-shared-object"], False):
        steps = ["set debuginfod enabled off", "set breakpoint pending on", "break stop_here", "run",
                 "info sharedlibrary", "print counted", "continue", "print counted", "continue"]
        gdb = subprocess.run(["gdb", "-nx", "-q", "-batch", *(w for s in steps for w in ("-ex", s)), "--args", ENFOLD,
                              "run", "--name", "known-program", *options, "v.o"], cwd=fixture.directory, text=True,
                             env=fixture.environment(ASAN_OPTIONS="detect_leaks=0", DEBUGINFOD_URLS=None),
                             stdin=subprocess.DEVNULL, capture_output=True)
        lines = gdb.stdout.splitlines()
        names = [line.split()[-1] for line in lines if line.startswith(("0x", "    ")) and " No " in line]
        expect(names == (["known-program"] if listed else []), gdb.stdout, gdb.stderr)
        expect("$1 = 3" in lines and "$2 = 40" in lines, gdb.stdout, gdb.stderr)


@test
def ltrace_follows_a_program_and_sees_its_calls(fixture):
    if not shutil.which("ltrace"):
        skip("ltrace is not installed")
    fixture.compile("l.c", "#include <stdio.h>\nint main(void) { return puts(\"traced\") < 0; }", "-fno-builtin")
    done = subprocess.run(["ltrace", "-f", "-e", "none", "-x", "puts@libc.so*", "-o", "calls", ENFOLD, "run", "l.o"],
                          cwd=fixture.directory, text=True, capture_output=True, timeout=PATIENCE,
                          env=fixture.environment(ASAN_OPTIONS="detect_leaks=0"))
    calls = (fixture.directory / "calls").read_text()
    expect(done.returncode == 0 and done.stdout == "traced\n", done)
    expect("puts@libc.so.6(\"traced\")" in calls, calls[-2000:])


TYPES = r"""
struct inner { int x, y; };
template <class T> struct box { T held; double more; };
__attribute__((noinline)) int stop_here(box<inner> *p) { return p->held.x; }
int main() { box<inner> b{{4, 5}, 2.5}; stop_here(&b); b.held.y = 6; return stop_here(&b) - 4; }
"""


@test
def types_in_units_of_their_own_are_known(fixture):
    fixture.write("t.cc", TYPES)
    for compiler, *flags in (["g++", "-gdwarf-4"], ["g++", "-gdwarf-5"], ["g++", "-gdwarf-5", "-gz=zlib"],
                             ["clang++-19", "-gdwarf-5"]):
        if not shutil.which(compiler):
            continue
        command = [compiler, "-O0", *flags, "-fdebug-types-section"]
        subprocess.run([*command, "-c", "t.cc"], cwd=fixture.directory, check=True)
        subprocess.run([*CXX, "t.o", "-o", "linked"], cwd=fixture.directory, check=True)
        commands = ["print *p", "whatis p->held"]
        linked, ours = print_all(fixture, commands, "./linked"), print_all(fixture, commands, ENFOLD, "run", "t.o")
        expect(len(linked) == 4 and ours == linked, compiler, flags, ours, linked)


main()
