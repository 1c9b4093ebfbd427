// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_LOADER_LOCK_H_
#define ENFOLD_RUNTIME_LOADER_LOCK_H_

#include <functional>

#include <enfold/error.h>

namespace enfold::runtime {

// Calls the function, which must not throw, with the dynamic linker's lock held: from the constructor of an object that
// is loaded and unloaded for it. The function may load others. Errors: kRuntime, kMemory; then it was not called.
Expected<void> with_loader_lock(const std::function<void()>& function);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_LOADER_LOCK_H_
