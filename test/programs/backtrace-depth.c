// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: backtrace() walks through the set's frames by their unwind tables, up to main's caller.
// flags: -fno-omit-frame-pointer -fno-optimize-sibling-calls
#include <execinfo.h>
#include <stdio.h>

__attribute__((noinline)) static int depth(void) {
  void *frames[64];
  return backtrace(frames, 64);
}
__attribute__((noinline)) static int nest(int n) { return n == 0 ? depth() : nest(n - 1) + 0 * n; }

int main(void) {
  volatile int ten = 10, twenty = 20;
  printf("%d\n", nest(twenty) - nest(ten));
  return 0;
}
