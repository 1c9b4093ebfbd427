// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int defined_nowhere(void);
int unused(void) { return defined_nowhere(); }
