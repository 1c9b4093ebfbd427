// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "counter.h"
#include <cstdio>
Counter::Counter() : value(100) { std::puts("made once"); }
int* other_number() { return &number; }
Counter* other_counter() { return &counter; }
