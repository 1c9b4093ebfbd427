// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks that come and go all over many chunks: their bytes stay theirs, and memory comes back.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

#include "memory/pooled_memory.h"
#include "provider.h"

namespace enfold::memory {
namespace {

class TrimmingTest : public testing::TestWithParam<MemoryKind> {
 protected:
  std::shared_ptr<MemoryProvider> memory_ = make_pooled_memory(host_system(), GetParam());
  Blocks blocks_{memory_};
};
INSTANTIATE_TEST_SUITE_P(Kinds, TrimmingTest, testing::ValuesIn(kPooledKinds), kind_name);

// Far more than what stays mapped for writing: most is zeroed when it is granted again.
TEST_P(TrimmingTest, BlocksThatComeAndGoAllOverManyChunksKeepTheirBytes) {
  constexpr std::uint32_t kCount = 6000;
  const auto add = [&](std::byte mark) {
    Block& block = blocks_.add({segment(Protection::kReadExecute, 900, 4), segment(Protection::kRead, 1500, 3)});
    for (const Block::Segment& s : block.segments) {
      EXPECT_TRUE(all_zero(s));
      std::memset(s.working, static_cast<int>(mark), s.size);
    }
    EXPECT_TRUE(seal(*memory_, block));
  };
  const auto mark_of = [](std::size_t i) { return static_cast<std::byte>(i % 255 + 1); };
  for (std::size_t i = 0; i < kCount; ++i) add(mark_of(i));
  std::mt19937 random(1);
  for (int round = 0; round < 4; ++round) {
    for (std::uint32_t i = 0; i < kCount / 4; ++i) blocks_.release(random() % kCount);
    if (round == 2) memory_->trim();
    for (std::uint32_t i = 0; i < kCount / 8; ++i) add(mark_of(blocks_.size()));
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].cookie == nullptr) continue;
    for (const Block::Segment& s : blocks_[i].segments) {
      const auto* const first = reinterpret_cast<const std::byte*>(value(s.base));
      ASSERT_TRUE(std::all_of(first, first + s.size, [&](std::byte b) { return b == mark_of(i); })) << i;
    }
  }
}

TEST_P(TrimmingTest, PagesThatHoldNothingAreGivenBack) {
  constexpr std::uint32_t kCount = 8000;
  for (std::uint32_t i = 0; i < kCount; ++i) blocks_.add_live(i);
  const std::uint64_t before = memory_->use().committed;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    if (i % 500 != 0) blocks_.release(i);
  }
  memory_->trim();
  EXPECT_LT(memory_->use().committed, before / 4);
  for (std::uint32_t i = 0; i < kCount; i += 500) EXPECT_TRUE(is_live(blocks_[i], i));
  for (std::uint32_t i = 0; i < kCount; ++i) ASSERT_TRUE(is_live(blocks_.add_live(i), i));
  EXPECT_LT(memory_->use().committed, before * 9 / 8);
}

// A trimmed window ends with its blocks. Those to come go on sharing the pages that it has.
TEST_P(TrimmingTest, AfterTrimmingHolesAreStillFilled) {
  constexpr std::uint32_t kCount = 8000;
  for (std::uint32_t i = 0; i < kCount; ++i) blocks_.add_live(i);
  for (std::uint32_t i = 0; i < kCount; i += 2) blocks_.release(i);
  memory_->trim();
  const std::uint64_t before = memory_->use().committed;
  for (std::uint32_t i = 0; i < kCount / 2; ++i) blocks_.add_live(i);
  EXPECT_LT(memory_->use().committed, before * 5 / 4);
  for (std::uint32_t i = 0; i < kCount; ++i) blocks_.add_live(i);  // more than the holes hold
  EXPECT_EQ(memory_->use().windows.size(), 1u);
}

}  // namespace
}  // namespace enfold::memory
