// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control-flow protection. A processor that enforces landing pads lets an indirect call arrive at such an instruction
// only (x86-64: IBT and endbr64), and a loader turns it on when all code of the process is marked as compiled for it.
// So a set is marked when all of its code is; and a stub, whose address a function pointer may hold, must not be what
// breaks a marked object's promise.
#ifndef ENFOLD_PLAN_CONTROL_FLOW_H_
#define ENFOLD_PLAN_CONTROL_FLOW_H_

#include "link_state.h"

namespace enfold {

// Fills LinkState::marks and LinkState::stubs. Which sections are in the image is fixed.
void settle_control_flow(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_CONTROL_FLOW_H_
