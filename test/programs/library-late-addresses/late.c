// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int late_number = 1, late_table[8];
int late_function(int n) { return n + late_number; }
int (*late_pointer(void))(int) { return late_function; }
int *late_place(void) { return &late_number; }
