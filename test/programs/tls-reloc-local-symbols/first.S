// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define NAME(x) first_##x
#define VALUE 11
#include "local.h"
