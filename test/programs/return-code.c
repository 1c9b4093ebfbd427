// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The value that main returns is the exit status, modulo 256.
// status: 44
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
int main(void) { return 300; }
