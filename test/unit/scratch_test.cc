// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A link's scratch memory: small arrays come from its buffer, which takes back what was given out last.
#include "scratch.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace enfold::test {
namespace {

bool lies_in(const Scratch& scratch, const void* memory) {
  const auto at = reinterpret_cast<std::uintptr_t>(memory), begin = reinterpret_cast<std::uintptr_t>(&scratch);
  return begin <= at && at < begin + sizeof scratch;
}

TEST(Scratch, SmallArraysComeFromTheBufferUntilItIsFull) {
  Scratch scratch;
  std::vector<ScratchVector<int>> arrays;
  std::size_t inside = 0;
  for (int i = 0; i < 100; ++i) {
    arrays.emplace_back(16, i, &scratch);
    if (lies_in(scratch, arrays.back().data())) ++inside;
  }
  EXPECT_EQ(inside, 64u);  // of 64 bytes each
  for (int i = 0; i < 100; ++i) EXPECT_EQ(arrays[static_cast<std::size_t>(i)], ScratchVector<int>(16, i, &scratch));
}

TEST(Scratch, LargeArraysDoNot) {
  Scratch scratch;
  const ScratchVector<std::byte> large(2000, &scratch);
  EXPECT_FALSE(lies_in(scratch, large.data()));
}

TEST(Scratch, WhatWasGivenOutLastMakesRoomAgain) {
  Scratch scratch;
  const void* first = nullptr;
  for (int i = 0; i < 1000; ++i) {
    const ScratchVector<std::byte> array(1000, &scratch);
    if (first == nullptr) first = array.data();
    EXPECT_EQ(array.data(), first);
  }
}

TEST(Scratch, ArraysAreAligned) {
  Scratch scratch;
  const ScratchVector<char> odd(51, 'x', &scratch);
  const ScratchVector<std::uint64_t> words(3, &scratch);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(words.data()) % alignof(std::uint64_t), 0u);
}

// One large page serves them once the first of them is worth it.
TEST(Scratch, LargeSetsArraysShareAPage) {
  constexpr std::size_t kKiB = 1024;
  Scratch scratch;
  const auto distance = [](const auto& a, const auto& b) { return b.data() - a.data(); };
  using Bytes = ScratchVector<std::byte>;
  {
    const Bytes before(64 * kKiB, &scratch);  // none is yet
    const Bytes first(600 * kKiB + 1, &scratch), second(64 * kKiB, &scratch);
    EXPECT_EQ(distance(first, second), static_cast<std::ptrdiff_t>(600 * kKiB + 16));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first.data()) % (2048 * kKiB), 0u);
    const std::byte* given_back = nullptr;
    for (int i = 0; i < 100; ++i) {
      const Bytes last(1000 * kKiB, &scratch);
      if (given_back == nullptr) given_back = last.data();
      EXPECT_EQ(last.data(), given_back);
    }
    const Bytes larger(1500 * kKiB, &scratch);  // does not fit any more
    EXPECT_TRUE(distance(first, larger) < 0 || distance(first, larger) >= static_cast<std::ptrdiff_t>(2048 * kKiB));
  }
}

TEST(Scratch, ItsOwnVectorsTakeTheSameMemory) {
  Scratch scratch;
  ScratchVector<std::uint64_t> small(3, 7, &scratch);
  EXPECT_TRUE(lies_in(scratch, small.data()));
  const void* const behind = small.data() + 3;
  {
    const ScratchVector<std::byte> last(16, &scratch);
    EXPECT_EQ(last.data(), behind);
  }
  const ScratchVector<std::byte> next(16, &scratch);
  EXPECT_EQ(next.data(), behind);
  small.resize(2000, 8);
  EXPECT_FALSE(lies_in(scratch, small.data()));
  EXPECT_EQ(small[2] + small[1999], 15u);
}

}  // namespace
}  // namespace enfold::test
