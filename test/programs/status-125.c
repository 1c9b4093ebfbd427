// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program may exit with the status that the tool uses for its own errors.
// status: 125
// opts: O2
// models: default
// why: the fact is the process's, not the code's
int main(void) { return 125; }
