// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_OPEN_TOGETHER_H_
#define ENFOLD_RUNTIME_OPEN_TOGETHER_H_

#include <optional>
#include <vector>

#include <enfold/error.h>
#include <enfold/runtime.h>

namespace enfold::runtime {

// Opens all of them, and gives their handles in the same order. Before a constructor of any runs, the thread-locals that
// are asked for are in static storage, and there is room for the set's own; otherwise none is opened. None: nothing has
// to be done before constructors run, or there is no file for it; they can be opened one after another.
// Errors: kRuntime; kMemory, when static storage is what the process lacks.
std::optional<Expected<std::vector<void*>>> open_together(const LibraryRequest& request);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_OPEN_TOGETHER_H_
