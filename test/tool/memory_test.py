# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kinds of memory, threads, what --stats and plans say of memory, and sets that share with a --base."""
import ctypes
import json
import re
import resource

from harness import SANITIZED, expect, expect_equal, expect_own_error, main, skip, test

STATUS = "int main(void) { return 41; }"
PROGRAM = """
#include <stdio.h>
int data[100] = {1};
int main(void) { return puts("x") + data[3]; }
"""
BASE = """
#include <stdio.h>
__attribute__((constructor)) static void up(void) { puts("base up"); fflush(stdout); }
__attribute__((destructor)) static void down(void) { puts("base down"); fflush(stdout); }
extern int far;
int in_base(void) { return 6 + (&far == (int*)0x10); }
"""
USER = """
#include <stdio.h>
extern int far;
int in_base(void);
int main(void) { puts("main"); return in_base() * 6 + (&far == (int*)0x10); }
"""
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1


def number(text, pattern):
    match = re.search(pattern, text)
    expect(match, pattern, "not in", text)
    return int(match.group(1))


def planned(t, *arguments):
    result = t.enfold("plan", "--json", *arguments)
    expect_equal(result.returncode, 0, result)
    return json.loads(result.stdout)


def refuse_exec_gain():
    ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)


def has_mdwe(t):
    return t.enfold("run", "--memory=strict", t.compile("a.c", STATUS), preexec_fn=refuse_exec_gain).returncode != 41


@test
def every_kind_of_memory_runs_programs(t):
    o = t.compile("a.c", STATUS)
    for kind in ("auto", "alias", "forced", "strict"):
        expect_equal(t.enfold("run", f"--memory={kind}", o).returncode, 41)
        expect_equal(t.enfold("plan", f"--memory={kind}", o).returncode, 0)


@test
def an_unknown_kind_of_memory_is_an_error(t):
    expect_own_error(t.enfold("run", "--memory=fast", t.compile("a.c", STATUS)), "--memory fast", "strict")


@test
def a_kind_that_the_system_forbids_is_an_error_with_a_cure(t):
    if not has_mdwe(t):
        skip("a kernel without PR_SET_MDWE")
    for command in ("run", "plan"):
        result = t.enfold(command, "--memory=strict", t.compile("a.c", STATUS), preexec_fn=refuse_exec_gain)
        expect_own_error(result, '"strict"', "cure: ", '"auto"')
    expect_equal(t.enfold("run", t.compile("a.c", STATUS), preexec_fn=refuse_exec_gain).returncode, 41)


@test
def a_small_address_space_serves(t):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (128 << 20, 128 << 20))

    if t.enfold("--version", preexec_fn=limit).returncode != 0:
        skip("a sanitizer's shadow takes more address space than the limit leaves")
    for kind in ("auto", "forced", "strict"):
        result = t.enfold("run", f"--memory={kind}", t.compile("a.c", STATUS), preexec_fn=limit)
        expect_equal(result.returncode, 41, result)
    too_large = t.compile("b.c", "char room[200 << 20]; int main(void) { return room[1]; }")
    expect_own_error(t.enfold("run", too_large, preexec_fn=limit), "no room for ", " bytes of address space")


@test
def threads_are_a_number(t):
    o = t.compile("a.c", STATUS)
    for count in ("0", "1", "7"):
        expect_equal(t.enfold("run", "--threads", count, o).returncode, 41)
    for count in ("x", "-1", "1.5"):
        expect_own_error(t.enfold("run", f"--threads={count}", o), "--threads")


@test
def stats_show_what_is_granted_committed_and_wasted(t):
    for kind in ("auto", "strict"):
        text = t.enfold("run", "--stats", f"--memory={kind}", t.compile("a.c", PROGRAM)).stderr.decode()
        size = number(text, r"bytes +(\d+) in \d+ segments")
        expect_equal(number(text, r"granted +(\d+) bytes in 1 block"), size)
        committed = number(text, r"committed +(\d+) bytes")
        expect_equal(number(text, r"committed +\d+ bytes, (\d+) of them waste"), committed - size)
        expect(number(text, r"window +\[0x\w+, 0x\w+\), (\d+) bytes taken") >= committed, text)
        expect(number(text, r"mappings +(\d+)") > 0, text)


