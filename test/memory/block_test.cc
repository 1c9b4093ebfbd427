// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/block.h"

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kPage = 4096;

std::optional<BlockLayout> lay_out_all(std::vector<SegmentRequest> requests) { return lay_out(requests, kPage); }

TEST(BlockLayout, DifferentProtectionsShareNoPage) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, 100), segment(Protection::kRead, 100),
                                   segment(Protection::kRelro, 8), segment(Protection::kReadWrite, 5000)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets, (std::vector<std::uint64_t>{0, kPage, 2 * kPage, 3 * kPage}));
  EXPECT_EQ(layout->size, 5 * kPage);
}

TEST(BlockLayout, SameProtectionSharesPages) {
  const auto layout = lay_out_all({segment(Protection::kRead, 100), segment(Protection::kRead, 100, 4)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets, (std::vector<std::uint64_t>{0, 112}));
  EXPECT_EQ(layout->size, kPage);
}

TEST(BlockLayout, HonoursAlignmentAboveAPage) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, 1), segment(Protection::kReadWrite, 1, 16)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets[1], 0x10000u);
  EXPECT_EQ(layout->alignment, 0x10000u);
}

TEST(BlockLayout, PagesThatOnlyAlignAreNotMapped) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, 1), segment(Protection::kReadWrite, 1, 16)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->stretches, (std::vector<AddressRange>{{0, kPage}, {0x10000, 0x10000 + kPage}}));
}

TEST(BlockLayout, AdjacentSegmentsAreOneStretch) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, kPage), segment(Protection::kReadWrite, 1)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->stretches, (std::vector<AddressRange>{{0, 2 * kPage}}));
}

TEST(BlockLayout, AnEmptySegmentTakesNoPage) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, 100), segment(Protection::kRelro, 0, 3),
                                   segment(Protection::kReadExecute, 100)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets, (std::vector<std::uint64_t>{0, 104, 104}));
  EXPECT_EQ(layout->size, kPage);
}

TEST(BlockLayout, AnEmptySegmentKeepsItsAlignment) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, 100), segment(Protection::kReadWrite, 0, 13)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets[1], 0x2000u);
  EXPECT_GE(layout->size, layout->offsets[1]);
}

TEST(BlockLayout, ABlockOfEmptySegmentsHasAPage) {
  const auto layout = lay_out_all({segment(Protection::kReadExecute, 0), segment(Protection::kReadWrite, 0)});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->size, kPage);
  EXPECT_EQ(layout->stretches.size(), 1u);
}

TEST(BlockLayout, ABlockOfNoSegmentsHasAPage) {
  const auto layout = lay_out_all({});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->size, kPage);
}

TEST(BlockLayout, RefusesWhatOverflows) {
  const std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_FALSE(lay_out_all({segment(Protection::kRead, huge)}));
  EXPECT_FALSE(lay_out_all({segment(Protection::kRead, huge / 256), segment(Protection::kReadWrite, huge / 256)}));
  EXPECT_FALSE(lay_out_all({segment(Protection::kRead, 1, 63)}));
}

}  // namespace
}  // namespace enfold::memory
