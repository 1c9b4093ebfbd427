// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/pooled_memory.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <thread>

#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "provider.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kGiB = 1 << 30;

// libc's own definition, not a copy of it in the executable.
std::uint64_t in_libc(const char* symbol) {
  void* libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  return libc != nullptr ? reinterpret_cast<std::uint64_t>(dlsym(libc, symbol)) : 0;
}

// Whether a signed 32-bit displacement gets from every byte of `range` to `address`.
bool reaches(AddressRange range, std::uint64_t address) {
  const auto distance = [&](std::uint64_t from) { return static_cast<std::int64_t>(address - from); };
  return distance(range.lo) == static_cast<std::int32_t>(distance(range.lo)) &&
         distance(range.hi - 1) == static_cast<std::int32_t>(distance(range.hi - 1));
}

// A provider and its blocks; what a test forgets is released.
class MemoryTest : public testing::TestWithParam<MemoryKind> {
 protected:
  explicit MemoryTest(MemoryKind kind) : memory_(make_pooled_memory(host_system(), kind)) {}
  MemoryTest() : MemoryTest(GetParam()) {}

  Block& block(const Constraint& constraint, const std::vector<SegmentRequest>& segments) {
    Expected<Block> got = reserve(*memory_, constraint, segments);
    EXPECT_TRUE(got) << got.error().text();
    return blocks_.emplace_back(got ? *std::move(got) : Block{});
  }
  void release_all() {
    for (Block& b : blocks_) memory_->release(b);
    blocks_.clear();
    memory_->trim();
  }
  ~MemoryTest() override {
    if (memory_) release_all();
  }
  // A provider over calls of the test's own.
  void use(System& system) { memory_ = make_pooled_memory(system, GetParam()); }
  void drop() {
    release_all();
    memory_.reset();
  }

  std::shared_ptr<MemoryProvider> memory_;
  std::deque<Block> blocks_;
};
INSTANTIATE_TEST_SUITE_P(Kinds, MemoryTest, testing::ValuesIn(kKinds), kind_name);

class StrictMemoryTest : public MemoryTest {
 protected:
  StrictMemoryTest() : MemoryTest(MemoryKind::kStrict) {}
};

TEST_P(MemoryTest, TheWholeWindowReachesLibcsDataAndCode) {
  const auto range = memory_->locate(kNearLibraries, 4096);
  ASSERT_TRUE(range) << range.error().text();
  for (const char* symbol : {"stderr", "environ", "puts", "malloc", "_IO_2_1_stderr_"}) {
    ASSERT_NE(in_libc(symbol), 0u) << symbol;
    EXPECT_TRUE(reaches(*range, in_libc(symbol))) << symbol;
  }
}

TEST_P(MemoryTest, LocateChangesNothing) {
  const auto before = settled_mappings();
  ASSERT_TRUE(memory_->locate(kNearLibraries, 4096));
  ASSERT_TRUE(memory_->locate(kLow, 4096));
  EXPECT_EQ(settled_mappings(), before);
}

TEST_P(MemoryTest, ReserveStaysInsideWhatLocateSaid) {
  const auto range = memory_->locate(kNearLibraries, 64 << 10);
  ASSERT_TRUE(range);
  const Block& got = block(kNearLibraries, image());
  EXPECT_TRUE(contains(*range, got.extent));
}

TEST_P(MemoryTest, LocateSaysTheSameBeforeAndAfterTheWindowOpens) {
  if (kShadowMemory) GTEST_SKIP() << "a sanitizer may map into the window before it opens";
  const auto before = memory_->locate(kNearLibraries, 64 << 10);
  block(kNearLibraries, image());
  const auto after = memory_->locate(kNearLibraries, 64 << 10);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(*before, *after);
}

TEST_P(MemoryTest, LowMeansBelowTwoGiB) {
  const Block& got = block(kLow, image());
  EXPECT_GE(got.extent.lo, 0x10000u);
  EXPECT_LT(got.extent.hi, 1ull << 31);
}

TEST_P(MemoryTest, NearATargetReachesAllOfIt) {
  const auto mappings = mappings_now();
  const Mapping* code = mapping_at(mappings, reinterpret_cast<std::uint64_t>(&reaches));
  ASSERT_NE(code, nullptr);
  const Constraint near{.kind = Constraint::Kind::kNear, .target = code->range, .reach = 1ull << 31};
  const auto range = memory_->locate(near, 4096);
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_TRUE(reaches(*range, code->range.lo));
  EXPECT_TRUE(reaches(*range, code->range.hi - 1));
  EXPECT_TRUE(contains(*range, block(near, image()).extent));
}

TEST_P(MemoryTest, NearATargetLargerThanTheReachIsRefused) {
  const Constraint near{.kind = Constraint::Kind::kNear, .target = {kGiB, 5 * kGiB}, .reach = 1ull << 31};
  const auto range = memory_->locate(near, 4096);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code(), ErrorCode::kMemory);
}

TEST_P(MemoryTest, AShorterReachGetsASmallerWindow) {
  const auto range = memory_->locate({.reach = 1ull << 27}, 4096);
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_LE(size_of(*range), 1ull << 26);
  const std::uint64_t puts_address = in_libc("puts");
  EXPECT_LT(std::max(range->hi, puts_address) - std::min(range->lo, puts_address), 1ull << 27);
}

