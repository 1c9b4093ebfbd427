// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where blocks lie: near the libraries, low, near a target, and what others do to the same addresses meanwhile.
#include "memory/address_space.h"

#include <atomic>
#include <cstring>
#include <thread>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "provider.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace enfold::memory {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kGiB = 1 << 30;

using AddressSpaceTest = MemoryTest;
INSTANTIATE_TEST_SUITE_P(Kinds, AddressSpaceTest, testing::ValuesIn(kKinds), kind_name);

TEST_P(AddressSpaceTest, TheWholeWindowReachesLibcsDataAndCode) {
  const auto range = memory_->locate(kNearLibraries, 4096);
  ASSERT_TRUE(range) << range.error().text();
  for (const char* symbol : {"stderr", "environ", "puts", "malloc", "_IO_2_1_stderr_"}) {
    ASSERT_NE(in_libc(symbol), 0u) << symbol;
    EXPECT_TRUE(reaches(*range, in_libc(symbol))) << symbol;
  }
}

TEST_P(AddressSpaceTest, LocateChangesNothing) {
  const auto before = settled_mappings();
  ASSERT_TRUE(memory_->locate(kNearLibraries, 4096));
  ASSERT_TRUE(memory_->locate(kLow, 4096));
  EXPECT_EQ(settled_mappings(), before);
}

TEST_P(AddressSpaceTest, ReserveStaysInsideWhatLocateSaid) {
  const auto range = memory_->locate(kNearLibraries, 64 << 10);
  ASSERT_TRUE(range);
  Expected<Block> got = memory_->reserve(kNearLibraries, *range, image());
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_TRUE(contains(*range, got->extent));
  memory_->release(*got);
}

TEST(AddressSpace, AWindowIsNamedAsLongAsItHasRoom) {
  AddressSpace space(host_system());
  const auto where = [&] { return space.locate(kNearLibraries, kMiB).value(); };
  const AddressRange window = where();
  const auto some = space.acquire(window, kMiB, space.page_size()).value();
  for (int times = 0; times < 2; ++times) EXPECT_EQ(where(), window);
  const auto rest = space.acquire(window, size_of(window) - kMiB, space.page_size()).value();
  for (int times = 0; times < 2; ++times) EXPECT_NE(where(), window);
  space.release(rest);
  for (int times = 0; times < 2; ++times) EXPECT_EQ(where(), window);
  space.release(some);
}

TEST(AddressSpace, WhatItRemembersAnswersOneQuestion) {
  AddressSpace space(host_system());
  const AddressRange near = space.locate(kNearLibraries, kMiB).value();
  const auto run = space.acquire(near, kMiB, space.page_size()).value();
  const auto remembered = [&] { return space.locate(kNearLibraries, kMiB).value() == near; };
  EXPECT_TRUE(remembered());
  const AddressRange low = space.locate(kLow, kMiB).value();
  EXPECT_LE(low.hi, 2 * kGiB);
  EXPECT_TRUE(remembered());
  const Constraint near_low = {.kind = Constraint::Kind::kNear, .target = low, .reach = 2 * kGiB};
  EXPECT_LE(space.locate(near_low, kMiB).value().lo, 4 * kGiB);
  EXPECT_TRUE(remembered());
  EXPECT_NE(space.locate(kNearLibraries, size_of(near)).value(), near);
  EXPECT_TRUE(remembered());
  space.release(run);
}

TEST_P(AddressSpaceTest, LocateSaysTheSameBeforeAndAfterTheWindowOpens) {
  if (kShadowMemory) GTEST_SKIP() << "a sanitizer may map into the window before it opens";
  const auto before = memory_->locate(kNearLibraries, 64 << 10);
  block(kNearLibraries, image());
  const auto after = memory_->locate(kNearLibraries, 64 << 10);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(*before, *after);
}

TEST_P(AddressSpaceTest, LowMeansBelowTwoGiB) {
  const Block& got = block(kLow, image());
  EXPECT_GE(got.extent.lo, 0x10000u);
  EXPECT_LT(got.extent.hi, 1ull << 31);
}

