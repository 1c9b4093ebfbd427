// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Pieces of .init run behind .preinit_array and before constructors, in link order; those of .fini come last.
// opts: O2
// models: default
// why: the pieces are in the assembler source
#include <stdio.h>

static int step;

void note(const char *what) { printf("%d %s\n", step++, what); }

__attribute__((constructor)) static void constructed(void) { note("constructor"); }
__attribute__((constructor(101))) static void constructed_early(void) { note("constructor 101"); }
__attribute__((destructor)) static void destroyed(void) { note("destructor"); }
__attribute__((destructor(101))) static void destroyed_late(void) { note("destructor 101"); }

static void before_all(void) { note("preinit"); }
__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = before_all;

int main(void) {
  note("main");
  return 0;
}
