// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
__thread int state_of_another = 1;
__attribute__((constructor)) static void never(void) { puts("not wanted"); }
