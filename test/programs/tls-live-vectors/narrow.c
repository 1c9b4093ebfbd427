// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define NAME narrow
#include "work.h"
