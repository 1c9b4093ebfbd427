// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What small blocks have in common beyond other blocks: pages.
#include "memory/pooled_memory.h"

#include <atomic>
#include <set>
#include <thread>

#include <sys/resource.h>

#include "memory/small_block.h"
#include "provider.h"

namespace enfold::memory {
namespace {

class PooledMemoryTest : public testing::TestWithParam<MemoryKind> {
 protected:
  std::shared_ptr<MemoryProvider> memory_ = make_pooled_memory(host_system(), GetParam());
  Blocks blocks_{memory_};
};
INSTANTIATE_TEST_SUITE_P(Kinds, PooledMemoryTest, testing::ValuesIn(kPooledKinds), kind_name);

TEST_P(PooledMemoryTest, TenThousandTinyBlocksTakeAHandfulOfMappings) {
  const std::size_t before = mappings_now().size();
  const std::uint64_t resident = resident_size();
  constexpr std::uint32_t kCount = 10000;
  for (std::uint32_t i = 0; i < kCount; ++i) blocks_.add_live(i);
  for (std::uint32_t i = 0; i < kCount; i += 97) EXPECT_TRUE(is_live(blocks_[i], i));
  if (!kShadowMemory) {
    EXPECT_LE(mappings_now().size(), before + 16);
    EXPECT_LT((resident_size() - resident) / kCount, 600u);
  }
  EXPECT_LE(memory_->use().mapping_count, 16u);
}

TEST_P(PooledMemoryTest, SegmentsOfSeveralBlocksShareAPage) {
  const Block& a = blocks_.add_live(1);
  const Block& b = blocks_.add_live(2);
  for (const std::size_t i : {0u, 1u, 2u, 3u}) {
    EXPECT_EQ(value(a.segments[i].base) >> 12, value(b.segments[i].base) >> 12) << i;
  }
  EXPECT_EQ(value(a.segments[1].base) >> 12, value(a.segments[2].base) >> 12);  // constants and RELRO
}

TEST_P(PooledMemoryTest, RunViewsAreNeverWritable) {
  Block& block = blocks_.add(tiny());
  const auto as_final = [&] {
    return permissions_of(block.segments[0]) == "r-x" && permissions_of(block.segments[1]) == "r--" &&
           permissions_of(block.segments[2]) == "r--" && permissions_of(block.segments[3]) == "rw-";
  };
  EXPECT_TRUE(as_final());
  ASSERT_TRUE(memory_->seal(block, SealStage::kCode));
  EXPECT_TRUE(as_final());
  ASSERT_TRUE(memory_->seal(block, SealStage::kRelro));
  EXPECT_TRUE(as_final());
  EXPECT_TRUE(std::ranges::none_of(mappings_now(), [](const Mapping& m) { return m.writable && m.executable; }));
}

TEST_P(PooledMemoryTest, ResolversMayReadSlotsBetweenTheStagesAndChangeThem) {
  Block& block = blocks_.add(tiny());
  write_word(block.segments[2], 0, 1);
  ASSERT_TRUE(memory_->seal(block, SealStage::kCode));
  EXPECT_EQ(word_at(block.segments[2].base), 1u);
  write_word(block.segments[2], 0, 2);
  ASSERT_TRUE(memory_->seal(block, SealStage::kRelro));
  EXPECT_EQ(word_at(block.segments[2].base), 2u);
}

TEST_P(PooledMemoryTest, EverySegmentIsAlignedAndInTheLocatedRange) {
  blocks_.add_live(1);  // the window stays open
  const auto within = memory_->locate(kNearLibraries, 64 << 10);
  ASSERT_TRUE(within);
  for (std::uint8_t p2align = 0; p2align <= 12; ++p2align) {
    const Block& block =
        blocks_.add({segment(Protection::kRead, 1, 0), segment(Protection::kRelro, 5, p2align),
                     segment(Protection::kReadExecute, 0, p2align), segment(Protection::kReadExecute, 3, 1),
                     segment(Protection::kReadWrite, 7, p2align)});
    EXPECT_TRUE(contains(*within, block.extent));
    for (const std::size_t i : {1u, 2u, 3u, 4u}) {
      EXPECT_EQ(value(block.segments[i].base) % (1u << p2align), 0u) << int{p2align};
    }
  }
}

TEST_P(PooledMemoryTest, EmptySegmentsHaveTheNextOnesAddress) {
  const Block& block =
      blocks_.add({segment(Protection::kRead, 0), segment(Protection::kReadExecute, 8), segment(Protection::kRelro, 0),
                   segment(Protection::kReadWrite, 8), segment(Protection::kReadWrite, 0)});
  EXPECT_EQ(block.segments[0].base, block.segments[1].base);
  EXPECT_EQ(block.segments[2].base, block.segments[3].base);
  EXPECT_EQ(block.segments[4].base, block.segments[3].base);
}

TEST_P(PooledMemoryTest, BlocksWithoutBytesHaveAddressesOfTheirOwn) {
  std::set<std::uint64_t> addresses;
  for (int i = 0; i < 100; ++i) {
    Block& block = blocks_.add({segment(Protection::kReadExecute, 0), segment(Protection::kReadWrite, 0)});
    addresses.insert(value(block.segments[0].base));
    EXPECT_TRUE(seal(*memory_, block));
  }
  addresses.insert(blocks_.add({}).extent.lo);
  EXPECT_EQ(addresses.size(), 101u);
}

TEST_P(PooledMemoryTest, TheBytesBeforeAFunctionCanBeRead) {
  const Block& block = blocks_.add_live(1);
  EXPECT_EQ(word_at(TargetAddr{value(block.segments[0].base) - 8}), 0u);
}

TEST_P(PooledMemoryTest, ContiguousMeansOneAfterAnother) {
  Constraint constraint = kNearLibraries;
  constraint.contiguous = true;
  blocks_.add_live(1);
  const Block& block = blocks_.add(
      {segment(Protection::kReadWrite, 8), segment(Protection::kReadExecute, 8), segment(Protection::kRead, 8)},
      constraint);
  EXPECT_LT(block.segments[0].base, block.segments[1].base);
  EXPECT_LT(block.segments[1].base, block.segments[2].base);
  EXPECT_LE(value(block.segments[2].base) - value(block.segments[0].base), 3 * host_system().page_size());
}

TEST_P(PooledMemoryTest, SmallEndsAtItsLimit) {
  const auto is_small = [](std::vector<SegmentRequest> segments) {
    Block block;
    PoolShares shares;
    return lay_out_small(segments, block, shares);
  };
  EXPECT_TRUE(is_small({segment(Protection::kRead, kSmall)}));
  EXPECT_FALSE(is_small({segment(Protection::kRead, kSmall + 1)}));
  EXPECT_FALSE(is_small({segment(Protection::kRead, kSmall), segment(Protection::kReadWrite, 1)}));
  EXPECT_FALSE(is_small({segment(Protection::kRead, ~std::uint64_t{0}), segment(Protection::kRead, 2)}));
  EXPECT_TRUE(is_small({segment(Protection::kRead, 1, 12)}));
  EXPECT_FALSE(is_small({segment(Protection::kRead, 1, 13)}));
  EXPECT_FALSE(is_small({segment(Protection::kRead, 1, 255)}));
  EXPECT_FALSE(is_small(std::vector<SegmentRequest>(100, segment(Protection::kRead, 1, 12))));
}

TEST_P(PooledMemoryTest, EverySizeUpToTheLimitIsServedAndReused) {
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t size = 1; size <= 2 * kSmall; size = size * 3 / 2 + 1) {
      Block& block = blocks_.add({segment(Protection::kReadExecute, size), segment(Protection::kReadWrite, size)});
      for (const Block::Segment& s : block.segments) {
        EXPECT_TRUE(all_zero(s));
        std::memset(s.working, 0xcc, s.size);
      }
      EXPECT_TRUE(seal(*memory_, block));
      const std::byte* shown = reinterpret_cast<const std::byte*>(value(block.segments[0].base));
      EXPECT_TRUE(std::all_of(shown, shown + size, [](std::byte b) { return b == std::byte{0xcc}; })) << size;
    }
    blocks_.release_all();
  }
}

