// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int program_state;
int *state_address(void) { return &program_state; }
