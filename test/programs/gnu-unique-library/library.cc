// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "count.h"
int library_count() { return count(); }
