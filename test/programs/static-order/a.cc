// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "log.h"
Log one_a("a one");
static Log two("a two");
