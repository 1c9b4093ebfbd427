// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that define malloc or its kin, and show them: those are the whole process's (RuntimeHooks::check_allocator).
#ifndef ENFOLD_RUNTIME_SET_ALLOCATOR_H_
#define ENFOLD_RUNTIME_SET_ALLOCATOR_H_

#include "link_state.h"
#include "plan/symbols.h"

namespace enfold {

// Fills LinkState::allocator. Definitions are matched.
void find_allocator(LinkState& link, const SymbolTable& table);

// Their addresses, once the set has its place.
AllocatorFunctions allocator_functions(const LinkState& link);

// One that it defines.
const Global& first_allocator_function(const LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_SET_ALLOCATOR_H_
