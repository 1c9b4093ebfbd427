# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the program finds when it starts is what the kernel gives the system linker's program."""
import difflib
import os
import pathlib
import re
import shutil
import signal
import subprocess

from harness import CC, ENFOLD, SANITIZED, expect, expect_equal, expect_own_error, main, skip, test

STATE = (pathlib.Path(__file__).parent / "start_state.c").read_text()


def state(t):
    """The object, and the program that the system linker makes of it."""
    o = t.compile("state.c", STATE, "-O1")
    subprocess.run([*CC, "-o", "state", o], cwd=t.directory, check=True)
    return o


def skip_beside_sanitizers():
    if SANITIZED:
        skip("a sanitizer's run time in the tool has signal handlers and files of its own")


def seen(t, command, **popen):
    """What a program writes into the file that its first argument names."""
    skip_beside_sanitizers()
    (t.directory / "seen").unlink(missing_ok=True)
    popen.setdefault("stdin", subprocess.DEVNULL)
    popen.setdefault("stdout", subprocess.DEVNULL)
    popen.setdefault("env", t.environment())
    done = subprocess.run(command, cwd=t.directory, timeout=60, **popen)
    expect_equal(done.returncode, 0)
    return (t.directory / "seen").read_text(errors="replace").splitlines()


def expect_same(ours, linked):
    changed = [line for line in difflib.unified_diff(linked, ours, "linked", "run", lineterm="", n=0)]
    expect(not changed, "\n" + "\n".join(line[:300] for line in changed[:40]))


def compare(t, *arguments, name="./state", prefix=(), options=(), **popen):
    o = state(t)
    command = [*prefix, "./state", "seen", *arguments]
    if name != "./state":
        shutil.copy(t.directory / "state", t.directory / name)
        command = [*prefix, name, "seen", *arguments]
    linked = seen(t, command, **popen)
    ours = seen(t, [*prefix, ENFOLD, "run", *options, "--name", name, o, "--", "seen", *arguments], **popen)
    expect_same(ours, linked)


@test
def with_arguments(t):
    compare(t, "one", "", "two words", "--", "--name", "-x")


@test
def with_no_environment(t):
    compare(t, "one", env={})


@test
def with_a_large_environment_and_many_arguments(t):
    compare(t, *(f"argument {i}" for i in range(3000)), env={f"V{i}": "x" * (i % 300) for i in range(500)})


@test
def with_a_name_of_any_length(t):
    for name in ("./s", "./" + "long" * 50, "./" + "a/" * 100 + "name-of-more-than-15-characters"):
        (t.directory / name).parent.mkdir(parents=True, exist_ok=True)
        compare(t, name=name)


@test
def with_a_command_line_longer_than_a_pipe_holds(t):
    options = [word for i in range(9000) for word in ("--define", f"unused_symbol_{i}={i}")]
    compare(t, "one", options=options)


@test
def with_each_standard_descriptor_closed(t):
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-", "7<&0 9>&1"):
        compare(t, prefix=["sh", "-c", f'exec "$0" "$@" {closed}'])


# Options of run, and the lines that they have to change.
OPTIONS = [
    (("--memory=alias",), None), (("--memory=forced",), None), (("--memory=strict",), None), (("--threads", "1"), None),
    (("--gdb",), None), (("--gdb=none",), None), (("--stats",), None), (("--map", "state.map"), None),
    (("--gc-sections",), None), (("--no-relax",), None), (("--copy-data",), None), (("--static-tls",), None),
    (("--no-shared-object",), None), (("--no-default-libs",), None), (("--define", "unused=1"), None),
    (("--base", "base.o"), None),
    (("--explain-crash",), "signal .* handled|alternate stack|SigCgt"),  # it handles signals
    (("--perf=map",), "descriptor|first free"),  # the file is open
    (("--perf=jitdump",), "descriptor|first free"),
    # Its threads, what they watch, and a signal that the C library handles where there are threads.
    (("--watch",), ".*threads|Threads|SigCgt|descriptor|first free|address space"),
]


@test
def with_each_option_and_all_standard_descriptors_open_or_closed(t):
    o = state(t)
    t.compile("base.c", "int base(void) { return 1; }")
    env = t.environment(JITDUMPDIR=str(t.directory))
    for closed in ("", "<&- >&- 2>&-"):
        shell = ["sh", "-c", f'exec "$0" "$@" {closed}']
        linked = seen(t, [*shell, "./state", "seen"], env=env, stderr=subprocess.DEVNULL)
        for options, changes in OPTIONS:
            ours = seen(t, [*shell, ENFOLD, "run", *options, "--name", "./state", o, "--", "seen"], env=env,
                        stderr=subprocess.DEVNULL)
            kept = [[line for line in lines if changes is None or not re.match(changes, line)]
                    for lines in (ours, linked)]
            changed = list(difflib.unified_diff(kept[1], kept[0], "linked", "run", lineterm="", n=0))
            expect(not changed, *options, closed, "\n" + "\n".join(line[:300] for line in changed[:40]))


