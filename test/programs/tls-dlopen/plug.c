// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int plug_state = 10;
int plug_next(void) { return ++plug_state; }
