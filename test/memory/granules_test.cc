// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/granules.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace enfold::memory {
namespace {

TEST(Granules, TheLowestRunThatFitsIsTaken) {
  Granules granules(200);
  EXPECT_EQ(granules.take(10, 1), 0u);
  EXPECT_EQ(granules.take(100, 1), 10u);
  granules.free(0, 10);
  EXPECT_EQ(granules.take(11, 1), 110u);
  EXPECT_EQ(granules.take(10, 1), 0u);
  EXPECT_EQ(granules.used_count(), 121u);
}

TEST(Granules, AlignmentsAreKept) {
  Granules granules(1024);
  EXPECT_EQ(granules.take(1, 1), 0u);
  EXPECT_EQ(granules.take(3, 256), 256u);
  EXPECT_EQ(granules.take(255, 1), 1u);
}

TEST(Granules, AFullOneSaysSoAtOnce) {
  Granules granules(128);
  ASSERT_TRUE(granules.take(128, 1));
  EXPECT_FALSE(granules.take(1, 1));
  EXPECT_FALSE(granules.may_have(1));
  granules.free(60, 1);
  EXPECT_TRUE(granules.may_have(1));
  EXPECT_FALSE(granules.take(2, 1));
  EXPECT_FALSE(granules.may_have(2));
  granules.free(61, 1);
  EXPECT_EQ(granules.take(2, 1), 60u);
}

TEST(Granules, NothingIsGrantedBeyondTheEnd) {
  Granules granules(100);  // not a multiple of a word
  EXPECT_FALSE(granules.take(101, 1));
  EXPECT_EQ(granules.take(99, 1), 0u);
  EXPECT_FALSE(granules.take(1, 64));
  EXPECT_EQ(granules.take(1, 1), 99u);
}

// The same by looking at every granule.
class Model {
 public:
  explicit Model(std::size_t count) : used_(count) {}
  int take(std::size_t count, std::size_t alignment) {
    for (std::size_t at = 0; at + count <= used_.size(); at += alignment) {
      const auto begin = used_.begin() + static_cast<std::ptrdiff_t>(at);
      if (std::any_of(begin, begin + static_cast<std::ptrdiff_t>(count), [](bool b) { return b; })) continue;
      std::fill_n(begin, count, true);
      return static_cast<int>(at);
    }
    return -1;
  }
  void free(std::size_t first, std::size_t count) {
    std::fill_n(used_.begin() + static_cast<std::ptrdiff_t>(first), count, false);
  }

 private:
  std::vector<bool> used_;
};

TEST(Granules, AgreeWithAModelOverManyRounds) {
  constexpr std::uint32_t kCount = 3000;
  Granules granules(kCount);
  Model model(kCount);
  std::mt19937 engine(1);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  struct Grant {
    std::uint32_t first, count;
  };
  std::vector<Grant> live;
  for (int round = 0; round < 20000; ++round) {
    if (!live.empty() && random() % 100 < 48) {
      std::swap(live[random() % live.size()], live.back());
      granules.free(live.back().first, live.back().count);
      model.free(live.back().first, live.back().count);
      live.pop_back();
      continue;
    }
    const std::uint32_t count = random() % 8 == 0 ? 1 + random() % 200 : 1 + random() % 12;
    const std::uint32_t alignment = random() % 4 == 0 ? 1u << random() % 9 : 1;
    const auto got = granules.take(count, alignment);
    ASSERT_EQ(got ? static_cast<int>(*got) : -1, model.take(count, alignment)) << "round " << round;
    if (got) live.push_back({*got, count});
  }
}

}  // namespace
}  // namespace enfold::memory