TEST_P(PooledMemoryTest, FreedMemoryIsGrantedAgainAsZeros) {
  blocks_.add_live(1);
  const TargetAddr code = blocks_.add_live(2).segments[0].base;
  blocks_.add_live(3);
  blocks_.release(1);
  Block& again = blocks_.add(tiny());
  EXPECT_EQ(again.segments[0].base, code);
  for (const Block::Segment& s : again.segments) EXPECT_TRUE(all_zero(s));
  ASSERT_TRUE(seal(*memory_, again));
  EXPECT_EQ(word_at(code), 0u);
  EXPECT_TRUE(is_live(blocks_[0], 1));
  EXPECT_TRUE(is_live(blocks_[2], 3));
}

TEST_P(PooledMemoryTest, TrimLeavesTheAddressMapAsItWas) {
  const auto before = settled_mappings();
  for (std::uint32_t i = 0; i < 12000; ++i) blocks_.add_live(i);
  for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_.release(i * 7919 % blocks_.size());
  if (!kShadowMemory) {
    EXPECT_NE(settled_mappings(), before);  // spares
  }
  memory_->trim();
  EXPECT_EQ(settled_mappings(), before);
}

TEST_P(PooledMemoryTest, SparesAreSmallAndComeBackWithoutASystemCall) {
  WatchedSystem system;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, GetParam());
  {
    Blocks blocks(memory);
    for (std::uint32_t i = 0; i < 9000; ++i) blocks.add_live(i);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks.release(i);
    EXPECT_EQ(memory->use().block_count, 0u);
    EXPECT_LE(memory->use().committed, 3 * kSpareSize);
    const int calls = system.calls;
    for (std::uint32_t i = 0; i < 3; ++i) blocks.add(tiny());
    EXPECT_EQ(system.calls, calls);
  }
  EXPECT_EQ(memory->use().windows.size(), 0u);
  EXPECT_EQ(system.reserved_size, 0u);
  EXPECT_EQ(system.open_files, 0);
}

