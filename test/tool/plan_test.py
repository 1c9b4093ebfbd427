# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enfold plan`: the text, the documented JSON, and the map."""
import json
import subprocess

from harness import CC, expect, expect_equal, expect_own_error, main, test

PROGRAM = """
#include <stdio.h>
int data[100] = {1};
int bss[1000];
int main(void) { return puts("x") + data[3] + bss[2]; }
"""
UNRESOLVED = "int nowhere(int); int main(void) { return nowhere(1); }"


def planned(t, *arguments):
    result = t.enfold("plan", "--json", *arguments)
    expect_equal(result.returncode, 0, result)
    return json.loads(result.stdout)


def members(value, **types):
    for name, kind in types.items():
        expect(name in value, name, "is missing in", value)
        expect(isinstance(value[name], kind) and not isinstance(value[name], bool), name, "is", repr(value[name]))
    expect_equal(set(value) - set(types), set())


@test
def json_has_the_documented_members(t):
    plan = planned(t, t.compile("a.c", PROGRAM))
    members(plan, version=int, set=str, architecture=str, window=dict, zone_count=int, control_flow=dict, inputs=list,
            segments=list, needs=list, unresolved=list, totals=dict, passes=list)
    members(plan["window"], lo=int, hi=int)
    expect_equal(plan["version"], 1)


@test
def json_segments_have_the_documented_members(t):
    for segment in planned(t, t.compile("a.c", PROGRAM))["segments"]:
        members(segment, protection=str, zone=int, size=int, written_size=int, alignment=int, section_count=int,
                slot_count=int, slot_size=int, stub_count=int, stub_size=int)
        expect(segment["protection"] in ("R", "RX", "RELRO", "RW"), segment)


@test
def json_totals_have_the_documented_members(t):
    members(planned(t, t.compile("a.c", PROGRAM))["totals"], size=int, written_size=int, own_pages_size=int,
            waste_size=int, slot_count=int, slot_size=int, stub_count=int, stub_size=int, shared_slot_count=int,
            shared_stub_count=int, copy_count=int, common_count=int, object_count=int,
            section_count=int, relocation_count=int, relaxed_count=int, discarded_section_count=int,
            discarded_size=int, unresolved_count=int)


@test
def json_numbers_are_integers(t):
    def refuse(text):
        raise AssertionError(f"{text} is no integer")

    result = t.enfold("plan", "--json", "--sections", t.compile("a.c", PROGRAM))
    json.loads(result.stdout, parse_float=refuse, parse_constant=refuse)


@test
def control_flow_protection_is_what_all_code_is_compiled_for(t):
    full = t.compile("full.c", PROGRAM, "-fcf-protection=full")
    branch = t.compile("branch.c", "void f(void) {}", "-fcf-protection=branch")
    none = t.compile("none.c", "void g(void) {}", "-fcf-protection=none")
    for objects, landing_pads, shadow_stack, words in [
        ([full], True, True, "landing pads, shadow stack"),
        ([full, branch], True, False, "landing pads"),
        ([full, none], False, False, "none"),
    ]:
        expect_equal(planned(t, *objects)["control_flow"], {"landing_pads": landing_pads, "shadow_stack": shadow_stack})
        text = t.enfold("plan", *objects).stdout.decode()
        expect(f"\n  control flow {words}\n" in text, text)


@test
def totals_are_the_sums_of_the_segments(t):
    plan = planned(t, t.compile("a.c", PROGRAM))
    for total in ("size", "written_size", "slot_count", "slot_size", "stub_count", "stub_size"):
        expect_equal(plan["totals"][total], sum(s[total] for s in plan["segments"]))


@test
def data_that_is_zero_is_not_written(t):
    plan = planned(t, t.compile("a.c", PROGRAM))
    data = next(s for s in plan["segments"] if s["protection"] == "RW")
    expect(data["size"] >= 4400 and 400 <= data["written_size"] < 4000, data)


@test
def a_slot_is_listed_with_its_reason_and_first_use(t):
    source = "extern int far; int main(void) { return far; }"
    plan = planned(t, t.compile("a.c", source, "-fPIC"), "--define", "far=0x10", "--no-relax")
    slot = next(n for n in plan["needs"] if n["symbol"] == "far")
    members(slot, kind=str, reason=str, zone=int, symbol=str, demangled=str, symbol_object=(str, type(None)),
            shared_with=(str, type(None)), size=int, use_count=int, first_use=dict)
    members(slot["first_use"], object=str, section=str, offset=int, relocation=str)
    expect_equal((slot["kind"], slot["size"], slot["use_count"]), ("slot", 8, 1))
    expect_equal(slot["first_use"]["object"], "a.o")


@test
def no_relax_keeps_the_slot_of_a_symbol_in_reach(t):
    o = t.compile("a.c", "extern int near; int main(void) { return near; }", "-fPIC"), t.compile("b.c", "int near = 1;")
    expect_equal(planned(t, *o)["needs"], [])
    (slot,) = planned(t, "--no-relax", *o)["needs"]
    expect_equal((slot["kind"], slot["reason"], slot["symbol"]), ("slot", "relaxation-off", "near"))


