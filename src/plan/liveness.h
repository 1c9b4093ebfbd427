// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --gc-sections: what no root reaches is left out. Roots are the symbols that the set's options name, initialiser and
// finaliser arrays, sections that ask to be retained, notes, and sections whose bounds somebody asks for. An unwind
// record keeps nothing alive; it lives with its function, and its exception table with it.
#ifndef ENFOLD_PLAN_LIVENESS_H_
#define ENFOLD_PLAN_LIVENESS_H_

#include <enfold/error.h>

#include "link_state.h"

namespace enfold {

// Clears Section::live of what is not reached. Errors: kMalformed unwind sections.
Expected<void> mark_live(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_LIVENESS_H_
