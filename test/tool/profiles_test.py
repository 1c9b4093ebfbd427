# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects compiled for coverage and profiles count what they count when the system linker has linked them.

Their run times are archives on the line, and write their files when the program exits.
"""
import shutil
import subprocess

from harness import expect, expect_equal, main, skip, test
from instrumented import CLANG, GCC, build, runtime, system_run

COUNTED = r"""
#include <stdio.h>
static int twice(int n) { return n > 1 ? 2 * n : n; }
int main(void) {
  int sum = 0;
  for (int i = 0; i < 10; i++) sum += twice(i);
  printf("%d\n", sum);
  return 0;
}
"""
# What the system linker and clang's driver give beside the archive: -u __llvm_profile_runtime, and a file header, in
# which the run time looks for build identifiers.
PROFILE_HELPER = r"""
#include <elf.h>
extern int __llvm_profile_runtime;
int* const wanted = &__llvm_profile_runtime;
__attribute__((visibility("hidden"))) const Elf64_Ehdr __ehdr_start = {.e_phoff = 0};
"""


@test
def code_for_gprof_runs_and_writes_no_profile(t):
    """Start-up code of -pg, gcrt1.o, turns the profile on: it is the start of a file, which there is none of."""
    if not GCC:
        skip("gcc is not installed")
    result = t.enfold("run", build(t, GCC, "counted", COUNTED, "-pg"))
    expect_equal((result.returncode, result.stdout), (0, b"89\n"), result)
    expect(not (t.directory / "gmon.out").exists(), "gmon.out is there: say so in the documentation")


def gcov_lines(t):
    """gcov's text of the counts, and nothing left of them."""
    done = subprocess.run(["gcov", "-t", "counted.c"], cwd=t.directory, capture_output=True, text=True, check=True)
    (t.directory / "counted.gcda").unlink()
    return done.stdout


@test
def coverage_counts_are_those_of_the_system_linked_program(t):
    archive = runtime(GCC, "libgcov.a")
    if not archive or not shutil.which("gcov"):
        skip("gcov is not installed")
    target = build(t, GCC, "counted", COUNTED, "--coverage")
    system_run(t, GCC, target, "--coverage")
    theirs = gcov_lines(t)
    result = t.enfold("run", target, archive)
    expect_equal((result.returncode, result.stdout, result.stderr), (0, b"89\n", b""), result)
    ours = gcov_lines(t)
    expect("10:    3:static int twice" in theirs, theirs)
    expect_equal(ours, theirs)


def counts(t, profile):
    done = subprocess.run(["llvm-profdata-19", "show", "--counts", "--all-functions", profile], cwd=t.directory,
                          capture_output=True, text=True, check=True)
    return done.stdout


def same_profile(t, flag):
    archive = runtime(CLANG, "libclang_rt.profile-x86_64.a") or runtime(CLANG, "libclang_rt.profile.a")
    if not archive or not shutil.which("llvm-profdata-19"):
        skip("the run time of clang's profiles is not installed")
    target = build(t, CLANG, "counted", COUNTED, flag)
    system_run(t, CLANG, target, flag, LLVM_PROFILE_FILE="theirs.profraw")
    helper = build(t, CLANG, "helper", PROFILE_HELPER)
    # The run time keeps the name of its file: no leak, wherever a sanitizer of the tool looks.
    environment = t.environment(LLVM_PROFILE_FILE="ours.profraw", ASAN_OPTIONS="detect_leaks=0")
    result = t.enfold("run", target, helper, archive, env=environment)
    expect_equal((result.returncode, result.stdout, result.stderr), (0, b"89\n", b""), result)
    expect("Block counts: [10" in counts(t, "theirs.profraw"))
    expect_equal(counts(t, "ours.profraw"), counts(t, "theirs.profraw"))


@test
def profiles_of_clangs_front_end_are_those_of_the_system_linked_program(t):
    same_profile(t, "-fprofile-instr-generate")


@test
def profiles_of_clangs_middle_end_are_those_of_the_system_linked_program(t):
    same_profile(t, "-fprofile-generate")


main()