TEST_P(PooledMemoryTest, ALinkTakesNoSystemCallOrTwo) {
  WatchedSystem system;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, GetParam());
  Blocks blocks(memory);
  blocks.add_live(1);
  const int calls = system.calls;
  for (std::uint32_t i = 1; i <= 100; ++i) blocks.add_live(i);
  EXPECT_EQ(system.calls - calls, GetParam() == MemoryKind::kAliased ? 0 : 200);
}

// What they zero lies in pages that are not mapped for writing any more: 16 of those come by one call, not by a fault
// each.
TEST(PooledMemory, ReleasesMapWhatTheyZeroInStretches) {
  struct Counted final : WatchedSystem {
    int advise(AddressRange range, int advice) override {
      if (advice == kPopulateWrite) mapped += size_of(range);
      return WatchedSystem::advise(range, advice);
    }
    std::uint64_t mapped = 0;
  } system;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, MemoryKind::kAliased);
  Blocks blocks(memory);
  for (int i = 0; i < 300; ++i) blocks.add({segment(Protection::kReadExecute, 1024)});
  system.mapped = 0;
  const int calls = system.calls;
  for (std::size_t i = 0; i < 50; ++i) blocks.release(i);
  EXPECT_EQ(system.calls - calls, 1);
  EXPECT_EQ(system.mapped, kStretch);
  for (std::size_t i = 50; i < 200; ++i) blocks.release(i);
  EXPECT_EQ(system.calls - calls, 4);
}

TEST_P(PooledMemoryTest, TheDestructorGivesSparesBack) {
  const auto before = settled_mappings();
  {
    const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(host_system(), GetParam());
    Expected<Block> block = reserve(*memory, kNearLibraries, tiny());
    ASSERT_TRUE(block);
    memory->release(*block);
  }
  EXPECT_EQ(settled_mappings(), before);
}

