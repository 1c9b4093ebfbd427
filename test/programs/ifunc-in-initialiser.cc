// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Indirect functions are resolved before any initialiser calls one.
// models: default fPIC no-pic no-plt medium
// why: ld supports no relocation of -mcmodel=large against an indirect function
#include <cstdio>

static int twice(int x) { return 2 * x; }
extern "C" int (*resolve())(int) { return twice; }
int chosen(int) __attribute__((ifunc("resolve")));
int early = chosen(21);

int main() { std::printf("%d\n", early); }
