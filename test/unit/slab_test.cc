// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces of one size: nobody's overlaps another's, what was given back is had again, and empty chunks go.
#include "slab.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <fstream>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

// Slabs have no destructors: those of tests last, so that what they keep is no leak.
Slab& make_slab(std::size_t size) {
  static auto& slabs = *new std::deque<Slab>;
  return slabs.emplace_back(size);
}

// Gives all back that a test took.
class Pieces {
 public:
  explicit Pieces(std::size_t size) : size_(size), slab_(make_slab(size)) {}
  ~Pieces() {
    for (void* piece : live_) slab_.give_back(piece);
  }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  Slab& slab() { return slab_; }
  std::vector<void*>& live() { return live_; }
  void* take() {
    live_.push_back(slab_.take());
    std::memset(live_.back(), static_cast<int>(live_.size() & 0xff), size_);
    return live_.back();
  }
  void give_back(std::size_t index) {
    std::swap(live_[index], live_.back());
    slab_.give_back(live_.back());
    live_.pop_back();
  }

 private:
  const std::size_t size_;
  Slab& slab_;
  std::vector<void*> live_;
};

TEST(Slab, PiecesDoNotOverlapAndAreAligned) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{40}, std::size_t{41}, Slab::kGreatestPiece}) {
    Pieces pieces(size);
    for (int i = 0; i < 2000; ++i) pieces.take();
    std::vector<void*> sorted = pieces.live();
    std::ranges::sort(sorted);
    std::uintptr_t end = 0;
    for (const void* piece : sorted) {
      const auto at = reinterpret_cast<std::uintptr_t>(piece);
      ASSERT_EQ(at % alignof(void*), 0u);
      ASSERT_GE(at, end);
      end = at + size;
    }
  }
}

TEST(Slab, WhatWasGivenBackLastIsHadNext) {
  Pieces pieces(64);
  for (int i = 0; i < 10; ++i) pieces.take();
  void* const piece = pieces.live()[4];
  pieces.give_back(4);
  EXPECT_EQ(pieces.take(), piece);
}

TEST(Slab, AWholeChunkServesWhatComesAndGoes) {
  Pieces pieces(512);
  while (pieces.slab().chunk_count() < 2) pieces.take();
  for (int i = 0; i < 1000; ++i) {
    pieces.give_back(pieces.live().size() - 1);
    pieces.take();
  }
  EXPECT_EQ(pieces.slab().chunk_count(), 2u);
}

TEST(Slab, HolesInFullChunksAreFilled) {
  Pieces pieces(512);
  while (pieces.slab().chunk_count() < 2) pieces.take();
  const std::size_t per_chunk = pieces.live().size() - 1;
  while (pieces.slab().chunk_count() < 3) pieces.take();
  for (std::size_t i = 0; i < 10; ++i) pieces.give_back(i);
  for (std::size_t i = 1; i < per_chunk + 10; ++i) pieces.take();
  EXPECT_EQ(pieces.slab().chunk_count(), 3u);
  pieces.take();
  EXPECT_EQ(pieces.slab().chunk_count(), 4u);
}

TEST(Slab, EmptyChunksGoButForOne) {
  Pieces pieces(512);
  while (pieces.slab().chunk_count() < 10) pieces.take();
  std::mt19937 random(3);
  std::ranges::shuffle(pieces.live(), random);
  while (!pieces.live().empty()) pieces.give_back(pieces.live().size() - 1);
  EXPECT_EQ(pieces.slab().chunk_count(), 1u);
}

// From the 17th on, chunks are large pages.
std::size_t pieces_in_chunk(Pieces& pieces) {
  const std::size_t before = pieces.live().size();
  for (const std::size_t count = pieces.slab().chunk_count(); pieces.slab().chunk_count() == count;) pieces.take();
  return pieces.live().size() - before;
}

TEST(Slab, ManyPiecesComeInLargePages) {
  Pieces pieces(512);
  std::vector<std::size_t> counts;
  for (int i = 0; i < 18; ++i) counts.push_back(pieces_in_chunk(pieces));
  for (std::size_t i = 1; i < 16; ++i) EXPECT_EQ(counts[i], counts[1]) << i;  // the first begins with the chunk's first
  EXPECT_GT(counts[17], 30 * counts[1]);
}

TEST(Slab, AnEmptyLargePageStaysOnlyWhereAnotherWouldBeNext) {
  Pieces pieces(512);
  while (pieces.slab().chunk_count() < 17) pieces.take();
  pieces.give_back(pieces.live().size() - 1);
  EXPECT_EQ(pieces.slab().chunk_count(), 17u);
  pieces.take();
  std::swap(pieces.live().front(), pieces.live().back());  // it is the last to go
  while (!pieces.live().empty()) pieces.give_back(pieces.live().size() - 1);
  EXPECT_EQ(pieces.slab().chunk_count(), 0u);
}

void trim(Slab& slab) {
  static std::uint64_t round = 0;
  ++round;
  while (slab.trim_one(round)) {
  }
}

std::size_t resident_pages() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, pages = 0;
  file >> total >> pages;
  return pages;
}

TEST(Slab, PagesWithoutALivePieceAreGivenBack) {
  if (kShadowMemory) GTEST_SKIP() << "what is resident is the sanitizer's";
  Pieces pieces(500);
  while (pieces.slab().chunk_count() < 20) pieces.take();
  const std::size_t chunks = pieces.slab().chunk_count(), before = resident_pages();
  for (std::size_t i = pieces.live().size(); i-- > 0;) {
    if (i % 100 != 0) pieces.give_back(i);  // the last takes its place: one of every hundred stays, some way or other
  }
  trim(pieces.slab());
  EXPECT_GT(before - resident_pages(), 1000u);  // of some 1,800
  EXPECT_GT(chunks, 1u);
}

TEST(Slab, WhatWasTrimmedIsHadAgain) {
  Pieces pieces(376);
  while (pieces.slab().chunk_count() < 19) pieces.take();
  const std::size_t count = pieces.live().size(), chunks = pieces.slab().chunk_count();
  std::mt19937 random(5);
  for (int round = 0; round < 3; ++round) {
    std::ranges::shuffle(pieces.live(), random);
    while (pieces.live().size() > count / 50) pieces.give_back(pieces.live().size() - 1);
    trim(pieces.slab());
    trim(pieces.slab());
    while (pieces.live().size() < count) pieces.take();
    std::vector<void*> sorted = pieces.live();
    std::ranges::sort(sorted);
    EXPECT_EQ(std::ranges::adjacent_find(sorted), sorted.end());
  }
  EXPECT_LE(pieces.slab().chunk_count(), chunks);
}

TEST(Slab, AgreesWithAListOfWhatIsHad) {
  Pieces pieces(96);
  std::mt19937 random(7);
  std::vector<std::byte> expected(96);
  for (int i = 0; i < 20'000; ++i) {
    const bool grows = random() % 1000 < (i / 4000 % 2 == 0 ? 600u : 400u);
    if (grows || pieces.live().empty()) {
      pieces.take();
    } else {
      const auto* bytes = static_cast<const std::byte*>(pieces.live()[random() % pieces.live().size()]);
      std::ranges::fill(expected, bytes[0]);  // nobody else wrote there
      ASSERT_EQ(std::memcmp(bytes, expected.data(), expected.size()), 0);
      pieces.give_back(random() % pieces.live().size());
    }
    if (i % 500 == 0) trim(pieces.slab());
  }
}

}  // namespace
}  // namespace enfold::test
