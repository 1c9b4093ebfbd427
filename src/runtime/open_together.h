// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_OPEN_TOGETHER_H_
#define ENFOLD_RUNTIME_OPEN_TOGETHER_H_

#include <optional>
#include <string>
#include <vector>

#include <enfold/error.h>

#include "runtime/static_storage.h"

namespace enfold::runtime {

// The shared libraries that a set names, to be opened before the set has any memory.
struct LibraryRequest {
  std::vector<std::string> paths{};  // in their order
  bool global = false;
  // Their thread-locals that the set's code addresses by constants: "name" or "name@version".
  std::vector<std::string> constants{};
  StorageWant own{};  // of the static block that the set itself is going to ask for; of size 0: it has none
};

// Opens all of them, and gives their handles in the same order. Before a constructor of any runs, the thread-locals that
// are asked for are in static storage, and there is room for the set's own; otherwise none is opened. None: nothing has
// to be done before constructors run, or there is no file for it; they can be opened one after another.
// Errors: kRuntime; kMemory, with note_storage_want(), when that is what the process lacks.
std::optional<Expected<std::vector<void*>>> open_together(const LibraryRequest& request);

// What the runtime of this process is beside RuntimeHooks.
class OpensTogether {
 public:
  virtual std::optional<Expected<std::vector<void*>>> open_together(const LibraryRequest& request) = 0;

 protected:
  ~OpensTogether() = default;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_OPEN_TOGETHER_H_
