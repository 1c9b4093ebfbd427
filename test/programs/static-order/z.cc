// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "log.h"
Log one_z("z one");
static Log two("z two");
