# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How the command line is read, what the man page says of it, and how the executable itself is linked."""
import re
import subprocess

from harness import (ENFOLD, MAN_PAGE, expect, expect_equal, expect_own_error, main, skip, test)

MAIN = "int main(void) { return 0; }"


@test
def help_exits_zero_on_standard_output(t):
    for arguments in (["--help"], ["run", "--help"], ["plan", "--help"]):
        result = t.enfold(*arguments)
        expect_equal(result.returncode, 0, result)
        expect(b"enfold" in result.stdout and not result.stderr, result)


@test
def version_is_printed(t):
    for option in ("--version", "-v"):
        result = t.enfold(option)
        expect_equal(result.returncode, 0, result)
        expect(re.fullmatch(rb"enfold \d+\.\d+\.\d+\n", result.stdout), result.stdout)


@test
def no_command_is_an_error(t):
    expect_own_error(t.enfold(), "no command")


@test
def an_unknown_command_is_an_error(t):
    expect_own_error(t.enfold("lnik", "a.o"), "'lnik'")


@test
def an_unknown_option_is_an_error_that_names_it(t):
    expect_own_error(t.enfold("run", "--no-such-option", "a.o"), "--no-such-option", "enfold run --help")


@test
def a_missing_option_value_is_an_error(t):
    expect_own_error(t.enfold("run", "a.o", "--entry"), "--entry")


@test
def no_input_is_an_error(t):
    expect_own_error(t.enfold("run"), "no input files")
    expect_own_error(t.enfold("run", "--", "a.o"), "no input files")


@test
def plan_takes_no_program_arguments(t):
    expect_own_error(t.enfold("plan", "a.o", "--", "x"), "plan")


@test
def a_definition_needs_a_symbol_and_a_number(t):
    for definition in ("f", "=1", "f=", "f=0xg", "f=-1", "f=08", "f=18446744073709551616"):
        expect_own_error(t.enfold("run", "--define", definition, "a.o"), "SYM=ADDR")


@test
def standard_input_is_read_once_only(t):
    expect_own_error(t.enfold("run", "-", "-"), "standard input")


@test
def a_missing_file_is_an_error_that_names_it(t):
    expect_own_error(t.enfold("run", "absent.o"), "absent.o")
    expect_own_error(t.enfold("plan", "absent.o"), "absent.o")


@test
def a_missing_library_is_an_error_that_names_it(t):
    expect_own_error(t.enfold("run", t.compile("a.c", MAIN), "-l", "no-such-library"), "no-such-library")


@test
def a_file_named_like_a_command_is_a_file(t):
    expect_own_error(t.enfold("run", "plan"), "plan")


def options_of_help(t):
    found = set()
    for arguments in (["--help"], ["run", "--help"], ["plan", "--help"]):
        text = t.enfold(*arguments).stdout.decode()
        for line in text.splitlines():
            head = re.match(r"\s+((?:-[\w-]+)(?:,-[\w-]+)*)", line)
            if head:
                found.update(head.group(1).split(","))
    return found


def options_of_man_page():
    """Each option is the subject of a tagged paragraph: .BR or .B or .BI right behind .TP."""
    found = set()
    with open(MAN_PAGE, encoding="utf-8") as page:
        lines = page.read().replace("\\-", "-").splitlines()
    for before, line in zip(lines, lines[1:]):
        if before == ".TP" and re.match(r"\.(B|BR|BI) -", line):
            found.update(re.findall(r"(?<![\w-])-{1,2}[A-Za-z][\w-]*", line))
    return found


@test
def the_man_page_covers_every_option_of_the_help(t):
    expect_equal(options_of_help(t) - options_of_man_page(), set())


@test
def the_man_page_covers_no_option_that_is_not(t):
    expect_equal(options_of_man_page() - options_of_help(t), set())


@test
def the_man_page_is_without_errors(t):
    result = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", MAN_PAGE], capture_output=True, check=False)
    expect_equal(result.stderr, b"")


@test
def the_executable_has_no_copy_relocations(t):
    result = subprocess.run(["readelf", "-rW", ENFOLD], capture_output=True, check=True)
    expect(b"R_X86_64_" in result.stdout or b"R_AARCH64_" in result.stdout, "no relocations seen at all")
    expect(b"_COPY" not in result.stdout, result.stdout)


@test
def the_executable_exports_only_what_unwinders_and_debuggers_ask_for(t):
    result = subprocess.run(["nm", "-D", "--defined-only", ENFOLD], capture_output=True, check=True)
    needed = subprocess.run(["readelf", "-dW", ENFOLD], capture_output=True, check=True).stdout
    if any(name in result.stdout + needed for name in (b"__asan", b"__tsan", b"libasan", b"libtsan")):
        skip("a sanitizer's run time has to export more, and so nothing is held back")
    names = sorted(line.split()[-1] for line in result.stdout.splitlines())
    expect_equal(names, [b"__jit_debug_descriptor", b"__jit_debug_register_code", b"_dl_find_object",
                         b"dl_iterate_phdr"])


main()
