// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nothing before it, nothing beside it, and twice.
#include <enfold/c.h>

enfold_session_options options = {0};