@test
def a_plan_foretells_the_waste_of_pages_of_its_own(t):
    o = t.compile("a.c", PROGRAM)
    totals = planned(t, o)["totals"]
    text = t.enfold("run", "--stats", "--memory=strict", o).stderr.decode()
    expect_equal(totals["own_pages_size"], number(text, r"committed +(\d+) bytes"))
    expect_equal(totals["waste_size"], totals["own_pages_size"] - totals["size"])
    text = t.enfold("plan", o).stdout.decode()
    expect_equal(number(text, r"own pages +(\d+) bytes"), totals["own_pages_size"])
    expect_equal(number(text, r"own pages +\d+ bytes, (\d+) of them waste"), totals["waste_size"])


def base_and_user(t):
    return ["--no-relax", "--define", "far=0x10", "--base", t.compile("base.c", BASE, "-fPIC"),
            t.compile("user.c", USER, "-fPIC")]


@test
def a_base_is_linked_first_and_seen(t):
    result = t.enfold("run", *base_and_user(t))
    expect_equal((result.returncode, result.stdout), (43, b"base up\nmain\nbase down\n"), result)


@test
def a_program_shares_slots_with_its_base(t):
    plan = planned(t, *base_and_user(t))
    shared = [n for n in plan["needs"] if n["shared_with"] is not None]
    expect("far" in [n["symbol"] for n in shared], plan["needs"])
    for n in shared:
        expect_equal((n["shared_with"], n["size"]), ("base", 0))
    expect_equal(plan["totals"]["shared_slot_count"], len([n for n in shared if n["kind"] == "slot"]))
    expect_equal(plan["unresolved"], [])
    text = t.enfold("plan", *base_and_user(t)).stdout.decode()
    expect("far, user.o" in text and ", shared with base\n" in text, text)
    expect(number(text, r"shared +(\d+) slot") == plan["totals"]["shared_slot_count"], text)


@test
def stats_tell_own_slots_from_shared_ones(t):
    totals = planned(t, *base_and_user(t))["totals"]
    text = t.enfold("run", "--stats", *base_and_user(t)).stderr.decode()
    used = text[text.index("\nused\n"):]
    expect_equal(number(used, r"slots +(\d+)"), totals["slot_count"])
    expect_equal(number(used, r"shared +(\d+) slot"), totals["shared_slot_count"])


@test
def nothing_of_a_base_runs_for_a_plan(t):
    source = """
#include <stdlib.h>
__attribute__((constructor)) static void up(void) { exit(9); }
__attribute__((destructor)) static void down(void) { exit(10); }
static void g(void) {}
static void (*choose(void))(void) { exit(11); return g; }
void f(void) __attribute__((ifunc("choose")));
"""
    library = t.shared_library("libx.so", t.compile("x.c", source, "-fPIC"))
    base = t.compile("b.c", source + "extern int x(void); int y(void) { f(); return x(); }", "-fPIC")
    t.shared_library("libz.so", t.compile("z.c", "int x(void) { return 1; }", "-fPIC"))
    result = t.enfold("plan", "--base", base, "--base", library, "--base", "./libz.so", t.compile("a.c", STATUS))
    expect_equal(result.returncode, 0, result)


@test
def a_base_archive_is_linked_whole(t):
    archive = t.archive("libb.a", t.compile("b.c", "int in_base(void) { return 7; }"))
    o = t.compile("a.c", "int in_base(void); int main(void) { return in_base(); }")
    expect_equal(t.enfold("run", "--base", archive, o).returncode, 7)


@test
def a_base_may_be_a_source(t):
    t.write("b.c", "int in_base(void) { return N; }")
    t.write("a.c", "int in_base(void); int main(void) { return in_base() - N; }")
    expect_equal(t.enfold("run", "-X-DN=3", "--base", "b.c", "a.c").returncode, 0)


@test
def a_base_that_cannot_be_linked_is_an_error(t):
    o = t.compile("a.c", STATUS)
    for command in ("run", "plan"):
        expect_own_error(t.enfold(command, "--base", "absent.o", o), "absent.o")
        expect_own_error(t.enfold(command, "--base", t.compile("b.c", "int n(void); int m(void) { return n(); }"), o),
                         "'n': undefined")
        expect_own_error(t.enfold(command, "--base", "-", o), "standard input")


