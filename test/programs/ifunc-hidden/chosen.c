// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static int base = 100;
static int add(int x) { return base + x; }
static int (*resolve(void))(int) { return add; }
__attribute__((visibility("hidden"))) int chosen(int) __attribute__((ifunc("resolve")));
