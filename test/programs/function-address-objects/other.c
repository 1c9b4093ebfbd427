// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdlib.h>
typedef int Function(const char *);
int own(const char *text);
Function *other_own(void) { return own; }
Function *other_library(void) { return atoi; }
Function *const other_table[2] = {own, atoi};
