// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_MEMORY_POOLED_MEMORY_H_
#define ENFOLD_MEMORY_POOLED_MEMORY_H_

#include <memory>

#include <enfold/memory.h>

#include "memory/system.h"

namespace enfold::memory {

// make_memory() over system calls of the caller's, and without asking beforehand what they allow: what is refused when
// it is needed is done another way, or is an error. kAutomatic is kAliased here.
// Ownership: `system` is borrowed for the provider's life.
std::shared_ptr<MemoryProvider> make_pooled_memory(System& system, MemoryKind kind);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_POOLED_MEMORY_H_
