# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects compiled with a sanitizer report into its run time as they do when the system linker has linked them.

The run times of AddressSanitizer and ThreadSanitizer must be there before the process's first allocation: the tool
starts anew with them, they are preloaded by hand, or the tool is built with them. That of UndefinedBehaviorSanitizer may
stand on the line, as any library.
"""
from harness import SANITIZED, expect, expect_equal, main, skip, test
from instrumented import CLANG, GCC, build, runtime, system_run


HEAP = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char** argv) {
  int* block = malloc(4 * sizeof *block);
  (void)argv, puts("before"), fflush(stdout);
  int value = block[3 + argc];
  free(block);
  return value & 1;
}
"""
GLOBAL = r"""
#include <stdio.h>
int table[4] = {1, 2, 3, 4};
int main(int argc, char** argv) { (void)argv, puts("before"), fflush(stdout); return table[3 + argc]; }
"""
LEAK = r"""
#include <stdlib.h>
int main(void) { volatile char* block = malloc(77); block[0] = 1; block = 0; return 5; }
"""
HELD = r"""
#include <stdlib.h>
static char* held;
int main(void) { held = malloc(77); held[0] = 1; return 5; }
"""
OVERFLOW = r"""
#include <stdio.h>
int main(int argc, char** argv) { (void)argv; int big = 0x7fffffff; big += argc; printf("%d\n", big); return 3; }
"""
RACE = r"""
#include <pthread.h>
#include <stdio.h>
static int shared;
static void* run(void* unused) { shared++; return unused; }
int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, run, 0);
  shared++;
  pthread_join(thread, 0);
  puts("after");  // not the sum, which depends on who comes first
  return shared == 0;
}
"""


def preloaded(t, library, sanitizer):
    """An environment with a run time in the process from its start, unless the tool is built with it."""
    return t.environment(LD_PRELOAD=None if sanitizer in SANITIZED else library)


def reports(t, text, what, *flags):
    """An object with an error reports it, with the output and status of its twin from the system linker."""
    library = runtime(GCC, "libasan.so")
    if not library:
        skip("libasan.so is not installed")
    target = build(t, GCC, "bad", text, "-g", "-fsanitize=address", *flags)
    theirs = system_run(t, GCC, target, "-fsanitize=address", *flags, ASAN_OPTIONS=None)
    ours = t.enfold("run", target, env=preloaded(t, library, "address") | {"ASAN_OPTIONS": ""})
    expect(what in theirs.stderr.decode(), "the system's twin does not report:", theirs.stderr)
    expect_equal((ours.returncode, ours.stdout), (theirs.returncode, theirs.stdout), ours)
    expect(what in ours.stderr.decode(), "no", what, "in", ours.stderr)


@test
def address_sanitizer_reports_a_heap_overflow(t):
    reports(t, HEAP, "heap-buffer-overflow")


@test
def address_sanitizer_knows_the_sets_global_variables(t):
    reports(t, GLOBAL, "0 bytes to the right of global variable 'table'")


@test
def address_sanitizer_reports_a_leak(t):
    reports(t, LEAK, "77 byte(s) leaked in 1 allocation(s)")


@test
def what_a_sets_variable_leads_to_is_no_leak(t):
    library = runtime(GCC, "libasan.so")
    if not library:
        skip("libasan.so is not installed")
    target = build(t, GCC, "held", HELD, "-fsanitize=address")
    ours = t.enfold("run", target, env=preloaded(t, library, "address") | {"ASAN_OPTIONS": ""})
    expect_equal((ours.returncode, ours.stderr), (5, b""))


@test
def address_sanitizer_of_clang_reports_into_its_own_runtime(t):
    library = runtime(CLANG, "libclang_rt.asan-x86_64.so")
    if not library or "address" in SANITIZED:
        skip("libclang_rt.asan-x86_64.so is not installed, or the tool has a sanitizer of its own")
    target = build(t, CLANG, "bad", HEAP, "-g", "-fsanitize=address")
    ours = t.enfold("run", target, env=t.environment(LD_PRELOAD=library, ASAN_OPTIONS="symbolize=0"))
    expect_equal((ours.returncode, ours.stdout), (1, b"before\n"), ours)
    expect(b"heap-buffer-overflow" in ours.stderr, ours.stderr)


def loads_run_time(t, library, *arguments, env=None):
    """A process that has no run time of a sanitizer starts anew with it."""
    if not library or SANITIZED:
        skip("the run time is not installed, or the tool has one of its own")
    return t.enfold("run", *arguments, env=env or t.environment(ASAN_OPTIONS=None, TSAN_OPTIONS=None, CC=GCC))


@test
def address_sanitizers_run_time_is_loaded_for_objects_that_need_it(t):
    result = loads_run_time(t, runtime(GCC, "libasan.so"), build(t, GCC, "bad", HEAP, "-fsanitize=address"))
    expect_equal((result.returncode, result.stdout), (1, b"before\n"), result)
    expect(b"heap-buffer-overflow" in result.stderr, result.stderr)


