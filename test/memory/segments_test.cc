// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block's segments: an array like others, whose first few lie in itself.
#include <enfold/memory.h>

#include <utility>

#include <gtest/gtest.h>

namespace enfold::memory {
namespace {

Block::Segments numbered(std::uint64_t count) {
  Block::Segments segments;
  for (std::uint64_t i = 0; i < count; ++i) segments.push_back({.base = TargetAddr{i}, .size = 2 * i});
  return segments;
}

bool is_numbered(const Block::Segments& segments, std::uint64_t count) {
  std::uint64_t i = 0;
  for (const Block::Segment& segment : segments) {
    if (segment.base != TargetAddr{i} || segment.size != 2 * i) return false;
    ++i;
  }
  return i == count && segments.size() == count;
}

bool lie_inside(const Block::Segments& segments) {
  const auto* const at = reinterpret_cast<const std::byte*>(segments.data());
  const auto* const self = reinterpret_cast<const std::byte*>(&segments);
  return self <= at && at < self + sizeof segments;
}

TEST(Segments, FewLieInTheArrayItself) {
  EXPECT_TRUE(lie_inside(numbered(2)));
  EXPECT_FALSE(lie_inside(numbered(3)));
}

TEST(Segments, AnyNumberIsKeptCopiedAndMoved) {
  for (std::uint64_t count = 0; count < 20; ++count) {
    Block::Segments segments = numbered(count);
    EXPECT_TRUE(is_numbered(segments, count));
    Block::Segments copy = segments;
    EXPECT_TRUE(is_numbered(copy, count));
    const Block::Segments moved = std::move(segments);
    EXPECT_TRUE(is_numbered(moved, count));
    for (std::uint64_t other = 0; other < 8; ++other) {
      copy = numbered(other);
      EXPECT_TRUE(is_numbered(copy, other));
      const Block::Segments& same = copy;
      copy = same;
      EXPECT_TRUE(is_numbered(copy, other));
      copy = moved;
      EXPECT_TRUE(is_numbered(copy, count));
    }
  }
}

TEST(Segments, WhatWasMovedFromIsEmptyAndOfUse) {
  for (const std::uint64_t count : {2u, 9u}) {
    Block::Segments segments = numbered(count);
    const Block::Segments moved = std::move(segments);
    EXPECT_TRUE(segments.empty());  // NOLINT(bugprone-use-after-move)
    for (std::uint64_t i = 0; i < 9; ++i) segments.push_back({.base = TargetAddr{i}, .size = 2 * i});
    EXPECT_TRUE(is_numbered(segments, 9));
    EXPECT_TRUE(is_numbered(moved, count));
  }
}

TEST(Segments, WhatIsClearedIsEmptyAndOfUse) {
  for (const std::uint64_t count : {2u, 9u}) {
    Block::Segments segments = numbered(count);
    segments.clear();
    EXPECT_TRUE(segments.empty());
    segments.resize(2);
    EXPECT_EQ(segments[1].size, 0u);
  }
}

TEST(Segments, OneOfItsOwnIsAppendedAsItWas) {
  Block::Segments segments = numbered(3);
  segments.push_back(segments[2]);
  EXPECT_EQ(segments.back().base, TargetAddr{2});
  EXPECT_EQ(segments.size(), 4u);
}

TEST(Segments, RoomIsMadeOnce) {
  Block::Segments segments;
  segments.reserve(100);
  const Block::Segment* const first = segments.data();
  for (int i = 0; i < 100; ++i) segments.push_back({});
  EXPECT_EQ(segments.data(), first);
}

}  // namespace
}  // namespace enfold::memory
