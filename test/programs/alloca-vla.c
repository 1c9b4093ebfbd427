// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: alloca and arrays of variable length work, stack probes included.
// flags: -fstack-clash-protection
#include <alloca.h>
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static long fill(long size) {
  char *block = alloca(size), array[size];
  memset(block, 1, size);
  memset(array, 2, size);
  long sum = 0;
  for (long i = 0; i < size; i++) sum += block[i] + array[i];
  return sum;
}

int main(void) {
  printf("%ld %ld\n", fill(10), fill(100000));
  return 0;
}
