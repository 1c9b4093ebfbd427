// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a replaceable set remembers of its variables, so that a new version can go on with them.
#ifndef ENFOLD_RUNTIME_KEPT_STATE_H_
#define ENFOLD_RUNTIME_KEPT_STATE_H_

#include <cstdint>
#include <memory>
#include <string>

#include <enfold/memory.h>

#include "name_tables.h"

namespace enfold {

struct SetRecord;

// A section of writable data, or a variable.
struct StateItem {
  TargetAddr address{};
  std::uint64_t size = 0;
  std::uint64_t shape = 0;           // hash of the variables in a section: their names, places and sizes
  std::shared_ptr<SetRecord> owner;  // of the storage: null where it is the set itself, else an earlier version
};

// Of one object.
struct ObjectState {
  NameMap<std::string, StateItem> sections;  // by name, and number among those of that name
  bool has_constructors = false;
};

struct KeptState {
  std::uint64_t thread_shape = 0;  // hash of the thread-local sections and the variables in them
  std::shared_ptr<SetRecord> thread_owner;  // of their storage: null where it is the set itself
  NameMap<std::string, ObjectState> objects;  // by name, and number among those of that name
  NameMap<std::string, StateItem> variables;  // global ones that were not defined by a kept section
};

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_KEPT_STATE_H_
