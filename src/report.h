// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_REPORT_H_
#define ENFOLD_REPORT_H_

#include <enfold/error.h>
#include <enfold/plan.h>

#include "link_state.h"

namespace enfold {

// The plan as users see it; with addresses once the block is reserved.
Plan make_plan(const LinkState& link, Detail detail);

// One error for all unresolved symbols of the link.
Error undefined_symbols(const LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_REPORT_H_
