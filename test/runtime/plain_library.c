// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A library that a process loads when it is under way.
int enfold_test_plain(void) { return 7; }
