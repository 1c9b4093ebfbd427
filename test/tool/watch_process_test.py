# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enfold run --watch`: the process is the program's, and ends as the program does, whatever is under way."""
import os
import pathlib
import select
import signal
import time

from harness import CC, PATIENCE, SANITIZED, expect, expect_equal, main, test
from watched import Watched, put

# Says what SAY is, once for each line.
PROGRAM = """
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
int step(void) { return BASE; }
DECLARATIONS
int main(void) {
  char line[64];
  BEGIN
  while (fgets(line, sizeof line, stdin)) {
    SAY
    fflush(stdout);
  }
  return 7;
}
"""


def program_text(n=1, say='printf("%d\\n", step());', begin="", declarations=""):
    text = PROGRAM.replace("BASE", str(n)).replace("SAY", say)
    return text.replace("BEGIN", begin).replace("DECLARATIONS", declarations)


@test
def no_child_of_the_watch_is_seen(t):
    parts = {"declarations": "static int signals; static void count(int n) { (void)n; signals++; }",
             "begin": "signal(SIGCHLD, count);",
             "say": 'errno = 0; pid_t p = waitpid(-1, 0, WNOHANG); '
                    'printf("%d %d %d %d\\n", step(), signals, (int)p, errno == ECHILD);'}
    t.write("a.c", program_text(1, **parts))
    with Watched(t, "a.c") as program:
        expect_equal(program.ask(), "1 0 -1 1")
        put(t, "a.c", program_text(2, **parts))
        program.relinked(2)
        expect_equal(program.ask(), "2 0 -1 1")
        put(t, "a.c", "nonsense")
        program.refused("a.c")
        expect_equal(program.ask(), "2 0 -1 1")


@test
def a_program_waits_for_its_own_children(t):
    # AddressSanitizer's own locks may be held by another thread at the fork, and what ends by exit() frees memory.
    end = "_exit" if SANITIZED else "exit"
    parts = {"say": f'int s = 0; if (fork() == 0) {end}(step()); wait(&s); printf("%d\\n", WEXITSTATUS(s));'}
    t.write("a.c", program_text(1, **parts))
    with Watched(t, "a.c") as program:
        expect_equal(program.ask(), "1")
        put(t, "a.c", program_text(2, **parts))
        program.relinked(2)
        expect_equal([program.ask(), program.ask()], ["2", "2"])
        program.end(7)


@test
def ignored_children_do_not_hinder_the_compilers(t):
    t.write("a.c", program_text(1, begin="signal(SIGCHLD, SIG_IGN);"))
    with Watched(t, "a.c") as program:
        program.ask()
        put(t, "a.c", program_text(2, begin="signal(SIGCHLD, SIG_IGN);"))
        program.relinked(2)
        expect_equal(program.ask(), "2")


LIST = """
DIR* d = opendir("/proc/self/fd");
int n = 0;
while (readdir(d)) n++;
closedir(d);
printf("%d %d\\n", step(), n - 3);
"""


@test
def no_descriptor_of_the_watch_is_the_programs(t):
    t.write("a.c", program_text(1, say=LIST))
    with Watched(t, "a.c") as program:
        expect_equal(program.ask(), "1 3")
        put(t, "a.c", program_text(2, say=LIST))
        program.relinked(2)
        expect_equal(program.ask(), "2 3")


@test
def a_program_may_close_all_descriptors(t):
    begin = "for (int i = 2; i < 4096; i++) close(i);"
    t.write("a.c", program_text(1, begin=begin))
    with Watched(t, "a.c") as program:
        expect_equal(program.ask(), "1")
        put(t, "a.c", program_text(2, begin=begin))
        program.relinked(2)  # on a standard error of its own
        expect_equal(program.ask(), "2")


@test
def a_program_may_go_elsewhere_and_change_its_environment(t):
    begin = 'if (chdir("/")) return 1; setenv("CC", "false", 1); setenv("TMPDIR", "/absent", 1); clearenv();'
    t.write("part.h", "#define PART 1")
    text = '#include "part.h"\n' + program_text("PART", begin=begin)
    t.write("dir/a.c", text)
    with Watched(t, "-X-I.", "dir/a.c") as program:
        expect_equal(program.ask(), "1")
        t.write("part.h", "#define PART 2")
        put(t, "dir/a.c", text)  # the same, but for what it includes
        program.relinked(2, "dir/a.c")
        expect_equal(program.ask(), "2")


@test
def signals_are_the_programs(t):
    parts = {"declarations": "static volatile int here; static void note(int n) {"
                             " (void)n; here = getpid() == (pid_t)syscall(SYS_gettid) ? 1 : 2; }",
             "begin": "struct sigaction a = {.sa_handler = note, .sa_flags = SA_RESTART}; sigaction(SIGUSR1, &a, 0);",
             "say": 'printf("%d %d\\n", step(), here);'}
    t.write("a.c", program_text(1, **parts))
    with Watched(t, "a.c") as program:
        expect_equal(program.ask(), "1 0")
        put(t, "a.c", program_text(2, **parts))
        program.relinked(2)
        program.process.send_signal(signal.SIGUSR1)
        expect_equal(program.ask(), "2 1")
        program.process.send_signal(signal.SIGTERM)
        expect_equal(program.process.wait(), -signal.SIGTERM)


@test
def threads_call_the_new_version(t):
    parts = {"declarations": "static volatile int over; static void* call(void* p) {"
                             " while (!over) if (step() <= 0) abort(); return p; }",
             "begin": "pthread_t threads[4]; for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, call, 0);",
             "say": 'printf("%d\\n", step()); if (line[0] == \'e\') { over = 1;'
                    ' for (int i = 0; i < 4; i++) pthread_join(threads[i], 0); }'}
    t.write("a.c", program_text(1, **parts))
    with Watched(t, "a.c") as program:
        program.ask()
        for n in range(2, 8):
            put(t, "a.c", program_text(n, **parts))
            program.relinked(n)
            expect_equal(program.ask(), str(n))
        program.ask("end")
        program.end(7)


