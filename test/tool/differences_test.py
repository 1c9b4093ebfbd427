#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What differs between a program that `enfold run` starts and the same program from the system linker.

docs/design.md lists these differences. A test here fails when one is gone: then the list has to change.
"""
import os
import subprocess

from harness import CC, ENFOLD, PATIENCE, expect, expect_equal, main, test

HEAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
"""


def both(t, body, *flags, link=("-rdynamic",), objects=()):
    """What the program prints from the system linker, and by enfold run."""
    t.compile("p.c", HEAD + body, "-O1", "-fno-builtin", *flags)
    subprocess.run([*CC, "p.o", *objects, *link, "-o", "p"], cwd=t.directory, check=True)
    linked = subprocess.run(["./p"], cwd=t.directory, capture_output=True, timeout=PATIENCE, check=True)
    ours = t.enfold("run", "p.o", *objects)
    expect_equal(ours.returncode, 0, ours)
    return linked.stdout.decode(), ours.stdout.decode()


@test
def proc_self_exe_is_the_tool(t):
    linked, ours = both(t, "int main(void) { char b[4096] = {0}; readlink(\"/proc/self/exe\", b, sizeof b - 1);"
                        " return puts(b) < 0; }")
    expect_equal(linked, os.path.realpath(t.directory / "p") + "\n")
    expect_equal(ours, os.path.realpath(ENFOLD) + "\n")


@test
def the_auxiliary_vector_has_the_tools_headers_and_entry(t):
    linked, ours = both(t, """
extern const char __ehdr_start[];
int main(void) {
  const ElfW(Ehdr) *own = (const ElfW(Ehdr) *)__ehdr_start;
  printf("%d %d\\n", getauxval(AT_PHDR) == (uintptr_t)own + own->e_phoff,
         getauxval(AT_ENTRY) == (uintptr_t)own + own->e_entry);
  return 0;
}""")
    expect_equal((linked, ours), ("1 1\n", "0 0\n"))


@test
def the_first_object_is_the_tool(t):
    linked, ours = both(t, """
static int nth, own = -1;
static int visit(struct dl_phdr_info *info, size_t size, void *name) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    uintptr_t offset = (uintptr_t)&nth - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr;
    if (info->dlpi_phdr[i].p_type != PT_LOAD || offset >= info->dlpi_phdr[i].p_memsz) continue;
    own = nth;
    strcpy(name, info->dlpi_name);
  }
  return ++nth, 0;
}
int main(void) {
  char name[4096] = "";
  dl_iterate_phdr(visit, name);
  printf("%s '%s'\\n", own == 0 ? "first" : own > 0 ? "later" : "none", name);
  return 0;
}""")
    expect_equal((linked, ours), ("first ''\n", "later 'p (linked at run time)'\n"))


@test
def a_library_opened_later_has_the_c_librarys_where_the_program_has_that_name_too(t):
    t.compile("plugin.c", "int atoi(const char *s);\nint ask(void) { return atoi(\"7\"); }", "-fPIC", "-fno-builtin")
    t.shared_library("plugin.so", "plugin.o")
    linked, ours = both(t, """
int atoi(const char *s) { return *s == '7' ? 42 : 0; }
int main(void) {
  int (*ask)(void) = (int (*)(void))dlsym(dlopen("./plugin.so", RTLD_NOW), "ask");
  printf("%d\\n", ask());
  return 0;
}""")
    expect_equal((linked, ours), ("42\n", "7\n"))


@test
def programs_without_pie_have_no_fixed_addresses(t):
    linked, ours = both(t, "int main(void) { printf(\"%d\\n\", (uintptr_t)main < 0x1000000); return 0; }", "-fPIE",
                        link=("-no-pie", "-rdynamic"))
    expect_equal((linked, ours), ("1\n", "0\n"))


@test
def equal_strings_of_several_objects_are_several(t):
    t.compile("other.c", "const char *other(void) { return \"the same in both\"; }", "-O1")
    linked, ours = both(t, "const char *other(void);\n"
                        "static const char *const own = \"the same in both\";\n"
                        "int main(void) { printf(\"%d\\n\", other() == own); return 0; }", objects=("other.o",))
    expect_equal((linked, ours), ("1\n", "0\n"))


@test
def callers_of_main_are_functions_of_the_tool(t):
    linked, ours = both(t, """
#include <execinfo.h>
int main(void) {
  void *frames[20];
  Dl_info info = {0};
  int count = backtrace(frames, 20);
  if (count > 1) dladdr(frames[1], &info);
  printf("%d\\n", info.dli_fname != NULL && strstr(info.dli_fname, "libc") != NULL);
  return 0;
}""")
    expect_equal((linked, ours), ("1\n", "0\n"))


@test
def with_a_low_limit_of_file_sizes_the_process_does_not_know_the_program(t):
    body = "int own(void) { return 1; }\n" \
           "int main(void) { printf(\"%d\\n\", dlsym(RTLD_DEFAULT, \"own\") != NULL); return 0; }"
    linked, ours = both(t, body)
    expect_equal((linked, ours), ("1\n", "1\n"))
    for command, known in (["./p"], "1\n"), ([ENFOLD, "run", "p.o"], "0\n"):
        done = subprocess.run(["sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh", *command], cwd=t.directory,
                              capture_output=True, timeout=PATIENCE, env=t.environment())
        expect_equal(done.stdout.decode(), known, done)


main()