TEST_P(AddressSpaceTest, NearATargetReachesAllOfIt) {
  const auto mappings = mappings_now();
  const Mapping* code = mapping_at(mappings, reinterpret_cast<std::uint64_t>(&reaches));
  ASSERT_NE(code, nullptr);
  const Constraint near{.kind = Constraint::Kind::kNear, .target = code->range, .reach = 1ull << 31};
  const auto range = memory_->locate(near, 4096);
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_TRUE(reaches(*range, code->range.lo));
  EXPECT_TRUE(reaches(*range, code->range.hi - 1));
  Expected<Block> got = memory_->reserve(near, *range, image());
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_TRUE(contains(*range, got->extent));
  memory_->release(*got);
}

TEST_P(AddressSpaceTest, NearATargetLargerThanTheReachIsRefused) {
  const Constraint near{.kind = Constraint::Kind::kNear, .target = {kGiB, 5 * kGiB}, .reach = 1ull << 31};
  const auto range = memory_->locate(near, 4096);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code(), ErrorCode::kMemory);
}

TEST_P(AddressSpaceTest, AShorterReachGetsASmallerWindow) {
  const auto range = memory_->locate({.reach = 1ull << 27}, 4096);
  ASSERT_TRUE(range) << range.error().text();
  EXPECT_LE(size_of(*range), 1ull << 26);
  const std::uint64_t puts_address = in_libc("puts");
  EXPECT_LT(std::max(range->hi, puts_address) - std::min(range->lo, puts_address), 1ull << 27);
}

TEST_P(AddressSpaceTest, TwoProvidersCoexist) {
  const std::shared_ptr<MemoryProvider> other = make_pooled_memory(host_system(), GetParam());
  const Block& mine = block(kNearLibraries, image());
  Expected<Block> theirs = reserve(*other, kNearLibraries, image());
  ASSERT_TRUE(theirs) << theirs.error().text();
  EXPECT_EQ(size_of(intersect(mine.extent, theirs->extent)), 0u);
  EXPECT_TRUE(reaches(theirs->extent, in_libc("stderr")));
  other->release(*theirs);
}

TEST_P(AddressSpaceTest, TwoProvidersCoexistBelowTwoGiB) {
  const std::shared_ptr<MemoryProvider> other = make_pooled_memory(host_system(), GetParam());
  const Block& mine = block(kLow, image());
  Expected<Block> theirs = reserve(*other, kLow, image());
  ASSERT_TRUE(theirs) << theirs.error().text();
  EXPECT_EQ(size_of(intersect(mine.extent, theirs->extent)), 0u);
  EXPECT_LT(theirs->extent.hi, 1ull << 31);
  other->release(*theirs);
}

TEST_P(AddressSpaceTest, SpansOfSeveralGiBWork) {
  const Block& got =
      block(kNearLibraries, {segment(Protection::kReadExecute, 4096), segment(Protection::kReadWrite, 3 * kGiB),
                             segment(Protection::kReadExecute, 4096)});
  ASSERT_EQ(got.segments.size(), 3u);
  EXPECT_GE(value(got.segments[2].base) - value(got.segments[0].base), 3 * kGiB);
  got.segments[1].working[0] = std::byte{1};
  got.segments[1].working[3 * kGiB - 1] = std::byte{1};
  got.segments[2].working[4095] = std::byte{1};
}

TEST_P(AddressSpaceTest, SpansBeyondTheAddressSpaceAreRefused) {
  const auto range = memory_->locate(kNearLibraries, 1ull << 55);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code(), ErrorCode::kMemory);
  EXPECT_FALSE(memory_->locate(kLow, 2 * kGiB));
  EXPECT_FALSE(memory_->locate(kNearLibraries, ~std::uint64_t{0}));
}

TEST_P(AddressSpaceTest, AFullWindowIsFollowedByAnother) {
  const Block& first = block(kNearLibraries, {segment(Protection::kReadWrite, 700 * kMiB)});
  const Block& second = block(kNearLibraries, {segment(Protection::kReadWrite, 400 * kMiB)});
  EXPECT_EQ(size_of(intersect(first.extent, second.extent)), 0u);
  EXPECT_TRUE(reaches(second.extent, in_libc("stderr")));
}

