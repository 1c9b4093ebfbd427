// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Division of 128-bit integers needs a helper that only libgcc.a has.
#include <stdio.h>

typedef unsigned __int128 Wide;
static void print(Wide n) { printf("%#lx%016lx\n", (unsigned long)(n >> 64), (unsigned long)n); }

int main(int argc, char **argv) {
  (void)argv;
  Wide big = ((Wide)0x123456789abcdef0 << 64) + (unsigned)argc;
  Wide divisor = ((Wide)argc << 70) + 12345;
  print(big / divisor), print(big % divisor);
  print((Wide)((__int128)-big / (__int128)divisor)), print((Wide)((__int128)-big % (__int128)divisor));
  return 0;
}
