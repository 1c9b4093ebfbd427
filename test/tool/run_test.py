# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enfold run`: the process is the program's; what is ours ends with status 125 and leaves nothing behind."""
import os
import pty
import re
import select
import signal
import subprocess
import time

from harness import (CC, ENFOLD, OWN_ERROR, PATIENCE, SANITIZED, expect, expect_equal, expect_own_error, main, skip,
                     test)

STATUS = "int main(int argc, char** argv) { (void)argv; return argc + 40; }"
ARGUMENTS = r"""
#include <stdio.h>
int main(int argc, char** argv) {
  for (int i = 0; i < argc; i++) printf("[%s]\n", argv[i]);
  return argv[argc] != NULL;
}
"""


@test
def compact_relocations_are_read(t):
    t.write("c.c", 'extern const char *const words[]; int puts(const char *); int local = 3;\n'
                   'int main(void) { for (int i = 0; i < local; ++i) puts(words[i]); return local - 3; }\n')
    t.write("w.c", 'static const char one[] = "one", two[] = "two"; extern const char three[];\n'
                   'const char three[] = "three"; const char *const words[] = {one, two, three};\n')
    for flags in (["-O0"], ["-O2", "-fPIC", "-g"], ["-O2", "-fno-pic", "-ffunction-sections"]):
        subprocess.run(["clang-19", *flags, "-Wa,--allow-experimental-crel,--crel", "-c", "c.c", "w.c"],
                       cwd=t.directory, check=True)
        result = t.enfold("run", "c.o", "w.o")
        expect_equal((result.returncode, result.stdout), (0, b"one\ntwo\nthree\n"), result)


@test
def the_status_is_the_programs(t):
    result = t.enfold("run", t.compile("a.c", STATUS))
    expect_equal(result.returncode, 41, result)


@test
def status_125_may_be_the_programs_too(t):
    result = t.enfold("run", t.compile("a.c", "int main(void) { return 125; }"))
    expect_equal((result.returncode, result.stderr), (OWN_ERROR, b""), result)


@test
def arguments_are_passed_as_given(t):
    given = ["two words", "", "--help", "-l", "--", "x=y", "\\", "*"]
    result = t.enfold("run", t.compile("a.c", ARGUMENTS), "--", *given)
    expect_equal(result.stdout.decode().splitlines(), ["[a]"] + [f"[{g}]" for g in given], result)


@test
def argv0_is_the_first_file_without_its_suffix(t):
    t.compile("dir.d/a.b.c", ARGUMENTS)
    result = t.enfold("run", "dir.d/a.b.o")
    expect_equal(result.stdout, b"[dir.d/a.b]\n", result)


@test
def argv0_is_the_name_when_there_is_one(t):
    result = t.enfold("run", "--name", "my name", t.compile("a.c", ARGUMENTS))
    expect_equal(result.stdout, b"[my name]\n", result)


@test
def the_c_library_knows_the_programs_name(t):
    source = '#define _GNU_SOURCE\n#include <errno.h>\n#include <stdio.h>\nint main(void) {' \
             ' printf("%s %s", program_invocation_name, program_invocation_short_name); return 0; }'
    t.compile("dir/a.c", source)
    result = t.enfold("run", "dir/a.o")
    expect_equal(result.stdout, b"dir/a a", result)


@test
def constructors_get_the_programs_arguments(t):
    source = '#include <stdio.h>\n__attribute__((constructor)) void f(int c, char** v, char** e) {' \
             ' printf("%d %s %d\\n", c, v[1], e[0] != 0); }\nint main(void) { return 0; }'
    result = t.enfold("run", t.compile("a.c", source), "--", "x")
    expect_equal(result.stdout, b"2 x 1\n", result)


@test
def the_environment_is_passed(t):
    source = '#include <stdio.h>\n#include <stdlib.h>\nint main(int c, char** v, char** e) {' \
             ' (void)c, (void)v; puts(getenv("MINE")); puts(getenv("TMPDIR")); return e[0] == 0; }'
    result = t.enfold("run", t.write("a.c", source), env=t.environment(MINE="a b"))
    expect_equal((result.returncode, result.stdout), (0, f"a b\n{t.tmp}\n".encode()), result)


