// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the set's code gets at thread-locals ("ELF Handling For Thread-Local Storage", section 4). General-dynamic,
// local-dynamic and descriptor code asks for an address at run time: any block will do. Initial-exec and local-exec
// code adds a constant to the thread pointer: the block has to be *static*, at the same distance in every thread. One
// such fixup makes the whole block static, and code that would ask is rewritten not to, where its instructions allow.
#ifndef ENFOLD_PLAN_THREAD_MODELS_H_
#define ENFOLD_PLAN_THREAD_MODELS_H_

#include "link_state.h"

namespace enfold {

// Decides whether the set's block is static, which of the process's variables have to be, and what of each object's
// code is rewritten. After bind, before anything asks how a fixup reaches its symbol.
void settle_thread_models(LinkState& link);

// Whose block the symbol lies in: index in ThreadLocals::modules.
std::uint32_t thread_module(const LinkState& link, const Object& object, SymbolIndex symbol);

// Is the variable's distance from the thread pointer the same in every thread? That of what nobody defines is 0.
bool has_fixed_offset(const LinkState& link, const Object& object, SymbolIndex symbol);

// How the code around relocation `index`, a thread-local one, is rewritten where the variable's distance from the thread
// pointer is known. General-dynamic and local-dynamic code has a call behind it, which is looked at, too.
std::optional<Relaxation> thread_relaxation(const LinkState& link, const Object& object, const Section& section,
                                            std::uint32_t index, const Fixup& fixup);

}  // namespace enfold

#endif  // ENFOLD_PLAN_THREAD_MODELS_H_
