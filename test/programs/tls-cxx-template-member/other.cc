// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "pool.h"
int use_int() { return Pool<int>::live += Pool<int>::name.text[0] == 'p' ? 10 : 0; }