@test
def standard_input_is_the_programs(t):
    source = '#include <stdio.h>\nint main(void) { int c; while ((c = getchar()) != EOF) putchar(c); return 0; }'
    result = t.enfold("run", t.compile("a.c", source), stdin=b"one\ntwo\n")
    expect_equal(result.stdout, b"one\ntwo\n", result)


@test
def an_object_is_read_from_standard_input(t):
    t.compile("a.c", STATUS)
    result = t.enfold("run", "-", stdin=(t.directory / "a.o").read_bytes())
    expect_equal(result.returncode, 41, result)


@test
def buffered_output_is_flushed_at_exit(t):
    result = t.enfold("run", t.compile("a.c", '#include <stdio.h>\nint main(void) { printf("tail"); return 0; }'))
    expect_equal(result.stdout, b"tail", result)


@test
def exit_and_its_handlers_work(t):
    source = '#include <stdio.h>\n#include <stdlib.h>\nstatic void f(void) { puts("handler"); }\n' \
             '__attribute__((destructor)) static void g(void) { puts("destructor"); }\n' \
             'int main(void) { atexit(f); exit(7); }'
    result = t.enfold("run", t.compile("a.c", source))
    expect_equal((result.returncode, result.stdout), (7, b"handler\ndestructor\n"), result)


@test
def static_destructors_run_after_main(t):
    source = '#include <iostream>\nstruct S { S() { std::cout << "up "; } ~S() { std::cout << "down"; } } s;\n' \
             'int main() { std::cout << "main "; }'
    result = t.enfold("run", t.compile("a.cc", source))
    expect_equal((result.returncode, result.stdout), (0, b"up main down"), result)


@test
def an_uncaught_exception_terminates(t):
    result = t.enfold("run", t.compile("a.cc", "int main() { throw 1; }"))
    expect_equal(result.returncode, -signal.SIGABRT, result)
    expect(b"terminate called after throwing an instance of 'int'" in result.stderr, result.stderr)


@test
def a_signal_is_the_programs(t):
    source = "#include <signal.h>\nint main(void) { raise(SIGUSR1); return 0; }"
    expect_equal(t.enfold("run", t.compile("a.c", source)).returncode, -signal.SIGUSR1)


@test
def a_crash_is_the_programs(t):
    source = "int main(void) { return *(volatile int*)8; }"
    expect_equal(t.enfold("run", t.compile("a.c", source)).returncode, -signal.SIGSEGV)


@test
def signal_dispositions_and_mask_are_as_they_were(t):
    source = '#include <stdio.h>\n#include <signal.h>\nint main(void) { sigset_t m; sigprocmask(0, 0, &m);\n' \
             ' for (int i = 1; i < 32; i++) { struct sigaction a; sigaction(i, 0, &a);\n' \
             ' if (a.sa_handler != SIG_DFL || sigismember(&m, i)) printf("%d ", i); } return 0; }'
    result = t.enfold("run", t.write("a.c", source), restore_signals=True)
    expect_equal(result.stdout, b"", result)


@test
def no_file_of_ours_is_open_in_the_program(t):
    source = '#include <stdio.h>\n#include <fcntl.h>\n' \
             'int main(void) { for (int i = 3; i < 100; i++) if (fcntl(i, F_GETFD) != -1) printf("%d ", i); return 0; }'
    result = t.enfold("run", "--map", "out.map", t.write("a.c", source), t.compile("b.c", "int b;"))
    expect_equal(result.stdout, b"", result)


@test
def errno_is_zero_at_the_start(t):
    result = t.enfold("run", t.compile("a.c", "#include <errno.h>\nint main(void) { return errno; }"))
    expect_equal(result.returncode, 0, result)


@test
def data_of_the_c_library_is_addressed_directly(t):
    source = '#include <stdio.h>\nint main(void) { fprintf(stderr, "to stderr"); return 0; }'
    result = t.enfold("run", t.compile("a.c", source))
    expect_equal((result.returncode, result.stderr), (0, b"to stderr"), result)


# More than an error lists at once.
LIBRARY_VARIABLES = """stdin stdout stderr environ optarg optind opterr optopt timezone daylight tzname in6addr_any
    in6addr_loopback program_invocation_name program_invocation_short_name error_message_count error_one_per_line
    error_print_progname obstack_alloc_failed_handler obstack_exit_failure argp_program_version
    argp_program_version_hook argp_program_bug_address argp_err_exit_status""".split()


