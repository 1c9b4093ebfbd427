// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "counter.h"
int other_count() { return count(); }
int* other_address() { return &Holder<int>::value; }