@test
def copy_data_is_listed_as_a_need(t):
    source = '#include <stdio.h>\nint main(void) { return fputs("an absolute address", stdout) == 0; }'
    plan = planned(t, "--copy-data", t.compile("a.c", source, "-fno-pic"))
    expect_equal([n["symbol"] for n in plan["needs"] if n["kind"] == "copy"], ["stdout"])


@test
def names_are_demangled_beside_the_mangled_ones(t):
    plan = planned(t, t.compile("a.cc", "int nowhere(int); int main() { return nowhere(1); }"))
    expect_equal([(u["symbol"], u["demangled"]) for u in plan["unresolved"]], [("_Z7nowherei", "nowhere(int)")])


@test
def unresolved_symbols_are_listed_with_their_places(t):
    plan = planned(t, t.compile("a.c", UNRESOLVED))
    (symbol,) = plan["unresolved"]
    members(symbol, symbol=str, demangled=str, reference_count=int, references=list)
    expect_equal((symbol["symbol"], symbol["reference_count"]), ("nowhere", 1))
    expect_equal((symbol["references"][0]["object"], symbol["references"][0]["section"]), ("a.o", ".text"))


@test
def unresolved_symbols_are_no_error(t):
    result = t.enfold("plan", t.compile("a.c", UNRESOLVED))
    expect_equal(result.returncode, 0, result)
    expect(b"unresolved" in result.stdout and b"nowhere, 1 reference\n" in result.stdout, result.stdout)


@test
def unresolved_symbols_are_an_error_under_strict(t):
    result = t.enfold("plan", "--strict", t.compile("a.c", UNRESOLVED))
    expect_own_error(result, "1 unresolved symbol")
    expect(b"nowhere" in result.stdout, "the plan is printed all the same")


@test
def strict_is_content_when_everything_resolves(t):
    result = t.enfold("plan", "--strict", t.compile("a.c", PROGRAM))
    expect_equal(result.returncode, 0, result)


@test
def sections_are_listed_on_request(t):
    plan = planned(t, "--sections", t.compile("a.c", PROGRAM, "-fno-common"))
    for section in plan["sections"]:
        members(section, object=str, section=str, segment=int, offset=int, size=int, alignment=int)
    for symbol in plan["symbols"]:
        members(symbol, symbol=str, demangled=str, origin=(str, type(None)), size=int)
    expect(("a.o", ".text") in [(s["object"], s["section"]) for s in plan["sections"]], plan["sections"])
    expect("main" in [s["symbol"] for s in plan["symbols"]], plan["symbols"])


@test
def gc_sections_drops_what_the_entry_does_not_reach(t):
    source = "int unused(void) { return 1; } int main(void) { return 0; }"
    o = t.compile("a.c", source, "-ffunction-sections")
    expect(planned(t, "--gc-sections", o)["totals"]["discarded_section_count"] > 0, "nothing discarded")
    kept = [s["section"] for s in planned(t, "--gc-sections", "--sections", o)["sections"]]
    expect(".text.main" in kept and ".text.unused" not in kept, kept)


@test
def archive_members_are_taken_as_needed(t):
    archive = t.archive("libx.a", t.compile("f.c", "int f(void) { return 0; }"), t.compile("g.c", "int g;"))
    o = t.compile("a.c", "int f(void); int main(void) { return f(); }")
    expect_equal(planned(t, o, archive, "--no-default-libs")["inputs"], ["a.o", "libx.a(f.o)"])


@test
def whole_archive_takes_every_member_of_those_that_follow(t):
    x = t.archive("libx.a", t.compile("f.c", "int f(void) { return 0; }"))
    y = t.archive("liby.a", t.compile("g.c", "int g(void) { return 0; }"))
    z = t.archive("libz.a", t.compile("h.c", "int h(void) { return 0; }"))
    o = t.compile("a.c", "int main(void) { return 0; }")
    plan = planned(t, o, x, "--whole-archive", y, "--no-whole-archive", z, "--no-default-libs")
    expect_equal(plan["inputs"], ["a.o", "liby.a(g.o)"])


@test
def the_compilers_helpers_are_linked_as_needed(t):
    source = "int main(void) { __builtin_cpu_init(); return __builtin_cpu_supports(\"avx2\"); }"
    inputs = planned(t, t.compile("a.c", source))["inputs"]
    expect(any("libgcc.a(" in i for i in inputs), inputs)


@test
def the_compilers_helpers_can_be_left_out(t):
    source = "int main(void) { __builtin_cpu_init(); return __builtin_cpu_supports(\"avx2\"); }"
    expect_equal(planned(t, "--no-default-libs", t.compile("a.c", source))["inputs"], ["a.o"])