@test
def data_out_of_reach_is_an_error_with_a_cure_or_copied(t):
    source = "extern int signgam; int *volatile where; int main(void) { where = &signgam; return *where; }"
    o = t.compile("a.c", source, "-fno-pic")
    expect_own_error(t.enfold("run", "--no-shared-object", o, "-lm"), "a.o: .text+", "'signgam'", "-fPIC", "--copy-data")
    expect_equal(t.enfold("run", "--no-shared-object", "--copy-data", o, "-lm").returncode, 0)


@test
def variables_of_the_c_library_come_within_reach(t):
    if SANITIZED:
        skip("a sanitizer's run time wants to be the first that is loaded")
    first = t.compile("a.c", """#include <stdio.h>
        int more(void);
        int main(void) { fprintf(stderr, "to stderr"); return more(); }""", "-fno-pic")
    many = " ".join(f"high += high_of(&{name});" for name in LIBRARY_VARIABLES)
    second = t.compile("b.c", f"""#include <argp.h>
        #include <error.h>
        #include <errno.h>
        #include <getopt.h>
        #include <netinet/in.h>
        #include <obstack.h>
        #include <stdio.h>
        #include <time.h>
        #include <unistd.h>
        __attribute__((noinline)) int high_of(const void *address) {{ return (unsigned long)address >> 31 != 0; }}
        int more(void) {{
          int high = 0;
          {many}
          return high || in6addr_loopback.s6_addr[15] != 1 || optind != 1 || opterr != 1;
        }}""", "-fno-pic", "-D_GNU_SOURCE")
    for more in ([], ["--no-shared-object"], ["--memory=strict"]):
        result = t.enfold("run", *more, first, second)
        expect_equal((result.returncode, result.stderr), (0, b"to stderr"), result)


@test
def another_entry_is_called_on_request(t):
    result = t.enfold("run", "--entry", "start", t.compile("a.c", STATUS.replace("main", "start")))
    expect_equal(result.returncode, 41, result)


@test
def a_hidden_entry_is_called(t):
    result = t.enfold("run", t.compile("a.c", STATUS, "-fvisibility=hidden"))
    expect_equal(result.returncode, 41, result)


@test
def a_missing_entry_is_an_error_with_a_cure(t):
    expect_own_error(t.enfold("run", t.compile("a.c", "int f(void) { return 0; }")), "main", "--entry")


@test
def a_symbol_is_defined_in_each_notation(t):
    source = "extern char far[]; int main(void) { return (int)(long)far; }"
    o = t.compile("a.c", source, "-mcmodel=large")
    for number in ("77", "0x4d", "0X4D", "0115"):
        expect_equal(t.enfold("run", "--define", f"far={number}", o).returncode, 77)


@test
def all_undefined_symbols_are_in_one_error(t):
    source = "int one(int); int two(); int main() { return one(1) + two(); }"
    result = t.enfold("run", t.compile("a.cc", source))
    expect_own_error(result, "one(int)", "two()", "a.o")


@test
def a_damaged_object_is_an_error(t):
    t.compile("a.c", STATUS)
    (t.directory / "cut.o").write_bytes((t.directory / "a.o").read_bytes()[:200])
    expect_own_error(t.enfold("run", "cut.o"), "cut.o")


@test
def nothing_of_the_program_runs_when_linking_fails(t):
    source = '#include <unistd.h>\nvoid nowhere(void);\n' \
             '__attribute__((constructor)) void f(void) { write(1, "ran", 3); }\nint main(void) { nowhere(); return 0; }'
    result = t.enfold("run", t.compile("a.c", source))
    expect_own_error(result, "nowhere")
    expect_equal(result.stdout, b"")


@test
def a_c_source_runs(t):
    expect_equal(t.enfold("run", t.write("a b.c", STATUS)).returncode, 41)


@test
def a_cxx_source_runs(t):
    source = '#include <iostream>\n#include <string>\n' \
             'int main() { std::cout << std::string("hello"); try { throw 3; } catch (int i) { return i; } }'
    result = t.enfold("run", t.write("a.cpp", source))
    expect_equal((result.returncode, result.stdout), (3, b"hello"), result)


