// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every kind of memory does with the blocks that it grants.
#include "memory/pooled_memory.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include <sys/mman.h>

#include "provider.h"

namespace enfold::memory {
namespace {

INSTANTIATE_TEST_SUITE_P(Kinds, MemoryTest, testing::ValuesIn(kKinds), kind_name);

class StrictMemoryTest : public MemoryTest {
 protected:
  StrictMemoryTest() : MemoryTest(MemoryKind::kStrict) {}
};

TEST_P(MemoryTest, FreshMemoryIsWritableAndZero) {
  const Block& got = block(kNearLibraries, image());
  for (const Block::Segment& s : got.segments) {
    EXPECT_TRUE(all_zero(s));
    EXPECT_EQ(permissions_of(s).find("wx"), std::string::npos);
    std::memset(s.working, 0xcc, s.size);
  }
}

TEST_P(MemoryTest, SegmentsRiseAtTheirAlignments) {
  const Block& got =
      block(kNearLibraries, {segment(Protection::kReadExecute, 10, 6), segment(Protection::kRead, 10, 21),
                             segment(Protection::kReadWrite, 10, 14)});
  ASSERT_EQ(got.segments.size(), 3u);
  EXPECT_EQ(value(got.segments[1].base) % (1 << 21), 0u);
  EXPECT_EQ(value(got.segments[2].base) % (1 << 14), 0u);
  EXPECT_LT(got.segments[0].base, got.segments[1].base);
  EXPECT_LT(got.segments[1].base, got.segments[2].base);
}

TEST_P(MemoryTest, AlignmentAboveAWindowsUnitIsHonoured) {
  const Block& got = block(kNearLibraries, {segment(Protection::kReadWrite, 10, 26)});
  ASSERT_EQ(got.segments.size(), 1u);
  EXPECT_EQ(value(got.segments[0].base) % (1 << 26), 0u);
}

TEST_P(MemoryTest, BlocksOfEmptySegmentsHaveDifferentBases) {
  const Block& a = block(kNearLibraries, {segment(Protection::kReadExecute, 0)});
  const Block& b = block(kNearLibraries, {segment(Protection::kReadExecute, 0)});
  EXPECT_NE(a.segments[0].base, b.segments[0].base);
  EXPECT_TRUE(memory_->seal(blocks_[0], SealStage::kCode));
}

TEST_F(StrictMemoryTest, SealingCodeLeavesRelroWritable) {
  Block& got = block(kNearLibraries, image());
  ASSERT_TRUE(memory_->seal(got, SealStage::kCode));
  EXPECT_EQ(permissions_of(got.segments[0]), "r-x");
  EXPECT_EQ(permissions_of(got.segments[1]), "r--");
  EXPECT_EQ(permissions_of(got.segments[2]), "rw-");
  EXPECT_EQ(permissions_of(got.segments[3]), "rw-");
}

TEST_P(MemoryTest, SealingRelroMakesItReadOnly) {
  Block& got = block(kNearLibraries, image());
  ASSERT_TRUE(memory_->seal(got, SealStage::kCode));
  ASSERT_TRUE(memory_->seal(got, SealStage::kRelro));
  EXPECT_EQ(permissions_of(got.segments[0]), "r-x");
  EXPECT_EQ(permissions_of(got.segments[2]), "r--");
  EXPECT_EQ(permissions_of(got.segments[3]), "rw-");
}

TEST_P(MemoryTest, SealedCodeRuns) {
  Block& got = block(kNearLibraries, image());
  write_function(got.segments[0], 42);
  ASSERT_TRUE(memory_->seal(got, SealStage::kCode));
  EXPECT_EQ(call(got.segments[0].base), 42u);
}

// Looks at the address map after every system call.
class ProtectionWatcher final : public WatchedSystem {
 public:
  int looks = 0;
  int found = 0;

