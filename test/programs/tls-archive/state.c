// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
__thread int state = 40;
void advance(void) { state++; }