@test
def sources_and_objects_mix(t):
    o = t.compile("f.c", "int f(void) { return 5; }")
    t.write("a.c", "int f(void); int g(void); int main(void) { return f() + g(); }")
    t.write("g.c", "int g(void) { return 6; }")
    expect_equal(t.enfold("run", "a.c", o, "g.c").returncode, 11)


@test
def flags_reach_the_compiler(t):
    t.write("a.c", 'int main(void) { return sizeof(TEXT) + N; }')
    result = t.enfold("run", "a.c", "-X", "-DN=1 -Werror", "--compile-flags=-DTEXT='\"a b\"'")
    expect_equal(result.returncode, 5, result)


@test
def the_compiler_may_have_arguments(t):
    compiler = f"{os.environ.get('CC', 'cc')} -DN=9"
    result = t.enfold("run", t.write("a.c", "int main(void) { return N; }"), env=t.environment(CC=compiler))
    expect_equal(result.returncode, 9, result)


@test
def a_compile_error_is_the_compilers_text_and_ours(t):
    result = t.enfold("run", t.write("bad.c", "int main(void) { return nonsense; }"))
    expect_own_error(result, "bad.c:1:", "nonsense", "status 1")


@test
def an_absent_compiler_is_an_error_with_a_cure(t):
    result = t.enfold("run", t.write("a.c", STATUS), env=t.environment(CC="no-such-compiler"))
    expect_own_error(result, "no-such-compiler", "CC")


@test
def no_temporary_file_is_left_by_a_run_or_a_compile_error(t):
    t.enfold("run", t.write("a.c", STATUS))
    t.enfold("run", t.write("bad.c", "nonsense"))
    expect_equal(os.listdir(t.tmp), [])


@test
def no_temporary_file_is_there_while_the_program_runs(t):
    source = '#include <stdlib.h>\nint main(void) { return system("ls -A $TMPDIR"); }'
    result = t.enfold("run", t.write("a.c", source))
    expect_equal((result.returncode, result.stdout), (0, b""), result)


