// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define NAME wide
#define WIDE __attribute__((target("avx2")))
#include "work.h"
