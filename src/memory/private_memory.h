// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_MEMORY_PRIVATE_MEMORY_H_
#define ENFOLD_MEMORY_PRIVATE_MEMORY_H_

#include <memory>

#include <enfold/memory.h>

#include "memory/system.h"

namespace enfold::memory {

// make_private_memory() over system calls of the caller's.
// Ownership: `system` is borrowed for the provider's life.
std::shared_ptr<MemoryProvider> make_private_memory(System& system);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_PRIVATE_MEMORY_H_