TEST_P(MemoryTest, TwoProvidersCoexist) {
  const std::shared_ptr<MemoryProvider> other = make_pooled_memory(host_system(), GetParam());
  const Block& mine = block(kNearLibraries, image());
  Expected<Block> theirs = reserve(*other, kNearLibraries, image());
  ASSERT_TRUE(theirs) << theirs.error().text();
  EXPECT_EQ(size_of(intersect(mine.extent, theirs->extent)), 0u);
  EXPECT_TRUE(reaches(theirs->extent, in_libc("stderr")));
  other->release(*theirs);
}

TEST_P(MemoryTest, SpansOfSeveralGiBWork) {
  const Block& got =
      block(kNearLibraries, {segment(Protection::kReadExecute, 4096), segment(Protection::kReadWrite, 3 * kGiB),
                             segment(Protection::kReadExecute, 4096)});
  ASSERT_EQ(got.segments.size(), 3u);
  EXPECT_GE(value(got.segments[2].base) - value(got.segments[0].base), 3 * kGiB);
  got.segments[1].working[0] = std::byte{1};
  got.segments[1].working[3 * kGiB - 1] = std::byte{1};
  got.segments[2].working[4095] = std::byte{1};
}

TEST_P(MemoryTest, SpansBeyondTheAddressSpaceAreRefused) {
  const auto range = memory_->locate(kNearLibraries, 1ull << 55);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code(), ErrorCode::kMemory);
  EXPECT_FALSE(memory_->locate(kLow, 2 * kGiB));
  EXPECT_FALSE(memory_->locate(kNearLibraries, ~std::uint64_t{0}));
}

TEST_P(MemoryTest, AFullWindowIsFollowedByAnother) {
  const Block& first = block(kNearLibraries, {segment(Protection::kReadWrite, 700 * kMiB)});
  const Block& second = block(kNearLibraries, {segment(Protection::kReadWrite, 400 * kMiB)});
  EXPECT_EQ(size_of(intersect(first.extent, second.extent)), 0u);
  EXPECT_TRUE(reaches(second.extent, in_libc("stderr")));
}

TEST_P(MemoryTest, TheAddressMapIsReadOnceAWindow) {
  WatchedSystem system;
  use(system);
  block(kNearLibraries, image());
  const int reads = system.file_reads;
  for (int i = 0; i < 100; ++i) block(kNearLibraries, image());
  EXPECT_EQ(system.file_reads, reads);
  drop();
}

TEST_P(MemoryTest, AWindowThatOpensAgainInItsPlaceNeedsNoAddressMap) {
  WatchedSystem system;
  use(system);
  block(kNearLibraries, image());
  release_all();
  const int reads = system.file_reads;
  for (int i = 0; i < 10; ++i) {
    block(kNearLibraries, image());
    release_all();
  }
  EXPECT_EQ(system.file_reads, reads);
  drop();
}

TEST_P(MemoryTest, AWindowsPlaceThatOthersTookIsNoticed) {
  const AddressRange first = block(kNearLibraries, image()).extent;
  const auto window = memory_->locate(kNearLibraries, 4096);
  ASSERT_TRUE(window);
  release_all();
  ASSERT_EQ(host_system().map(*window, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), 0);
  const Block& second = block(kNearLibraries, image());
  EXPECT_NE(second.extent, first);
  EXPECT_TRUE(reaches(second.extent, in_libc("stderr")));
  host_system().unmap(*window);
}

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
    EXPECT_LT(resident_size(), resident + 2 * kMiB);
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

// Links under an RLIMIT_AS that leaves `room` bytes; returns the exit status: 0 for a block, 1 for a clean error.
int link_with_room(MemoryKind kind, std::uint64_t room, std::uint64_t size) {
  std::uint64_t used = 0;
  for (const Mapping& mapping : mappings_now()) used += size_of(mapping.range);
  const rlimit limit{.rlim_cur = used + room, .rlim_max = RLIM_INFINITY};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 2;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(host_system(), kind);
  Expected<Block> got = reserve(*memory, kNearLibraries, {segment(Protection::kReadWrite, size)});
  if (!got) return got.error().code() == ErrorCode::kMemory ? 1 : 3;
  got->segments[0].working[size - 1] = std::byte{1};
  return reaches(got->extent, in_libc("stderr")) ? 0 : 4;
}

class AddressSpaceLimit : public testing::TestWithParam<MemoryKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, AddressSpaceLimit, testing::ValuesIn(kKinds), kind_name);

TEST_P(AddressSpaceLimit, ASmallerWindowServes) {
  if (kShadowMemory) GTEST_SKIP() << "shadow memory takes more address space than the limit leaves";
  EXPECT_EXIT(_exit(link_with_room(GetParam(), 200 * kMiB, 1 * kMiB)), testing::ExitedWithCode(0), "");
}

TEST_P(AddressSpaceLimit, TheLastBitServes) {
  if (kShadowMemory) GTEST_SKIP() << "shadow memory takes more address space than the limit leaves";
  EXPECT_EXIT(_exit(link_with_room(GetParam(), 40 * kMiB, 30 * kMiB)), testing::ExitedWithCode(0), "");
}

TEST_P(AddressSpaceLimit, BeyondItIsAnError) {
  if (kShadowMemory) GTEST_SKIP() << "shadow memory takes more address space than the limit leaves";
  EXPECT_EXIT(_exit(link_with_room(GetParam(), 40 * kMiB, 50 * kMiB)), testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace enfold::memory
