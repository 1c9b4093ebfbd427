// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects from C++, C and assembler call one another.
#include <cstdio>

extern "C" int from_c(int), from_assembler(int);
extern "C" int from_cxx(int n) { return n + 1; }

int main() { std::printf("%d %d\n", from_c(1), from_assembler(2)); }
