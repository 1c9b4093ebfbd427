// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "support.h"

namespace enfold::read {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

TEST(Bytes, SliceEndsWhereTheInputEnds) {
  const test::Contents contents("abcd");
  EXPECT_EQ(contents.bytes().slice(1, 3)->text(), "bcd");
  EXPECT_FALSE(contents.bytes().slice(1, 4));
}

TEST(Bytes, AnEmptySliceMayStandAtTheEndButNotBehindIt) {
  const test::Contents contents("abcd");
  EXPECT_TRUE(contents.bytes().slice(4, 0));
  EXPECT_FALSE(contents.bytes().slice(5, 0));
}

TEST(Bytes, OffsetPlusSizeDoesNotWrap) {
  const test::Contents contents("abcd");
  EXPECT_FALSE(contents.bytes().slice(2, kHuge));
  EXPECT_FALSE(contents.bytes().slice(kHuge, 2));
}

TEST(Bytes, CountTimesRecordSizeDoesNotWrap) {
  const test::Contents contents("abcd");
  EXPECT_FALSE(contents.bytes().records(0, std::uint64_t{1} << 61, 8));
  EXPECT_EQ(contents.bytes().records(0, 2, 2)->size(), 4U);
}

TEST(Bytes, LoadReadsLittleEndianAtAnyAlignment) {
  const test::Contents contents(std::string_view("\0\1\2\3\4", 5));
  EXPECT_EQ(contents.bytes().load<std::uint32_t>(1), 0x04030201U);
  EXPECT_FALSE(contents.bytes().load<std::uint32_t>(2));
}

TEST(Bytes, StringThatDoesNotEndInsideIsNone) {
  const test::Contents contents(std::string_view("ab\0cd", 5));
  EXPECT_EQ(contents.bytes().c_string(1), "b");
  EXPECT_EQ(contents.bytes().c_string(2), "");
  EXPECT_FALSE(contents.bytes().c_string(3));
  EXPECT_FALSE(contents.bytes().c_string(5));
}

}  // namespace
}  // namespace enfold::read