@test
def a_signal_while_compiling_ends_us_and_leaves_nothing(t):
    t.write("slow.sh", '#!/bin/sh\ntouch "$TMPDIR/started"\nexec sleep 60\n')
    (t.directory / "slow.sh").chmod(0o755)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGALRM, signal.SIGUSR1,
                   signal.SIGRTMAX):
        process = subprocess.Popen([ENFOLD, "run", t.write("a.c", STATUS)], cwd=t.directory,
                                   env=t.environment(CC="./slow.sh"))
        deadline = time.monotonic() + PATIENCE
        while not list(t.tmp.glob("*/started")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        expect_equal(process.wait(timeout=PATIENCE), -number)
        expect_equal(os.listdir(t.tmp), [])


CRASH = """
__attribute__((noinline)) static int inner(int* p) { *(volatile int*)p = 1; return 1; }
__attribute__((noinline)) int outer(int* p) { return inner(p) + 1; }
int main(int argc, char** argv) { (void)argv; return outer(argc == 1 ? (int*)0 : &argc) - 2; }
"""


@test
def a_crash_is_explained_where_asked(t):
    result = t.enfold("run", "--explain-crash", t.compile("a.c", CRASH, "-O1", "-fno-optimize-sibling-calls"))
    expect_equal(result.returncode, -signal.SIGSEGV, result)
    lines = result.stderr.decode().splitlines()
    expect(re.fullmatch(r"enfold: SIGSEGV at a/a\.o/\.text/inner\+0x[0-9a-f]+, address 0x0", lines[0]), result)
    names = [re.sub(r"\+0x.*", "", line) for line in lines[1:4]]
    expect_equal(names, [f"  a/a.o/.text{section}/{name}" for section, name in
                         (("", "inner"), ("", "outer"), (lines[3].count(".startup") * ".startup", "main"))], result)


@test
def a_crash_is_explained_in_an_initialiser(t):
    source = "__attribute__((constructor)) static void start(void) { __builtin_trap(); } int main(void) { return 0; }"
    result = t.enfold("run", "--explain-crash", t.compile("a.c", source))
    expect_equal(result.returncode, -signal.SIGILL, result)
    expect(b"SIGILL at a/a.o/.text/start+" in result.stderr, result)


@test
def an_exhausted_stack_is_explained(t):
    source = "int deep(volatile int* p) { volatile int a[64]; a[0] = *p; return deep(a) + a[0]; }" \
             "int main(int argc, char** argv) { (void)argv; return deep(&argc); }"
    result = t.enfold("run", "--explain-crash", t.compile("a.c", source, "-O0"))
    expect_equal(result.returncode, -signal.SIGSEGV, result)
    expect(b"SIGSEGV at a/a.o/.text/deep+" in result.stderr, result)


@test
def what_is_sent_is_explained_and_ends_the_program(t):
    source = "#include <signal.h>\nint main(void) { return raise(SIGFPE); }"
    result = t.enfold("run", "--explain-crash", t.compile("a.c", source))
    expect_equal(result.returncode, -signal.SIGFPE, result)
    expect(b"enfold: SIGFPE at 0x" in result.stderr and b"/main+" in result.stderr, result)


@test
def abort_is_explained_and_ends_the_program(t):
    result = t.enfold("run", "--explain-crash", t.compile("a.c", "#include <stdlib.h>\nint main(void) { abort(); }"))
    expect_equal(result.returncode, -signal.SIGABRT, result)
    expect(b"/main+" in result.stderr, result)


@test
def a_crash_is_silent_unless_asked(t):
    result = t.enfold("run", t.compile("a.c", CRASH))
    expect_equal((result.returncode, result.stderr), (-signal.SIGSEGV, b""), result)


@test
def stats_are_on_standard_error_before_the_program_starts(t):
    source = '#include <unistd.h>\nint main(void) { return write(2, "PROGRAM", 7) != 7; }'
    result = t.enfold("run", "--stats", t.compile("a.c", source))
    text = result.stderr.decode()
    expect_equal((result.returncode, result.stdout), (0, b""), result)
    expect(text.endswith("PROGRAM"), text)
    for word in ("passes", "segments", "slots", "stubs", " us"):
        expect(word in text, word, "not in", text)


@test
def the_map_has_the_addresses_of_the_running_program(t):
    source = '#include <stdio.h>\nint value = 1;\nint main(void) { printf("%p", (void*)&value); return 0; }'
    result = t.enfold("run", "--map", "out.map", t.compile("a.c", source))
    text = (t.directory / "out.map").read_text()
    expect(re.search(rf"\s{result.stdout.decode()}\s.*\bvalue\b", text), result.stdout, "not in", text)
    for part in ("inputs\n", "segments\n", "sections\n", "symbols\n", "totals\n", "a.o(.text)"):
        expect(part in text, part, "not in", text)


@test
def a_map_that_cannot_be_written_is_an_error(t):
    expect_own_error(t.enfold("run", "--map", "absent/out.map", t.compile("a.c", STATUS)), "absent/out.map")


@test
def the_compilers_helpers_are_there(t):
    source = "typedef __int128 T;\n" \
             "int main(int c, char** v) { (void)v; T a = (T)1 << 100; return (int)(a / (a / (c * 21))); }"
    expect_equal(t.enfold("run", t.compile("a.c", source, "-O0")).returncode, 21)


@test
def shared_libraries_are_opened(t):
    t.compile("f.c", "int f(void) { return 33; }", "-fPIC")
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run([*compiler, "-shared", "-o", "libf.so", "f.o"], cwd=t.directory, check=True)
    o = t.compile("a.c", "int f(void); int main(void) { return f(); }")
    for inputs in (["./libf.so"], ["-L.", "-lf"]):
        expect_equal(t.enfold("run", o, *inputs).returncode, 33)


@test
def libm_is_found_by_name(t):
    source = "#include <math.h>\nint main(int c, char** v) { (void)v; return (int)sqrt(c * 49.0); }"
    expect_equal(t.enfold("run", t.compile("a.c", source), "-lm").returncode, 7)


@test
def progress_is_shown_on_no_pipe(t):
    result = t.enfold("run", t.compile("a.c", STATUS))
    expect_equal(result.stderr, b"")


def on_terminal(t, *arguments):
    """What is written to a terminal on standard error, and the status."""
    master, slave = pty.openpty()
    process = subprocess.Popen([ENFOLD, *arguments], cwd=t.directory, stderr=slave, env=t.environment())
    os.close(slave)
    output = b""
    while True:
        try:
            if select.select([master], [], [], PATIENCE)[0]:
                chunk = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        output += chunk
    os.close(master)
    return process.wait(timeout=PATIENCE), output


@test
def a_short_link_shows_no_progress_on_a_terminal(t):
    object_file = t.compile("a.c", STATUS)
    start = time.monotonic()
    status, output = on_terminal(t, "run", object_file)
    expect_equal(status, 41)
    if time.monotonic() - start < 0.3:  # on a busy machine no link is short
        expect_equal(output, b"")
    else:
        expect(output == b"" or output.endswith(b" \r"), "the progress line was not erased:", output)


@test
def a_preloaded_definition_without_a_version_comes_before_a_librarys(t):
    preload = t.compile("preload.c", "double cosh(double x) { return x + 7; }\ndouble exp(double);\n"
                        "double use(double x) { return exp(x); }", "-fPIC", "-fno-builtin")
    subprocess.run([*CC, "-shared", "-o", "preload.so", preload, "-Wl,--no-as-needed", "-lm"], cwd=t.directory, check=True)
    o = t.compile("a.c", "#include <math.h>\nint main(int c, char **v) { return (int)cosh(c); }", "-fno-builtin")
    environment = t.environment(LD_PRELOAD=str(t.directory / "preload.so"))
    if SANITIZED:
        skip("a sanitizer's run time wants to be the first that is loaded")
    for options in ([], ["--no-shared-object"]):
        expect_equal(t.enfold("run", *options, o, "-lm", env=environment).returncode, 8)


@test
def a_library_uses_what_the_program_defines_in_place_of_the_c_librarys(t):
    if SANITIZED:
        skip("beside a sanitizer's run time libraries look into the process before the program")
    t.compile("use.c", "#include <stdlib.h>\n#include <string.h>\nint found;\n"
              "__attribute__((constructor)) static void start(void) { found = !strcmp(l64a(12), \"program\"); }", "-fPIC")
    library = t.shared_library("libuse.so", "use.o")
    o = t.compile("a.c", "extern int found;\nchar *l64a(long v) { (void)v; return \"program\"; }\n"
                  "int main(void) { return found + 6; }", "-fPIC")
    expect_equal(t.enfold("run", o, library).returncode, 7)
    expect_equal(t.enfold("run", "--no-shared-object", o, library).returncode, 6)


@test
def the_origin_of_the_programs_dlopen_is_its_folder(t):
    (t.directory / "sub").mkdir()
    t.compile("lib.c", "int found(void) { return 5; }", "-fPIC")
    t.shared_library("sub/libfound.so", "lib.o")
    t.compile("sub/a.c", "#include <dlfcn.h>\n#include <stdio.h>\nint main(void) {\n"
              "  void *library = dlopen(\"$ORIGIN/libfound.so\", RTLD_NOW);\n  if (!library) return puts(dlerror()), 1;\n"
              "  if (dlopen(\"${ORIGIN}/libfound.so\", RTLD_NOW) != library) return 2;\n"
              "  return ((int (*)(void))dlsym(library, \"found\"))();\n}")
    result = t.enfold("run", "sub/a.o")
    expect_equal(result.returncode, 5, result)


@test
def a_library_that_cannot_be_opened_later_is_there_from_the_start(t):
    t.compile("lib.c", "int started; __attribute__((constructor)) static void start(int c) { started = c; }\n"
              "int found(void) { return started; }", "-fPIC")
    subprocess.run([*CC, "-shared", "-Wl,-z,nodlopen", "-o", "libstay.so", "lib.o"], cwd=t.directory, check=True)
    o = t.compile("a.c", "#include <stdlib.h>\nint found(void); int main(int c, char **v) {\n"
                  "  (void)v; return found() == c && getenv(\"LD_PRELOAD\") == NULL ? 6 : found(); }")
    environment = t.environment(ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0")
    result = t.enfold("run", o, "./libstay.so", "--", "x", "y", env=environment)
    expect_equal(result.returncode, 6, result)


main()
