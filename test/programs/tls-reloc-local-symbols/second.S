// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define NAME(x) second_##x
#define VALUE 22
#include "local.h"
