// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "common.h"
Function address_in_b() { return &step; }
