// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int shared;
int *exec(void) { return &shared; }
