// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The set's thread-local block: what has contents first, then what is zero, as in an image's PT_TLS.
#ifndef ENFOLD_PLAN_THREAD_LAYOUT_H_
#define ENFOLD_PLAN_THREAD_LAYOUT_H_

#include "link_state.h"

namespace enfold {

// Fills ThreadLocals' sizes and the places, in the block, of thread-local sections and commons.
void lay_out_thread_locals(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_THREAD_LAYOUT_H_
