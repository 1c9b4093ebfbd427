// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static int twice(int x) { return 2 * x; }
static int (*resolve(void))(int) { return twice; }
int chosen(int) __attribute__((ifunc("resolve")));