 private:
  void changed() override {
    ++looks;
    for (const Mapping& mapping : mappings_now()) found += mapping.writable && mapping.executable ? 1 : 0;
  }
};

TEST_P(MemoryTest, NothingIsEverWritableAndExecutable) {
  ProtectionWatcher system;
  use(system);
  for (int round = 0; round < 3; ++round) {
    Block& got = block(kNearLibraries, image());
    ASSERT_TRUE(memory_->seal(got, SealStage::kCode));
    ASSERT_TRUE(memory_->seal(got, SealStage::kRelro));
    if (round == 1) memory_->release(blocks_.front());
  }
  drop();
  EXPECT_GT(system.looks, 10);
  EXPECT_EQ(system.found, 0);
}

TEST_P(MemoryTest, FreedMemoryIsReusedAndZero) {
  block(kNearLibraries, image());  // keeps the window open
  Block& second = block(kNearLibraries, image());
  const AddressRange extent = second.extent;
  for (const Block::Segment& s : second.segments) std::memset(s.working, 0xcc, s.size);
  ASSERT_TRUE(memory_->seal(second, SealStage::kCode));
  memory_->release(second);
  const Block& third = block(kNearLibraries, image());
  EXPECT_EQ(third.extent, extent);
  for (const Block::Segment& s : third.segments) EXPECT_TRUE(all_zero(s));
}

TEST_F(StrictMemoryTest, FreedMemoryIsOutOfReach) {
  block(kNearLibraries, image());
  Block& second = block(kNearLibraries, image());
  const Block::Segment text = second.segments[0];
  ASSERT_TRUE(memory_->seal(second, SealStage::kCode));
  memory_->release(second);
  EXPECT_EQ(permissions_of(text), "---");
}

TEST_P(MemoryTest, ReleasingEverythingLeavesTheAddressMapAsItWas) {
  blocks_.resize(0);
  const auto before = settled_mappings();
  for (int i = 0; i < 20; ++i) {
    Block& got = block(i % 3 == 0 ? kLow : kNearLibraries, image());
    ASSERT_TRUE(memory_->seal(got, SealStage::kCode));
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) memory_->release(blocks_[i * 7 % blocks_.size()]);
  memory_->trim();
  EXPECT_EQ(settled_mappings(), before);
}

TEST_F(StrictMemoryTest, AReleasedBlockLeavesNoMappingBehind) {
  block(kNearLibraries, image());
  const auto before = settled_mappings();
  Block& second = block(kNearLibraries, image());
  for (const Block::Segment& s : second.segments) std::memset(s.working, 0xcc, s.size);
  ASSERT_TRUE(memory_->seal(second, SealStage::kCode));
  memory_->release(second);
  EXPECT_EQ(settled_mappings(), before);
}

TEST_P(MemoryTest, ReleasingTwiceIsReleasingOnce) {
  Block& first = block(kNearLibraries, image());
  Block& second = block(kNearLibraries, image());
  memory_->release(first);
  memory_->release(first);
  EXPECT_EQ(permissions_of(second.segments[3]), "rw-");
}

TEST_P(MemoryTest, TenThousandRoundsLeaveMapAndMemoryFlat) {
  block(kNearLibraries, image());
  const auto round = [&] {
    Expected<Block> got = reserve(*memory_, kNearLibraries, image());
    ASSERT_TRUE(got) << got.error().text();
    for (const Block::Segment& s : got->segments) std::memset(s.working, 0xcc, s.size);
    ASSERT_TRUE(memory_->seal(*got, SealStage::kCode));
    ASSERT_TRUE(memory_->seal(*got, SealStage::kRelro));
    memory_->release(*got);
  };
  for (int i = 0; i < 100; ++i) round();
  const auto before = settled_mappings();
  const std::uint64_t resident = resident_size();
  for (int i = 0; i < 10000; ++i) round();
  EXPECT_EQ(settled_mappings(), before);
  if (!kShadowMemory) {
    EXPECT_LT(resident_size(), resident + (2 << 20));
  }
}

TEST_P(MemoryTest, WindowsOpenedAndClosedLeaveTheMapFlat) {
  const auto before = settled_mappings();
  for (int i = 0; i < 200; ++i) {
    block(kNearLibraries, image());
    release_all();
  }
  EXPECT_EQ(settled_mappings(), before);
}

TEST_P(MemoryTest, ThreadsDoNotDisturbEachOther) {
  const auto range = memory_->locate(kNearLibraries, 4096);
  ASSERT_TRUE(range);
  block(kNearLibraries, image());  // the window stays open, and the threads' own stacks out of it
  std::atomic<int> faults{0};
  const auto work = [&](unsigned char mark) {
    for (int i = 0; i < 300; ++i) {
      Expected<Block> got = reserve(*memory_, kNearLibraries, image());
      if (!got) {
        ++faults;
        continue;
      }
      const Block::Segment& data = got->segments[3];
      if (!all_zero(data)) ++faults;
      std::memset(data.working, mark, data.size);
      if (!memory_->seal(*got, SealStage::kCode)) ++faults;
      if (data.working[0] != std::byte{mark} || data.working[data.size - 1] != std::byte{mark}) ++faults;
      memory_->release(*got);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned char mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(faults, 0);
  release_all();
  EXPECT_FALSE(anything_in(*range));
}

TEST_P(MemoryTest, AForkedChildGoesOnByItself) {
  Block& parent = block(kNearLibraries, image());
  parent.segments[3].working[0] = std::byte{1};
  const pid_t child = fork();
  if (child == 0) {
    parent.segments[3].working[0] = std::byte{2};
    Expected<Block> got = reserve(*memory_, kNearLibraries, image());
    const bool linked = got && memory_->seal(*got, SealStage::kCode).has_value();
    memory_->release(parent);
    _exit(linked ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(parent.segments[3].working[0], std::byte{1});
}

// Refuses large pages, and notes for what they were asked.
class SystemWithoutLargePages : public WatchedSystem {
 public:
  std::vector<AddressRange> asked{};

  int advise(AddressRange range, int advice) override {
    if (advice != MADV_HUGEPAGE) return WatchedSystem::advise(range, advice);
    asked.push_back(range);
    return EINVAL;
  }
};

TEST(LargePages, AreAskedForWhereALargeSetIsWrittenAndNowhereElse) {
  constexpr std::uint64_t kMiB = 1 << 20;
  SystemWithoutLargePages system;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, MemoryKind::kStrict);
  std::vector<SegmentRequest> segments = {segment(Protection::kRead, 3 * kMiB, 4),
                                          segment(Protection::kReadExecute, 6 * kMiB + 10, 4),
                                          segment(Protection::kReadWrite, 40 * kMiB, 4)};
  segments[0].written_size = segments[0].size;
  segments[1].written_size = segments[1].size;
  segments[2].written_size = 8;
  Expected<Block> block = reserve(*memory, kNearLibraries, segments);
  ASSERT_TRUE(block);
  ASSERT_EQ(system.asked.size(), 1U);
  EXPECT_EQ(system.asked[0].lo % (2 * kMiB), 0U);
  EXPECT_GE(system.asked[0].lo, value(block->segments[0].base));
  EXPECT_LE(system.asked[0].hi, value(block->segments[2].base) + 8);
  EXPECT_GE(size_of(system.asked[0]), 6 * kMiB);  // one run, whatever the protections
  memory->release(*block);
}

}  // namespace
}  // namespace enfold::memory
