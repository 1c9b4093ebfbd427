// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program's main may lie in a shared library that it is linked with.
// shared: libentry.so = entry.c
// args: one two
int value(void) { return 7; }
