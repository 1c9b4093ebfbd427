// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static int state = 100;
static int step(void) { return state += 10; }
int other_step(void) { return step(); }
