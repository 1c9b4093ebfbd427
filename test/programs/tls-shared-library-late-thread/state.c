// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread long state = 3;
long bump(void) { return ++state; }
