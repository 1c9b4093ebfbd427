// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Working memory of large links: zeros, aligned to large pages, and given back whole.
#include "large_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "arena.h"
#include "scratch.h"

namespace enfold::test {
namespace {

bool is_mapped(const void* page) {
  unsigned char resident = 0;
  return mincore(const_cast<void*>(page), 1, &resident) == 0;
}

TEST(LargeMemory, IsAlignedZeroAndGivenBack) {
  const std::size_t size = kLargePage + 1;
  void* const memory = map_large(size);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % kLargePage, 0U);
  auto* const bytes = static_cast<std::byte*>(memory);
  EXPECT_EQ(std::count(bytes, bytes + size, std::byte{0}), static_cast<std::ptrdiff_t>(size));
  EXPECT_TRUE(is_mapped(bytes + kLargePage));
  unmap_large(memory, size);
  EXPECT_FALSE(is_mapped(bytes));
  EXPECT_FALSE(is_mapped(bytes + kLargePage));
}

TEST(LargeMemory, ThatIsNotToBeHadIsBadAlloc) {
  EXPECT_THROW(map_large(std::size_t{1} << 60), std::bad_alloc);
  Scratch scratch;
  ScratchVector<int> items(&scratch);
  EXPECT_THROW(items.reserve(std::size_t{1} << 58), std::bad_alloc);
}

TEST(LargeMemory, ServesVectorsOfAnySize) {
  Scratch scratch;
  ScratchVector<std::uint32_t> items(&scratch);
  for (std::uint32_t i = 0; i < 2'000'000; ++i) items.push_back(i);
  for (std::uint32_t i = 0; i < 2'000'000; ++i) ASSERT_EQ(items[i], i);
}

TEST(Arena, GivesOutZerosOfAnySizeAgainAndAgain) {
  Arena arena;
  for (int round = 0; round < 2; ++round) {
    for (const std::size_t count : {1U, 3000U, 100'000U, 5'000'000U, 7U, 40'000U}) {
      const std::span<std::uint32_t> items = arena.make<std::uint32_t>(count);
      ASSERT_EQ(items.size(), count);
      EXPECT_EQ(std::ranges::count(items, 0U), static_cast<std::ptrdiff_t>(count));
      std::ranges::fill(items, 0xcccc'ccccU);
    }
    arena.clear();
  }
}

}  // namespace
}  // namespace enfold::test