@test
def address_sanitizer_on_the_line_comes_in_time(t):
    target = build(t, GCC, "bad", HEAP, "-fsanitize=address")
    result = loads_run_time(t, runtime(GCC, "libasan.so"), target, "-lasan")
    expect_equal((result.returncode, result.stdout), (1, b"before\n"), result)
    expect(b"heap-buffer-overflow" in result.stderr, result.stderr)


@test
def a_source_is_compiled_for_sanitizers_and_run_with_their_run_times(t):
    t.write("bad.c", OVERFLOW.replace("int big", "volatile char* lost = malloc(77); lost[0] = 1; lost = 0; int big")
            .replace("#include <stdio.h>", "#include <stdio.h>\n#include <stdlib.h>"))
    both = loads_run_time(t, runtime(GCC, "libubsan.so"), "-fsanitize=address,undefined", "bad.c")
    for report in (b"runtime error: signed integer overflow", b"77 byte(s) leaked in 1 allocation(s)"):
        expect(report in both.stderr, both.stderr)
    leak = loads_run_time(t, runtime(GCC, "liblsan.so"), "-fsanitize=leak", "bad.c")
    expect_equal(leak.returncode, 23, leak)
    expect(b"77 byte(s) leaked in 1 allocation(s)" in leak.stderr, leak.stderr)


@test
def a_source_is_run_with_the_run_time_of_the_compiler_that_compiled_it(t):
    t.write("bad.c", HEAP)
    result = loads_run_time(t, runtime(CLANG, "libclang_rt.asan-x86_64.so"), "-fsanitize=address", "bad.c",
                            env=t.environment(CC=CLANG, ASAN_OPTIONS="symbolize=0"))
    expect_equal((result.returncode, result.stdout), (1, b"before\n"), result)
    expect(b"heap-buffer-overflow" in result.stderr, result.stderr)


@test
def a_program_does_not_see_how_a_run_time_was_loaded(t):
    t.write("a.c", '#include <stdlib.h>\nint main(void) { return getenv("LD_PRELOAD") == NULL ? 6 : 7; }\n')
    result = loads_run_time(t, runtime(GCC, "libasan.so"), "-fsanitize=address", "a.c")
    expect_equal((result.returncode, result.stderr), (6, b""), result)


def same_report(t, *flags):
    library = runtime(GCC, "libubsan.so")
    if not library:
        skip("libubsan.so is not installed")
    target = build(t, GCC, "bad", OVERFLOW, "-g", *flags)
    theirs = system_run(t, GCC, target, *flags)
    ours = t.enfold("run", target, "-lubsan")
    expect(b"runtime error: signed integer overflow" in theirs.stderr, theirs.stderr)
    expect_equal((ours.returncode, ours.stdout, ours.stderr), (theirs.returncode, theirs.stdout, theirs.stderr), ours)


@test
def undefined_behaviour_is_reported_and_the_program_goes_on(t):
    same_report(t, "-fsanitize=undefined")


@test
def undefined_behaviour_ends_a_program_that_does_not_recover(t):
    same_report(t, "-fsanitize=undefined", "-fno-sanitize-recover=all")


@test
def undefined_behaviour_traps_without_a_runtime(t):
    if not GCC:
        skip("gcc is not installed")
    trap = ("-fsanitize=undefined", "-fsanitize-undefined-trap-on-error")
    expect_equal(t.enfold("run", build(t, GCC, "bad", OVERFLOW, *trap)).returncode, -4)


@test
def address_and_undefined_behaviour_are_watched_together(t):
    library = runtime(GCC, "libasan.so")
    if not library or not runtime(GCC, "libubsan.so"):
        skip("libasan.so or libubsan.so is not installed")
    target = build(t, GCC, "bad", OVERFLOW, "-fsanitize=address,undefined")
    ours = t.enfold("run", target, "-lubsan", env=preloaded(t, library, "address"))
    expect_equal((ours.returncode, ours.stdout), (3, b"-2147483648\n"), ours)
    expect(b"runtime error: signed integer overflow" in ours.stderr, ours.stderr)


@test
def thread_sanitizer_reports_a_race_when_it_is_preloaded(t):
    library = runtime(GCC, "libtsan.so")
    if not library or SANITIZED:
        skip("libtsan.so is not installed, or the tool has a sanitizer of its own")
    target = build(t, GCC, "race", RACE, "-g", "-fsanitize=thread")
    theirs = system_run(t, GCC, target, "-fsanitize=thread", TSAN_OPTIONS=None)
    ours = t.enfold("run", target, env=t.environment(LD_PRELOAD=library, TSAN_OPTIONS=None))
    expect_equal((ours.returncode, ours.stdout), (theirs.returncode, theirs.stdout), ours)
    expect(b"data race" in theirs.stderr, "the system's twin does not report:", theirs.stderr)
    expect(b"data race" in ours.stderr, ours.stderr)


@test
def thread_sanitizers_run_time_is_loaded_for_a_source(t):
    t.write("race.c", RACE)
    result = loads_run_time(t, runtime(GCC, "libtsan.so"), "-fsanitize=thread", "race.c")
    expect_equal((result.returncode, result.stdout), (66, b"after\n"), result)
    expect(b"data race" in result.stderr, result.stderr)


main()
