# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sources that begin with "#!", run by the kernel or by name, and a map on standard output."""
import os
import subprocess

from harness import ENFOLD, PATIENCE, expect, expect_equal, expect_own_error, main, skip, test

PRINTS = """
#include <stdio.h>
int main(int argc, char** argv) {
  for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
  printf(" line %d of %s\\n", __LINE__, __FILE__);
  return argc;
}
"""


def script(t, name, text, line=f"#!{ENFOLD} run"):
    t.write(name, line + text)
    os.chmod(t.directory / name, 0o755)
    return "./" + name


def execute(t, *words):
    return subprocess.run(words, cwd=t.directory, capture_output=True, check=False, env=t.environment(),
                          timeout=PATIENCE)


def expect_output(result, status, text):
    expect_equal((result.returncode, result.stdout), (status, text.encode()), result)


@test
def the_kernel_runs_a_script_with_its_arguments(t):
    name = script(t, "hello.c", PRINTS)
    expect_output(execute(t, name), 1, " line 5 of ./hello.c\n")
    expect_output(execute(t, name, "a b", "-v", "x.o"), 4, "[a b][-v][x.o] line 5 of ./hello.c\n")
    expect_output(execute(t, name, "a", "--", "b"), 4, "[a][--][b] line 5 of ./hello.c\n")


@test
def options_stand_in_the_first_line(t):
    name = script(t, "hello", PRINTS.replace("return argc", "return argc + N"), f"#!{ENFOLD} run -X -DN=40 --no-relax")
    expect_output(execute(t, name, "a"), 42, "[a] line 5 of ./hello\n")


@test
def a_script_is_run_by_name_as_well(t):
    name = script(t, "hello.c", PRINTS, "#!/usr/bin/env -S enfold run")
    expect_output(t.enfold("run", "--entry", "main", name, "a"), 2, "[a] line 5 of ./hello.c\n")
    expect_output(t.enfold("run", name, "--", "a"), 2, "[a] line 5 of ./hello.c\n")


@test
def a_script_without_suffix_is_c_unless_its_flags_say_otherwise(t):
    t.write("sub/part.h", "#define PART 7\n")
    source = '\n#include "part.h"\nint main(void) { int class = PART; return class; }\n'
    expect_equal(execute(t, script(t, "sub/tool", source)).returncode, 7)
    source = "\n#include <string>\nint main() { return int(std::string(8, 'a').size()); }\n"
    expect_equal(execute(t, script(t, "tool", source, f"#!{ENFOLD} run -X -xc++")).returncode, 8)
    expect_equal(execute(t, script(t, "tool.cc", source)).returncode, 8)


@test
def errors_name_the_script_and_its_line(t):
    result = execute(t, script(t, "wrong.c", "\nint main(void) { return nothing; }\n"))
    expect(b"./wrong.c:2:" in result.stderr, result.stderr)


@test
def a_script_of_another_interpreter_is_no_source(t):
    expect_own_error(t.enfold("run", script(t, "other", "\necho\n", "#!/bin/sh")), "other")


@test
def a_script_beside_other_files_is_a_source(t):
    other = t.compile("other.c", "int other(void) { return 9; }")
    t.write("main.c", "#!/usr/bin/enfold run\nint other(void);\n"
            "int main(int c, char** v) { (void)v; return other() + c; }\n")
    expect_equal(t.enfold("run", other, "main.c", "--", "x", "y").returncode, 12)
    expect_equal(t.enfold("plan", other, "main.c").returncode, 0)


@test
def a_map_goes_to_standard_output(t):
    target = t.compile("a.c", "#include <stdio.h>\nint main(void) { puts(\"end\"); return 3; }\n")
    result = t.enfold("run", "--map", "-", target)
    expect_equal(result.returncode, 3, result)
    expect(b"segments\n" in result.stdout and result.stdout.endswith(b"\nend\n"), result.stdout)
    expect(b"segments\n" in t.enfold("plan", "--map", "-", target).stdout, "a plan's map")
    expect(not (t.directory / "-").exists(), "a file is called -")
    expect_own_error(t.enfold("plan", "--json", "--map", "-", target), "--json and --map -")


@test
def a_map_on_a_full_device_is_an_error(t):
    if not os.path.exists("/dev/full"):
        skip("there is no /dev/full")
    target = t.compile("a.c", "int main(void) { return 3; }\n")
    with open("/dev/full", "wb") as full:
        result = subprocess.run([ENFOLD, "run", "--map", "-", target], cwd=t.directory, stdout=full,
                                stderr=subprocess.PIPE, env=t.environment(), check=False, timeout=PATIENCE)
    expect_equal((result.returncode, b"standard output" in result.stderr), (125, True), result)


main()
