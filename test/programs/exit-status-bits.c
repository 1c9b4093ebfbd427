// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Only the low eight bits of a status are the process's.
// args: 511
// status: 255
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#include <stdlib.h>
int main(int argc, char **argv) { return argc == 2 ? atoi(argv[1]) : 0; }
