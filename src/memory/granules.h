// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who has which bytes of a chunk: a bit for each granule, outside the chunk, whose pages are never written for
// book-keeping. First fit; for each power of two it is remembered below which granule no free run of that length
// starts, so that a full chunk answers at once and small holes do not slow large requests down.
#ifndef ENFOLD_MEMORY_GRANULES_H_
#define ENFOLD_MEMORY_GRANULES_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace enfold::memory {

// Threads: the caller's lock.
// Units: granules.
class Granules {
 public:
  static constexpr std::uint32_t kGreatestRun = 1 << 12;

  explicit Granules(std::uint32_t count);

  std::uint32_t count() const { return count_; }
  std::uint32_t used_count() const { return used_count_; }
  std::uint32_t free_count() const { return count_ - used_count_; }

  // False: take() would find nothing. True: it may.
  bool may_have(std::uint32_t count) const { return start_of(power_of(count)) < count_; }

  // `count` in [1, kGreatestRun]; `alignment` a power of two. Returns the first of the run. Never allocates.
  std::optional<std::uint32_t> take(std::uint32_t count, std::uint32_t alignment) {
    if (freed_ != kNone) fold_freed();
    const bool all_free = starts_[power_of(count)] >= top_;
    const auto taken = all_free ? find_above(count, alignment) : find_between(count, alignment);
    if (taken) mark_used(*taken, count);
    return taken;
  }
  void free(std::uint32_t first, std::uint32_t count) noexcept {
    mark_free(first, count);
    freed_ = std::min(freed_, first);
    if (used_count_ == 0) top_ = 0;
  }

  bool all_free(std::uint32_t first, std::uint32_t count) const {
    return next_used(first, first + count) >= first + count;
  }
  bool is_used(std::uint32_t granule) const { return (words_[granule / kWord] & bit(granule)) != 0; }

 private:
  static std::size_t power_of(std::uint32_t count) { return static_cast<std::size_t>(std::bit_width(count) - 1); }

  // Below, there is no free run of 2^k or more. The one that freed granules have joined may start earlier than they,
  // but by less than 2^k where it was not known before.
  std::uint32_t start_of(std::size_t k) const {
    return std::min(starts_[k], freed_ - std::min(freed_, (std::uint32_t{1} << k) - 1));
  }
  void fold_freed();
  std::uint32_t next_free(std::uint32_t from) const;
  std::uint32_t next_word_with_room(std::uint32_t from) const;
  std::uint32_t next_used(std::uint32_t from, std::uint32_t limit) const;
  std::optional<std::uint32_t> find_between(std::uint32_t count, std::uint32_t alignment);

  // Where all that is left is free.
  std::optional<std::uint32_t> find_above(std::uint32_t count, std::uint32_t alignment) {
    std::uint32_t& start = starts_[power_of(count)];
    const std::uint32_t aligned = (start + alignment - 1) & ~(alignment - 1);
    if (aligned + count > count_) return std::nullopt;
    if (aligned == start) start += count;
    return aligned;
  }

  void mark_used(std::uint32_t first, std::uint32_t count) {
    each_word(first, count, [this](std::uint32_t word, std::uint64_t bits) {
      words_[word] |= bits;
      if (~words_[word] == 0) full_[word / kWord] |= bit(word);
    });
    used_count_ += count;
    top_ = std::max(top_, first + count);
  }

  void mark_free(std::uint32_t first, std::uint32_t count) {
    each_word(first, count, [this](std::uint32_t word, std::uint64_t bits) {
      if (~words_[word] == 0) full_[word / kWord] &= ~bit(word);
      words_[word] &= ~bits;
    });
    used_count_ -= count;
  }

  // Tells each word that a run has bits in, by its index, and those bits.
  template <class Tell>
  static void each_word(std::uint32_t first, std::uint32_t count, Tell&& tell) {
    do {
      const std::uint32_t from = first % kWord, here = std::min(count, kWord - from);
      tell(first / kWord, ~std::uint64_t{0} >> (kWord - here) << from);
      first += here;
      count -= here;
    } while (count != 0);
  }
  static constexpr std::uint64_t bit(std::uint32_t i) { return std::uint64_t{1} << i % kWord; }

  static constexpr std::uint32_t kWord = 64;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint32_t count_;
  std::uint32_t used_count_ = 0;
  std::uint32_t top_ = 0;                   // from here on, none is used
  std::array<std::uint32_t, 13> starts_{};  // [k]: where start_of(k) was before any were freed
  std::uint32_t freed_ = kNone;             // the lowest of those freed since
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> full_;  // a bit for each word: all of it is used
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_GRANULES_H_
