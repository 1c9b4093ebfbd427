// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int strong_here(void) { return 10; }
int weak_here(void) { return 20; }
int only_there(void) { return strong_here() + weak_here(); }
