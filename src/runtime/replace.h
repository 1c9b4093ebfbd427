// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_REPLACE_H_
#define ENFOLD_RUNTIME_REPLACE_H_

#include <enfold/error.h>

#include "session_state.h"

namespace enfold {

// Puts `next`, which was linked for it and attached, in the place of `old`: its names, its users and the stubs that it
// is known by. All or nothing. Errors: kInvalidArgument, kInUse, kDuplicateSymbol, kMemory.
Expected<void> take_place(SetRecord& old, SetRecord& next);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_REPLACE_H_
