// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int called_by_constructor(int);
extern int wanted;

static int result;
__attribute__((constructor)) static void start(void) {
  result = called_by_constructor(2) + wanted;
}
int seen(void) { return result; }
