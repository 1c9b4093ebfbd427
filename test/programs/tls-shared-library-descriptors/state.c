// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int state = 5;
static __thread int own = 40;
int *state_address(void) { return &state; }
int state_private(void) { return ++own; }
