// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects are read without regard to each other, so that those of a large set are read by several threads before the
// first of them is resolved; resolving takes them in their order. What archives hold is read when it is pulled.
#ifndef ENFOLD_PLAN_READ_AHEAD_H_
#define ENFOLD_PLAN_READ_AHEAD_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <enfold/error.h>

#include "link_state.h"
#include "plan/symbols.h"
#include "read/bytes.h"

namespace enfold {

struct ReadObject {
  Object object;
  std::span<const NameKey> keys;  // of its global symbols, in the arena
};

// By file of the link; nothing for what is no object. Empty where reading ahead is not worth it.
using ReadAhead = std::vector<std::optional<Expected<ReadObject>>>;

// Errors: those of reading.
Expected<ReadObject> read_for_link(read::Bytes bytes, std::string name, Arena& arena);

ReadAhead read_ahead(LinkState& link);

// Of global symbols, in all that was read.
std::size_t mention_count(const ReadAhead& ahead);

}  // namespace enfold

#endif  // ENFOLD_PLAN_READ_AHEAD_H_
