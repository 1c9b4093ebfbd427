// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects are read without regard to each other, so that several threads read those of a large set while one resolves
// them in their order. What archives hold is read when it is pulled.
#ifndef ENFOLD_PLAN_READ_AHEAD_H_
#define ENFOLD_PLAN_READ_AHEAD_H_

#include <cstddef>
#include <functional>
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

// Errors: those of reading.
Expected<ReadObject> read_for_link(read::Bytes bytes, std::string name, Arena& arena);

// Nothing for a file that is no object.
using ReadFile = std::optional<Expected<ReadObject>>;

// Calls use(i, file) for each file of the link in order, once it is read; on one thread at a time, while others read what
// comes behind.
void read_files(LinkState& link, const std::function<void(std::size_t i, ReadFile file)>& use);

// About how many global symbols the link's objects mention, as their size tells.
std::size_t expected_mentions(const LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_READ_AHEAD_H_
