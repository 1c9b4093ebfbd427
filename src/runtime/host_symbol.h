// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_HOST_SYMBOL_H_
#define ENFOLD_RUNTIME_HOST_SYMBOL_H_

#include <optional>

#include "runtime/versioned_name.h"

namespace enfold::runtime {

// What dlsym(3) or dlvsym(3) knows: an address, which may be null, or nothing. Without a version it is the default one; a null
// library is the global scope.
std::optional<void*> look_up(void* library, const VersionedName& symbol);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_HOST_SYMBOL_H_
