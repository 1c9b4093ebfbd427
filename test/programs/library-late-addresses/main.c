// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Data and functions of a library that the program brings have one address, by whatever the code reaches them.
// shared: liblate.so = late.c
// models: default fPIC no-plt medium large
// why: see shared-library-copied for -fno-pic
#include <stdio.h>

extern int late_number, late_table[8];
int late_function(int n);
int (*late_pointer(void))(int);
int *late_place(void);
int (*const constant)(int) = late_function;

int main(void) {
  int (*volatile taken)(int) = late_function;
  printf("%d %d %d\n", taken == late_pointer(), constant == late_pointer(), taken(3));
  late_number = 5;
  printf("%d %d\n", *late_place(), late_place() == &late_number);
  late_table[7] = late_function(1);
  printf("%d %d\n", late_table[7], &late_table[3] - late_table == 3);
  return 0;
}