@test
def a_program_may_become_another(t):
    t.write("a.c", program_text(1, say='execlp("echo", "echo", "other", (char*)0);'))
    with Watched(t, "a.c") as program:
        expect_equal(program.ask(), "other")
        program.end(0)


def slow_compiler(t):
    """Compiles, once it has found a file `wait`, only when somebody reads the pipe `started` and writes `proceed`."""
    for name in ("started", "proceed"):
        os.mkfifo(t.directory / name)
    here = t.directory
    t.write("cc.sh", f'#!/bin/sh\nif [ -e {here}/wait ]; then echo $$ >{here}/started; read x <{here}/proceed; fi\n'
                     f'exec {" ".join(CC)} "$@"\n')
    (t.directory / "cc.sh").chmod(0o755)
    return t.environment(CC="./cc.sh")


def first_line(pipe):
    """What the compiler writes; a compiler that never starts fails the test."""
    with os.fdopen(os.open(pipe, os.O_RDWR), "rb", buffering=0) as reader:
        expect(select.select([reader], [], [], PATIENCE)[0], "nothing was written to", pipe)
        return reader.readline()


def wait_until_gone(directory):
    """What is being removed by a process that is not ours to wait for."""
    deadline = time.monotonic() + PATIENCE
    while os.listdir(directory):
        expect(time.monotonic() < deadline, "left behind:", os.listdir(directory))
        time.sleep(0.01)


@test
def a_program_ends_while_its_sources_are_compiled(t):
    environment = slow_compiler(t)
    t.write("a.c", program_text(1))
    ways = {"return": 7, "exit(3);": 3, "_exit(4);": 4, "quick_exit(5);": 5, "raise(SIGKILL);": -signal.SIGKILL}
    for way, status in ways.items():
        (t.directory / "wait").unlink(missing_ok=True)
        say = 'printf("%d\\n", step()); fflush(stdout); ' + ("" if way == "return" else way)
        text = program_text(1, say=say, begin='puts("begun"); fflush(stdout);')
        t.write("a.c", text)
        with Watched(t, "a.c", env=environment) as program:
            expect_equal(program.read(), "begun")
            t.write("wait", "")
            put(t, "a.c", text.replace("return 1", "return 2"))
            compiler = int(first_line(t.directory / "started"))
            expect(len(os.listdir(t.tmp)) == 1, "nothing is compiled")
            expect_equal(program.ask(), "1")
            program.end(status)
            expect_equal([e for e in program.errors if e], [])
            wait_until_gone(t.tmp)
            expect(not os.path.exists(f"/proc/{compiler}/exe"), "the compiler runs on")


@test
def a_program_that_ends_waits_for_a_link_that_is_under_way(t):
    up = '__attribute__((constructor)) static void up(void) {' \
         ' puts("up"); fflush(stdout); usleep(100000); puts("ready"); fflush(stdout); }' \
         '__attribute__((destructor)) static void down(void) { puts("down"); fflush(stdout); }'
    for say in ("return 7;", "exit(7);"):
        t.write("a.c", program_text(1, say=say, begin='puts("begun"); fflush(stdout);'))
        with Watched(t, "a.c") as program:
            expect_equal(program.read(), "begun")
            put(t, "a.c", program_text(2, say=say, declarations="static int fresh = 1;" + up))
            expect_equal(program.read(), "up")
            program.process.stdin.write(b"go\n")
            expect_equal(program.end(7), "ready\ndown\n")


@test
def an_initialiser_of_a_new_version_may_exit(t):
    t.write("a.c", program_text(1))
    with Watched(t, "a.c") as program:
        program.ask()
        end = "int fresh = 1; __attribute__((constructor)) static void up(void) { exit(9); }"
        put(t, "a.c", program_text(2, declarations=end))
        expect_equal(program.process.wait(), 9)


# Its main thread stays as a zombie then, and those of the watch take no signals of the program's.
@test
def signals_end_a_program_whose_threads_have_ended(t):
    t.write("a.c", """
        #include <pthread.h>
        #include <stdio.h>
        int main(void) { puts("ends"); fflush(stdout); pthread_exit(0); }
        """)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Watched(t, "a.c") as program:
            expect_equal(program.read(), "ends")
            wait_for_zombie(program.process.pid)
            program.process.send_signal(number)
            expect_equal(program.process.wait(), -number)


@test
def a_signal_that_a_program_blocks_waits_for_it(t):
    t.write("a.c", """
        #include <signal.h>
        #include <stdio.h>
        #include <unistd.h>
        int main(void) {
          sigset_t set;
          sigemptyset(&set);
          sigaddset(&set, SIGTERM);
          sigprocmask(SIG_BLOCK, &set, 0);
          puts("ready");
          fflush(stdout);
          getchar();
          int number = 0;
          sigwait(&set, &number);
          return number;
        }
        """)
    with Watched(t, "a.c") as program:
        expect_equal(program.read(), "ready")
        program.process.send_signal(signal.SIGTERM)
        time.sleep(0.6)  # longer than the watch looks for
        program.process.stdin.write(b"go\n")
        expect_equal(program.process.wait(), signal.SIGTERM)


def wait_for_zombie(thread):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if ") Z " in pathlib.Path(f"/proc/{thread}/task/{thread}/stat").read_text():
            return
        time.sleep(0.01)
    raise AssertionError("the main thread has not ended")


main()
