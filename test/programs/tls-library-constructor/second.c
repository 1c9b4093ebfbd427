// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int first_count;
__thread int second_count = 7;
__attribute__((constructor)) static void up(void) { second_count += ++first_count; }
