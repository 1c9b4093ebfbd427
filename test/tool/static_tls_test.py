#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Static thread-local storage: the program sees nothing of how it is had, and has no less than a linked one."""
import os
import subprocess

from harness import CC, ENFOLD, expect_equal, main, test
from watched import Watched, put

LOOK = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern char **environ;
static __thread char own[%d] __attribute__((aligned(%d)));
int main(void) {
  own[1] = 1;
  for (int i = 0; i < 64; i++) if (fcntl(i, F_GETFD) >= 0) printf("%%d ", i);
  for (char **e = environ; *e; e++) {
    if (strstr(*e, "TUNABLES") || strstr(*e, "ENFOLD") || strstr(*e, "PRELOAD")) printf("%%s ", *e);
  }
  printf("%%d\n", (int)((unsigned long)own %% %d));
  return 0;
}
"""
SHAPES = [(40, 1), (3 << 20, 1), (40, 4096), (100000, 1024)]


def both(t, command, **options):
    """What a program prints, linked and run from its object, with the shell's words around it."""
    run = lambda what: subprocess.run(["bash", "-c", command.replace("PROGRAM", what)], cwd=t.directory,
                                      capture_output=True, text=True, timeout=60, **options)
    linked = run("./linked")
    ours = run(f"'{ENFOLD}' run p.o")
    expect_equal((ours.stdout, ours.returncode), (linked.stdout, linked.returncode), ours)
    return ours


def build(t, text, *flags):
    t.compile("p.c", text, "-O1", *flags)
    subprocess.run([*CC, "p.o", "-o", "linked", "-pthread"], cwd=t.directory, check=True)


@test
def no_descriptor_is_open_and_standard_ones_stay_closed(t):
    for size, alignment in SHAPES:
        build(t, LOOK % (size, alignment, alignment))
        for closed in ("</dev/null", "<&-", "<&- 2>&-", "2>&-"):
            both(t, f"PROGRAM {closed}")


@test
def the_environment_is_the_users(t):
    for size, alignment in SHAPES:
        build(t, LOOK % (size, alignment, alignment))
        for variables in ({}, {"GLIBC_TUNABLES": "glibc.malloc.check=0"}, {"GLIBC_TUNABLES": ""}, {"LD_PRELOAD": ""},
                          {"LD_PRELOAD": "libm.so.6", "GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=1000"}):
            environment = {k: v for k, v in os.environ.items() if k not in ("GLIBC_TUNABLES", "LD_PRELOAD")}
            both(t, "PROGRAM", env={**environment, **variables})


@test
def few_descriptors_are_enough(t):
    build(t, LOOK % (40, 1, 1))
    both(t, "ulimit -n 8; PROGRAM")


@test
def a_library_of_another_library_has_its_room(t):
    t.write("deep.c", 'static __thread char t[200000] __attribute__((tls_model("initial-exec")));\n'
                      "int deep(void) { return ++t[199999]; }\n")
    t.write("mid.c", '#include <stdio.h>\nint deep(void); int mid(void) { return deep(); }\n'
                     '__attribute__((constructor)) static void up(void) { puts("up"); }\n')
    t.write("p.c", "int mid(void); int main(void) { return mid() + mid(); }")
    for command in (["-shared", "-fPIC", "deep.c", "-o", "libdeep.so"], ["-c", "p.c"],
                    ["-shared", "-fPIC", "mid.c", "-o", "libmid.so", "-L.", "-ldeep", "-Wl,-rpath,$ORIGIN"]):
        subprocess.run([*CC, *command], cwd=t.directory, check=True)
    result = t.enfold("run", "p.o", "-L.", "-lmid")
    expect_equal((result.stdout, result.returncode), (b"up\n", 3), result)


@test
def new_versions_have_room_for_their_own(t):
    text = '#include <stdio.h>\nstatic __thread char t[%d];\nvoid step(void) { printf("%d %%d\\n", ++t[1]); }\n' \
           "int main(void) { char s[9]; setlinebuf(stdout); while (fgets(s, 9, stdin)) step(); return 0; }\n"
    t.write("p.c", text % (2000, 1))
    with Watched(t, "p.c") as program:
        expect_equal(program.ask(), "1 1")
        for version in range(2, 7):
            put(t, "p.c", text % (2000 + 100 * version, version))
            program.relinked(version)
            expect_equal(program.ask(), f"{version} 1")
        program.end()


main()
