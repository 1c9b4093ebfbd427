// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who has which bytes of a chunk: a bit for each granule, outside the chunk, whose pages are never written for
// book-keeping. First fit; for each power of two it is remembered below which granule no free run of that length
// starts, so that a full chunk answers at once and small holes do not slow large requests down.
#ifndef ENFOLD_MEMORY_GRANULES_H_
#define ENFOLD_MEMORY_GRANULES_H_

#include <array>
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

  std::uint32_t used_count() const { return used_count_; }

  // False: take() would find nothing. True: it may.
  bool may_have(std::uint32_t count) const { return starts_[power_of(count)] < count_; }

  // `count` in [1, kGreatestRun]; `alignment` a power of two. Returns the first of the run. Never allocates.
  std::optional<std::uint32_t> take(std::uint32_t count, std::uint32_t alignment);
  void free(std::uint32_t first, std::uint32_t count) noexcept;

  bool is_used(std::uint32_t granule) const { return (words_[granule / 64] >> granule % 64 & 1) != 0; }

 private:
  static std::size_t power_of(std::uint32_t count);
  std::uint32_t next_free(std::uint32_t from) const;
  std::uint32_t next_word_with_room(std::uint32_t from) const;
  std::uint32_t next_used(std::uint32_t from, std::uint32_t limit) const;
  void mark(std::uint32_t first, std::uint32_t count, bool used);

  std::uint32_t count_;
  std::uint32_t used_count_ = 0;
  std::array<std::uint32_t, 13> starts_{};  // [k]: no free run of 2^k or more starts below
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> full_;  // a bit for each word: all of it is used
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_GRANULES_H_