// Those of a chunk that fills, and what is written by force comes page by page.
TEST_P(PooledMemoryTest, PagesComeInStretches) {
  const auto committed_with = [&](int count) {
    while (count-- > 0) blocks_.add({segment(Protection::kReadExecute, 1000)});
    return memory_->use().committed;
  };
  const bool written = GetParam() == MemoryKind::kAliased;
  EXPECT_EQ(committed_with(15), kSpareSize);
  EXPECT_EQ(committed_with(15), 2 * kSpareSize);
  EXPECT_EQ(committed_with(70), written ? 2 * kStretch : align_up(100 * 1008 + 64, host_system().page_size()));
}

// What is written through an alias does not stay mapped there.
TEST_P(PooledMemoryTest, FullStretchesAreResidentOnce) {
  if (kShadowMemory) GTEST_SKIP() << "a sanitizer's shadow is resident, too";
  const std::uint64_t before = resident_size();
  for (int i = 0; i < 800; ++i) {
    Block& block = blocks_.add({segment(Protection::kReadExecute, 1000)});
    write_word(block.segments[0], 0, 1);
    ASSERT_TRUE(seal(*memory_, block));
  }
  EXPECT_LT(resident_size() - before, 1100u << 10);
}

TEST_P(PooledMemoryTest, UseIsCounted) {
  blocks_.add_live(1);
  blocks_.add_live(2);
  blocks_.add({segment(Protection::kReadWrite, 100000)});
  const MemoryUse use = memory_->use();
  EXPECT_EQ(use.block_count, 3u);
  EXPECT_EQ(use.granted, 2 * 240u + 100000u);
  const std::uint64_t page = host_system().page_size();
  EXPECT_EQ(use.committed, align_up(100000, page) + 3 * page);
  ASSERT_EQ(use.windows.size(), 1u);
  EXPECT_EQ(use.windows[0].taken, 3 * kChunkSize + align_up(100000, page));
  EXPECT_GE(use.mapping_count, 4u);
  blocks_.release_all();
  EXPECT_EQ(memory_->use().granted, 0u);
  EXPECT_EQ(memory_->use().committed, 0u);
  EXPECT_EQ(memory_->use().mapping_count, 0u);
}

TEST_P(PooledMemoryTest, ThreadsDoNotDisturbEachOther) {
  blocks_.add_live(1);
  std::atomic<int> faults{0};
  const auto work = [&](std::uint32_t thread) {
    std::vector<Block> live;
    for (std::uint32_t i = 0; i < 3000; ++i) {
      if (live.size() == 20) {
        memory_->release(live[i % 20]);
        std::swap(live[i % 20], live.back());
        live.pop_back();
      }
      Expected<Block> got = reserve(*memory_, kNearLibraries, tiny());
      if (!got || !all_zero(got->segments[0]) || !all_zero(got->segments[3])) {
        ++faults;
        continue;
      }
      const std::uint32_t mark = thread * 10000 + i;
      write_function(got->segments[0], mark);
      write_word(got->segments[2], 0, mark);
      if (!seal(*memory_, *got)) ++faults;
      const WordWrite word{got->segments[2].base, mark};
      if (i % 50 == 0 && !memory_->rewrite({&word, 1})) ++faults;
      if (!is_live(*got, mark)) ++faults;
      live.push_back(*std::move(got));
    }
    for (Block& block : live) memory_->release(block);
  };
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 1; thread <= 4; ++thread) threads.emplace_back(work, thread);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(memory_->use().block_count, 1u);
}

TEST_P(PooledMemoryTest, SmallWindowsHaveRoomForTinySets) {
  if (kShadowMemory) GTEST_SKIP() << "shadow memory takes more address space than the limit leaves";
  EXPECT_EQ(in_child([] {
              std::uint64_t used = 0;
              for (const Mapping& mapping : mappings_now()) used += size_of(mapping.range);
              const rlimit limit{.rlim_cur = used + (8 << 20), .rlim_max = RLIM_INFINITY};
              if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
              const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(host_system(), GetParam());
              Blocks blocks(memory);
              for (std::uint32_t i = 0; i < 500; ++i) {
                if (!is_live(blocks.add_live(i), i)) return 2;
              }
              return memory->use().mapping_count < 20 ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace enfold::memory
