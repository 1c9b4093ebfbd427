// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
static int own = std::puts("unused's");
int unused() { return own; }