TEST_P(AddressSpaceTest, AFullLowWindowIsFollowedByAnotherUntilNothingIsLeft) {
  std::vector<Block> taken;
  for (;;) {
    Expected<Block> got = reserve(*memory_, kLow, {segment(Protection::kReadWrite, 300 * kMiB)});
    if (!got) {
      EXPECT_EQ(got.error().code(), ErrorCode::kMemory);
      break;
    }
    for (const Block& other : taken) EXPECT_EQ(size_of(intersect(got->extent, other.extent)), 0u);
    EXPECT_LT(got->extent.hi, 1ull << 31);
    taken.push_back(std::move(*got));
  }
  EXPECT_GE(taken.size(), 5u);  // of the 6 that fit into 2 GiB
  for (Block& block : taken) memory_->release(block);
}

TEST_P(AddressSpaceTest, TheAddressMapIsReadOnceAWindow) {
  WatchedSystem system;
  use(system);
  block(kNearLibraries, image());
  const int reads = system.file_reads;
  for (int i = 0; i < 100; ++i) block(kNearLibraries, image());
  EXPECT_EQ(system.file_reads, reads);
  drop();
}

TEST_P(AddressSpaceTest, AWindowThatOpensAgainInItsPlaceNeedsNoAddressMap) {
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

TEST_P(AddressSpaceTest, AWindowsPlaceThatOthersTookIsNoticed) {
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

TEST_P(AddressSpaceTest, OthersMayMapIntoTheLocatedRangeAtAnyTime) {
  if (kShadowMemory) GTEST_SKIP() << "a sanitizer maps there, too";
  const auto within = memory_->locate(kNearLibraries, 64 << 10);
  ASSERT_TRUE(within);
  std::atomic<bool> done{false};
  std::atomic<int> rounds{0};
  std::thread intruder([&] {
    const std::uint64_t page = host_system().page_size();
    for (std::uint64_t at = within->lo; !done; ++rounds) {
      at = at + 37 * kMiB < within->hi ? at + 37 * kMiB : within->lo + (at + page) % kMiB;
      const AddressRange range{align_down(at, page), align_down(at, page) + page};
      constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
      if (host_system().map(range, PROT_READ | PROT_WRITE, kFlags, -1, 0) != 0) continue;
      *reinterpret_cast<std::uint64_t*>(range.lo) = range.lo;
      EXPECT_EQ(word_at(TargetAddr{range.lo}), range.lo);
      host_system().unmap(range);
    }
  });
  while (rounds == 0) std::this_thread::yield();
  int served = 0;
  for (int i = 0; i < 200; ++i) {
    Expected<Block> got = memory_->reserve(kNearLibraries, *within, image());  // as located long ago
    if (!got) continue;                                                        // four races lost in a row
    ++served;
    EXPECT_TRUE(contains(*within, got->extent));
    for (const Block::Segment& s : got->segments) std::memset(s.working, 0xcc, s.size);
    EXPECT_TRUE(seal(*memory_, *got));
    memory_->release(*got);
    memory_->trim();  // the window closes
  }
  done = true;
  intruder.join();
  EXPECT_GT(served, 0);
}

TEST_P(AddressSpaceTest, WhatIsLeftOfAWindowIsUsedAndThenAnotherOpened) {
  const auto window = memory_->locate(kNearLibraries, 4096);
  ASSERT_TRUE(window);
  block(kNearLibraries, {segment(Protection::kReadWrite, size_of(*window) - 300 * 1024)});
  for (int i = 0; i < 200; ++i) {
    const Block& got = block(kNearLibraries, tiny());
    EXPECT_TRUE(reaches(got.extent, in_libc("stderr")));
  }
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

TEST_P(AddressSpaceLimit, ATinySetNeedsLittle) {
  if (kShadowMemory) GTEST_SKIP() << "shadow memory takes more address space than the limit leaves";
  EXPECT_EXIT(_exit(link_with_room(GetParam(), 8 * kMiB, 1000)), testing::ExitedWithCode(0), "");
}

TEST_P(AddressSpaceLimit, BeyondItIsAnError) {
  if (kShadowMemory) GTEST_SKIP() << "shadow memory takes more address space than the limit leaves";
  EXPECT_EXIT(_exit(link_with_room(GetParam(), 40 * kMiB, 50 * kMiB)), testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace enfold::memory