@test
def libraries_are_found_in_the_given_directory(t):
    (t.directory / "lib dir").mkdir()
    t.archive("lib dir/libx.a", t.compile("f.c", "int f(void) { return 0; }"))
    o = t.compile("a.c", "int f(void); int main(void) { return f(); }")
    for options in (["-Llib dir", "-lx"], ["-L", "lib dir", "-l", "x"]):
        expect_equal(planned(t, o, *options)["unresolved"], [])


@test
def the_text_names_segments_and_totals(t):
    result = t.enfold("plan", t.compile("a.c", PROGRAM))
    text = result.stdout.decode()
    for word in ("set a: ", "window [", "segments", "  RX ", "  RW ", "totals", "slots", "stubs"):
        expect(word in text, word, "not in", text)


@test
def planning_writes_a_map_as_well(t):
    result = t.enfold("plan", "--map", "out.map", t.compile("a.c", PROGRAM))
    expect_equal(result.returncode, 0, result)
    text = (t.directory / "out.map").read_text()
    expect("a.o(.text)" in text, text)


@test
def a_source_is_compiled_for_a_plan(t):
    expect_equal(planned(t, t.write("a.c", PROGRAM))["inputs"][0], "a.c")


@test
def nothing_runs(t):
    source = '#include <stdlib.h>\n__attribute__((constructor)) void f(void) { exit(9); } int main(void) { exit(8); }'
    expect_equal(t.enfold("plan", t.compile("a.c", source)).returncode, 0)


HOSTILE = """
        .globl main, "clearE[2Jscreen", "RLOfdp", "lineNenfold: error: forged", "noXutf8"
        .section "oddE]0;titleB", "ax", @progbits
main:
"clearE[2Jscreen":
        call "undefinedE[31m"
        mov "gotC"@GOTPCREL(%rip), %rax
"lineNenfold: error: forged":
"RLOfdp":
"noXutf8":
        ret
        .section .note.GNU-stack, "", @progbits
"""
# What assemblers do not take in names, put there afterwards.
BYTES = {b"clearE": b"clear\x1b", b"RLOfdp": b"\xe2\x80\xaefdp", b"lineN": b"line\n", b"noXutf8": b"no\xffutf8",
         b"oddE]0;titleB": b"odd\x1b]0;title\x07", b"undefinedE": b"undefined\x1b", b"gotC": b"got\x9b"}


def has_no_control(data, *names):
    for byte in data.replace(b"\n", b""):
        expect(byte >= 0x20 and byte != 0x7f, "control character in", repr(data))
    text = data.decode()  # what is no UTF-8 is escaped
    expect("\u202e" not in text and "\u009b" not in text, "control character in", repr(text))
    expect("\nenfold: error: forged" not in text, "a forged line in", repr(text))
    for name in names:
        expect(name in text, repr(name), "not in", repr(text))


def hostile(t):
    t.write("hostile.s", HOSTILE)
    name = "evil\x1b[2J.o"
    subprocess.run([*CC, "-c", "hostile.s", "-o", name], cwd=t.directory, check=True)
    path = t.directory / name
    data = path.read_bytes()
    for plain, bad in BYTES.items():
        expect(plain in data, plain)
        data = data.replace(plain, bad)
    path.write_bytes(data)
    return name


@test
def text_has_no_control_characters_of_names(t):
    name = hostile(t)
    result = t.enfold("plan", "--sections", "--map", "a.map", "--name", "set\x1b[0m", name)
    expect_equal(result.returncode, 0, result)
    names = ["clear\\x1b[2Jscreen", "\\u202efdp", "line\\x0aenfold: error: forged", "no\\xffutf8",
             "odd\\x1b]0;title\\x07", "undefined\\x1b[31m", "evil\\x1b[2J.o", "set\\x1b[0m"]
    has_no_control(result.stdout, *names)
    has_no_control((t.directory / "a.map").read_bytes(), *names)
    has_no_control(t.enfold("run", name).stderr, "undefined\\x1b[31m", "evil\\x1b[2J.o")
    has_no_control(t.enfold("run", "missing\x1b[2J.o").stderr, "missing\\x1b[2J.o")
    has_no_control(t.enfold("run", "--no-such\x1b[2J", name).stderr, "no-such\\x1b[2J")


@test
def json_has_names_to_the_byte(t):
    result = t.enfold("plan", "--json", "--sections", hostile(t))
    expect_equal(result.returncode, 0, result)
    plan = json.loads(result.stdout)
    symbols = [symbol["symbol"] for symbol in plan["symbols"]]
    for name in ["clear\x1b[2Jscreen", "\u202efdp", "line\nenfold: error: forged", "no\ufffdutf8"]:
        expect(name in symbols, repr(name), "not in", symbols)
    others = {other["text"]: bytes.fromhex(other["bytes"]) for other in plan["not_utf8"]}
    expect_equal(others["no\ufffdutf8"], b"no\xffutf8")


main()