@test
def compilers_count_as_children(t):
    source = "#include <sys/resource.h>\nint main(void) { struct rusage used; getrusage(RUSAGE_CHILDREN, &used);\n" \
             "  return used.ru_maxrss != 0; }"
    o = t.compile("a.c", source)
    expect_equal([t.enfold("run", name).returncode for name in (o, "a.c")], [0, 1])


@test
def with_signals_blocked_and_ignored_and_limits_set(t):
    def prepare():
        import resource
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGCHLD, signal.SIGRTMIN})
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGUSR1)
        resource.setrlimit(resource.RLIMIT_CORE, (1, 2))
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
        os.umask(0o27)
        os.setsid()
        os.nice(1)

    compare(t, preexec_fn=prepare)


@test
def with_few_descriptors(t):
    compare(t, prefix=["sh", "-c", 'ulimit -n 8; exec "$0" "$@"'])


@test
def with_addresses_that_are_not_random(t):
    compare(t, prefix=["setarch", "-R"])


@test
def with_more_thread_local_storage_than_the_c_library_grants(t):
    source = "\nstatic __thread char large[200000] = {1};\n" \
             "__attribute__((constructor)) static void use(void) { *(volatile char*)large = 2; }\n"
    t.write("state.c", STATE + source)
    subprocess.run([*CC, "-c", "state.c"], cwd=t.directory, check=True)
    subprocess.run([*CC, "-o", "state", "state.o"], cwd=t.directory, check=True)
    for env in ({}, {"A": "1", "B": ""}, {"GLIBC_TUNABLES": "glibc.malloc.check=0", "A": "1"}):
        linked = seen(t, ["./state", "seen", "x"], env=env)
        ours = seen(t, [ENFOLD, "run", "--name", "./state", "state.o", "--", "seen", "x"], env=env)
        expect_same(*([line for line in lines if not line.startswith(("descriptor", "first free"))]
                      for lines in (ours, linked)))  # the C library's thread-local storage is a file


@test
def constructors_of_libraries_get_the_programs_arguments(t):
    t.compile("lib.c", "int count; char **words; __attribute__((constructor)) static void start(int argc, char **argv,"
              " char **envp) { count = argv + argc + 1 == envp ? argc : -1; words = argv; }", "-fPIC")
    lib = t.shared_library("lib.so", "lib.o")
    source = '#include <string.h>\nextern int count; extern char **words;\n' \
             'int main(int argc, char **argv) { return count != argc || words != argv || strcmp(words[1], "a"); }'
    result = t.enfold("run", t.compile("main.c", source, "-fPIC"), lib, "--", "a", "b")
    expect_equal(result.returncode, 0, result)


@test
def the_words_of_the_tools_other_processes_are_arguments_like_others(t):
    source = "#include <string.h>\nint main(int c, char** v) { return c != 2 || strcmp(v[1], \"--compile-service\"); }"
    expect_equal(t.enfold("run", t.compile("a.c", source), "--", "--compile-service").returncode, 0)


def without_proc(program):
    """The command that runs a program on a system that has no /proc; None where nobody may make one."""
    skip_beside_sanitizers()
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--mount", "sh", "-c", 'umount -l /proc && exec "$0" "$@"']
    tried = subprocess.run([*command, "true"], capture_output=True)
    return [*command, *program] if tried.returncode == 0 else None


@test
def where_the_process_cannot_start_anew_the_arguments_are_cut_in_place(t):
    o = state(t)
    found = []
    for program in (["./state"], [ENFOLD, "run", "--name", "./state", o, "--"]):
        command = without_proc([*program, "seen", "one", "two"])
        if command is None:
            return
        lines = seen(t, command)
        found.append([line for line in lines if not re.match("/proc|.*threads", line)])
    expect_same(found[1], found[0])


@test
def every_kind_of_memory_serves_where_there_is_no_proc_or_says_why(t):
    source = "#include <stdio.h>\nint main(void) { puts(\"started\"); return 3; }"
    o = t.compile("a.c", source)
    for kind in ("auto", "alias", "strict", "forced"):
        command = without_proc([ENFOLD, "run", f"--memory={kind}", o])
        if command is None:
            return
        done = subprocess.run(command, cwd=t.directory, capture_output=True, env=t.environment(), timeout=60)
        if kind == "forced":
            expect_own_error(done, "forced")
        else:
            expect_equal((done.returncode, done.stdout), (3, b"started\n"), done)


@test
def a_limit_of_file_sizes_does_not_end_the_program(t):
    o = t.compile("a.c", "#include <stdio.h>\nint main(void) { puts(\"started\"); return 3; }")
    for limit in (0, 1, 64, 512):
        for kind in ("auto", "alias", "forced", "strict"):
            command = ["sh", "-c", f'ulimit -f {limit}; exec "$0" "$@"', ENFOLD, "run", f"--memory={kind}", o]
            done = subprocess.run(command, cwd=t.directory, capture_output=True, env=t.environment(), timeout=60)
            if limit < 8 and kind == "alias":
                expect_own_error(done, "alias")
            else:
                expect_equal((done.returncode, done.stdout), (3, b"started\n"), done)


main()
