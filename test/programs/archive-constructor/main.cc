// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A pulled member's constructors run, in the order of the link line; those of members left out do not.
// opts: O2
// models: default no-pic
// why: the fact is about files, not about code
// archive: lib.a = used.cc unused.cc
#include <cstdio>

int used();
static int own = std::puts("main's");

int main() { return used() + own < 0; }
