// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/granules.h"

#include <algorithm>
#include <bit>

namespace enfold::memory {

Granules::Granules(std::uint32_t count)
    : count_(count), words_((count + kWord - 1) / kWord), full_(words_.size() / kWord + 1) {}

std::uint32_t Granules::next_free(std::uint32_t from) const {
  if (from >= count_) return count_;
  std::uint32_t word = from / kWord;
  std::uint64_t free = ~words_[word] & ~std::uint64_t{0} << from % kWord;
  if (free == 0) {
    word = next_word_with_room(word + 1);
    if (word >= words_.size()) return count_;
    free = ~words_[word];
  }
  return std::min(count_, word * kWord + static_cast<std::uint32_t>(std::countr_zero(free)));
}

std::uint32_t Granules::next_word_with_room(std::uint32_t from) const {
  std::uint64_t room = ~full_[from / kWord] & ~std::uint64_t{0} << from % kWord;
  while (room == 0) {
    from = (from / kWord + 1) * kWord;
    if (from / kWord >= full_.size()) return from;
    room = ~full_[from / kWord];
  }
  return from / kWord * kWord + static_cast<std::uint32_t>(std::countr_zero(room));
}

std::uint32_t Granules::next_used(std::uint32_t from, std::uint32_t limit) const {
  while (from < limit) {
    const std::uint64_t used = words_[from / kWord] >> from % kWord;
    if (used != 0) return std::min(limit, from + static_cast<std::uint32_t>(std::countr_zero(used)));
    from = (from / kWord + 1) * kWord;
  }
  return limit;
}

std::optional<std::uint32_t> Granules::find_between(std::uint32_t count, std::uint32_t alignment) {
  const std::size_t power = power_of(count);
  std::uint32_t first = count_;  // where the first run of 2^power or more starts
  std::optional<std::uint32_t> taken;
  for (std::uint32_t at = next_free(starts_[power]), end = 0; at < count_; at = next_free(end)) {
    end = next_used(at, std::min(count_, at + count + alignment - 1));
    const std::uint32_t aligned = (at + alignment - 1) & ~(alignment - 1);
    if (first == count_ && (end - at) >> power != 0) first = at;
    if (aligned + count > end) continue;
    taken = aligned;
    break;
  }
  starts_[power] = taken && first == *taken ? first + count : first;
  return taken;
}

void Granules::fold_freed() {
  for (std::size_t k = 0; k < starts_.size(); ++k) starts_[k] = start_of(k);
  freed_ = kNone;
}

}  // namespace enfold::memory
