// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects are read without regard to each other, so that several threads read those of a large set while one resolves
// them in their order. What archives hold is read when it is pulled.
#ifndef ENFOLD_PLAN_READ_AHEAD_H_
#define ENFOLD_PLAN_READ_AHEAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include <enfold/error.h>

#include "link_state.h"
#include "plan/symbols.h"
#include "read/bytes.h"

namespace enfold {

// As read_object. The names of global symbols are noted.
Expected<void> read_for_link(read::Bytes bytes, Arena& arena, Object& object);

// What became of a file that is an object.
struct ReadAhead {
  Object object;
  Expected<void> done;
};

// Of the link's objects, but for those in archives.
std::uint64_t size_of_objects(const LinkState& link);

// How many threads are worth it to read objects of that size.
unsigned threads_to_read(const LinkState& link, std::uint64_t object_size);

// Calls use(i, read) for each file of the link in order, once it is read if it is an object; on one thread at a time,
// while others read what comes behind.
void read_ahead(LinkState& link, unsigned thread_count, const std::function<void(std::size_t i, ReadAhead& read)>& use);

// About how many global symbols objects of that size mention.
constexpr std::size_t expected_mentions(std::uint64_t object_size) {
  // Compilers make 250 to 700 bytes of object for each, most of them mentioned before.
  constexpr std::uint64_t kSizeOfMention = 512;
  return object_size / kSizeOfMention;
}

}  // namespace enfold

#endif  // ENFOLD_PLAN_READ_AHEAD_H_