@test
def where_address_space_runs_out_the_tool_says_so(t):
    if SANITIZED:
        skip("sanitizers reserve address space themselves")
    text = ".globl main\nmain: xor %eax, %eax\nret\n"
    text += "".join(f".globl s{i}\ns{i}:\n" for i in range(40000)) + '.section .note.GNU-stack, "", @progbits\n'
    name = t.compile("a.s", text)
    refused = 0
    for limit in (12, 16, 24, 32, 48, 80, 120, 200, 400):
        def restrict(size=limit << 20):
            resource.setrlimit(resource.RLIMIT_AS, (size, size))
        for words in (["run"], ["plan"], ["plan", "--json", "--sections"]):
            result = t.enfold(*words, name, preexec_fn=restrict)
            if result.returncode == 0:
                continue
            refused += 1
            expect_own_error(result)
            expect_equal(result.stdout, b"", result)
            expect_equal(result.stderr.count(b"enfold: error: "), 1, result)
    expect(refused != 0, "no limit was too low")


RESIDENT = """
#include <stdio.h>
#include <sys/resource.h>
int main(void) { struct rusage use; getrusage(RUSAGE_SELF, &use); printf("%ld\\n", use.ru_maxrss / 1024); return 0; }
"""


@test
def gaps_that_alignment_leaves_take_no_memory(t):
    sections = "".join(f'.section .data.{i}, "aw", @progbits\n.balign 1 << 20\n.quad {i}\n' for i in range(400))
    sparse = t.compile("sparse.s", sections + '.section .note.GNU-stack, "", @progbits\n')
    program = t.compile("a.c", RESIDENT)
    without = int(t.enfold("run", program).stdout)
    expect(int(t.enfold("run", program, sparse).stdout) < without + 40, "400 MiB of gaps are resident")


@test
def of_large_archives_and_libraries_only_parts_are_read(t):
    unused = "char {}[60 << 20] = {{1}}; int {}_used(void) {{ return {}[1]; }}\n"
    t.archive("liblarge.a", t.compile("member.c", "int member(void) { return 0; }\n"),
              t.compile("other.c", unused.format("other", "other", "other")))
    library = t.shared_library("liblarge.so", t.compile("library.c", unused.format("table", "table", "table") +
                                                        "int library(void) { return 0; }\n", "-fPIC"))
    without = int(t.enfold("run", t.compile("a.c", RESIDENT)).stdout)
    program = t.compile("b.c", RESIDENT.replace("int main", "int member(void), library(void);\nint main")
                        .replace("return 0", "return member() + library()"))
    result = t.enfold("run", program, "liblarge.a", library)
    expect_equal(result.returncode, 0, result)
    expect(int(result.stdout) < without + 40, "of 120 MiB that nobody wants,", result.stdout, "MiB are resident")


@test
def large_alignment_is_had_whatever_lies_where(t):
    for power in (16, 21, 22, 24, 28, 30):
        name = t.compile(f"a{power}.s", f"""
            .globl main
            .bss
            .balign 1 << {power}
            block: .zero 1 << 30
            .text
            main: mov block@GOTPCREL(%rip), %rax
            and $((1 << {power}) - 1), %eax
            setnz %al
            movzbl %al, %eax
            ret
            .section .note.GNU-stack, "", @progbits
            """)
        for _ in range(4):
            result = t.enfold("run", name, env=t.environment(ASAN_OPTIONS="detect_leaks=0"))  # in all of the block
            expect_equal(result.returncode, 0, result)


LIMITED = """
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
static void *run(void *p) { return p; }
int main(void) {
  struct rlimit limit = {256 << 20, 256 << 20};
  setrlimit(RLIMIT_AS, &limit);
  pthread_t thread;
  printf("%d %d\\n", malloc(32 << 20) != NULL, pthread_create(&thread, NULL, run, NULL));
  return 0;
}
"""


@test
def a_program_may_limit_its_own_address_space(t):
    if SANITIZED:
        skip("sanitizers reserve address space themselves")
    name = t.compile("a.c", LIMITED)
    for kind in ("alias", "forced", "strict"):
        expect_equal(t.enfold("run", f"--memory={kind}", name).stdout, b"1 0\n")


main()
