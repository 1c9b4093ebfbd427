// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int there;
int common[4];
int answer(int n) { return 7 * n + (&there == common); }
__attribute__((constructor)) static void in(void) { common[0] = answer(6); }
