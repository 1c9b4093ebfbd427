// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
const int table[4] = {1, 2, 3, 4};
const char *const names[2] = {"one", "two"};
int count = 12;
