// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The block that a live set's thread-locals have in every thread.
#ifndef ENFOLD_RUNTIME_THREAD_STORAGE_H_
#define ENFOLD_RUNTIME_THREAD_STORAGE_H_

#include <memory>
#include <utility>

#include <enfold/error.h>
#include <enfold/runtime.h>

#include "link_state.h"

namespace enfold {

struct SetRecord;

// Ownership: of the module; versions of a set may share it. Without hooks it is the dynamic linker's.
struct ThreadStorage {
  ThreadStorage(std::shared_ptr<RuntimeHooks> hooks, const ThreadModule& m) : runtime(std::move(hooks)), module(m) {}
  ThreadStorage(const ThreadStorage&) = delete;
  ThreadStorage& operator=(const ThreadStorage&) = delete;
  ~ThreadStorage() {
    if (runtime) runtime->remove_thread_module(module);
  }

  std::shared_ptr<RuntimeHooks> runtime;
  ThreadModule module;
};

// Makes the set's block, and finds out where those of the process's variables lie that its code adds constants to the
// thread pointer for. The image is written. Errors: kMemory, kRuntime; what was taken is in the record.
Expected<void> open_thread_storage(LinkState& link, SetRecord& set);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_THREAD_STORAGE_H_
