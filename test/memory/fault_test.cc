// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every system call of an operation is made to fail in turn: the operation gives a clean error or finds another way,
// and when what it gave is released, the address map is as before.
#include <cerrno>
#include <cstring>

#include <sys/mman.h>

#include <gtest/gtest.h>

#include "memory/pooled_memory.h"
#include "memory/private_memory.h"
#include "provider.h"

namespace enfold::memory {
namespace {

struct Outcome {
  std::string error;  // empty: all went well
  int calls = 0;
};

// A link's use of the provider, up to the commit point.
Expected<Block> reserve_and_seal(MemoryProvider& memory, const Constraint& constraint) {
  Expected<Block> block = reserve(memory, constraint, image());
  if (!block) return block;
  for (const SealStage stage : {SealStage::kCode, SealStage::kRelro}) {
    if (Expected<void> sealed = memory.seal(*block, stage); !sealed) {
      memory.release(*block);
      return std::unexpected(std::move(sealed).error());
    }
  }
  return block;
}

// Runs it with calls from the n-th on failing, `count` of them.
Outcome run_with_failure(const Constraint& constraint, int n, int count, int failure) {
  WatchedSystem system;
  system.fail_from = n;
  system.fail_count = count;
  system.failure = failure;
  system.fail_reads = true;
  const std::shared_ptr<MemoryProvider> memory = make_private_memory(system);
  Expected<Block> block = reserve_and_seal(*memory, constraint);
  Outcome outcome{.error = {}, .calls = system.calls};
  system.fail_from = 0;
  if (block) {
    memory->release(*block);
  } else {
    outcome.error = block.error().text();
    const bool taken_by_others = failure == EEXIST && block.error().code() == ErrorCode::kInUse;
    EXPECT_TRUE(taken_by_others || block.error().code() == ErrorCode::kMemory) << outcome.error;
  }
  EXPECT_EQ(system.reserved_size, 0u) << "call " << n;
  return outcome;
}

class Fault : public testing::TestWithParam<std::tuple<const Constraint*, int>> {};

TEST_P(Fault, InEveryCallLeavesTheMapAsItWas) {
  const auto& [constraint, failure] = GetParam();
  run_with_failure(*constraint, 0, 0, 0);
  const auto before = settled_mappings();
  int refused = 0;
  for (int n = 1;; ++n) {
    const Outcome outcome = run_with_failure(*constraint, n, 1, failure);
    EXPECT_EQ(settled_mappings(), before) << "call " << n;
    refused += outcome.error.empty() ? 0 : 1;
    if (outcome.calls < n) break;
  }
  EXPECT_GE(refused, 4);  // the map, the writable pages, the two stages of sealing
}

TEST_P(Fault, InAllCallsFromOneOnLeavesTheMapAsItWas) {
  const auto& [constraint, failure] = GetParam();
  run_with_failure(*constraint, 0, 0, 0);
  const auto before = settled_mappings();
  const int reserving = run_with_failure(*constraint, 0, 0, 0).calls - 4;
  for (int n = 1; n <= reserving; ++n) {
    EXPECT_NE(run_with_failure(*constraint, n, 1000, failure).error, "") << "call " << n;
    EXPECT_EQ(settled_mappings(), before) << "call " << n;
  }
}

constexpr int kFailures[] = {ENOMEM, EACCES, EEXIST};
constexpr const Constraint* kConstraints[] = {&kNearLibraries, &kLow};

INSTANTIATE_TEST_SUITE_P(All, Fault, testing::Combine(testing::ValuesIn(kConstraints), testing::ValuesIn(kFailures)));

// All that a provider does, with a small block and a large one of each pooled and strict way. Returns what failed.
std::vector<std::string> live_and_die(MemoryProvider& memory, WatchedSystem& system) {
  std::vector<std::string> errors;
  const auto note = [&](const auto& result) {
    if (!result) errors.push_back(result.error().text());
    return result.has_value();
  };
  std::vector<Block> blocks;
  for (const std::uint64_t size : {std::uint64_t{100}, std::uint64_t{30000}, std::uint64_t{200000}}) {
    Expected<Block> block = reserve(memory, kNearLibraries,
                                    {segment(Protection::kReadExecute, size), segment(Protection::kRelro, size, 3),
                                     segment(Protection::kReadWrite, size)});
    if (!note(block)) continue;
    for (const Block::Segment& s : block->segments) {
      EXPECT_TRUE(all_zero(s));
      std::memset(s.working, 0xcc, s.size);
    }
    write_function(block->segments[0], 42);
    const bool sealed = note(memory.seal(*block, SealStage::kCode)) && note(memory.seal(*block, SealStage::kRelro));
    const WordWrite word{block->segments[1].base, 43};
    if (sealed) {
      EXPECT_EQ(call(block->segments[0].base), 42u);
      EXPECT_EQ(word_at(word.address), note(memory.rewrite({&word, 1})) ? 43 : 0xccccccccccccccccu);
    }
    blocks.push_back(*std::move(block));
  }
  for (Block& block : blocks) memory.release(block);
  memory.trim();
  system.fail_from = 0;
  memory.trim();  // what could not be given back then
  return errors;
}

class FaultOfKind : public testing::TestWithParam<std::tuple<MemoryKind, int>> {};

TEST_P(FaultOfKind, InEveryCallOfALifeLeavesNothingBehind) {
  const auto& [kind, failure] = GetParam();
  for (int n = 1;; ++n) {
    WatchedSystem system;
    system.fail_from = n;
    system.failure = failure;
    const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, kind);
    const std::vector<std::string> errors = live_and_die(*memory, system);
    EXPECT_LE(errors.size(), 1u) << "call " << n;
    EXPECT_TRUE(memory->use().windows.empty()) << "call " << n;
    EXPECT_EQ(system.reserved_size, system.lost_size()) << "call " << n;
    EXPECT_EQ(system.open_files, 0) << "call " << n;
    if (n > system.calls) {
      EXPECT_GT(n, 15);
      break;
    }
  }
}

TEST_P(FaultOfKind, FromEveryCallOnIsAnErrorAndNoMore) {
  const auto& [kind, failure] = GetParam();
  for (int n = 1;; ++n) {
    WatchedSystem system;
    system.fail_from = n;
    system.fail_count = 1 << 20;
    system.failure = failure;
    const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, kind);
    live_and_die(*memory, system);
    EXPECT_TRUE(memory->use().windows.empty()) << "call " << n;
    EXPECT_EQ(system.reserved_size, system.lost_size()) << "call " << n;
    EXPECT_EQ(system.open_files, 0) << "call " << n;
    if (n > system.calls) break;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FaultOfKind,
                         testing::Combine(testing::ValuesIn(kKinds), testing::Values(ENOMEM, EACCES, EPERM)));

TEST(FaultText, NamesTheCallAndTheReason) {
  std::string all;
  for (int n = 1; n < 12; ++n) all += run_with_failure(kNearLibraries, n, 1, EACCES).error + "\n";
  EXPECT_NE(all.find("read of /proc/self/maps: "), std::string::npos) << all;
  EXPECT_NE(all.find("mmap of "), std::string::npos) << all;
  EXPECT_NE(all.find("mprotect of "), std::string::npos) << all;
  EXPECT_NE(all.find("(EACCES)"), std::string::npos) << all;
}

TEST(FaultFallback, ARefusedWindowIsHalved) {
  WatchedSystem system;
  const std::shared_ptr<MemoryProvider> memory = make_private_memory(system);
  const auto located = memory->locate(kNearLibraries, 4096);
  ASSERT_TRUE(located);
  system.fail_from = system.calls + 1;
  system.fail_count = 2;
  system.failure = ENOMEM;
  Expected<Block> block = memory->reserve(kNearLibraries, *located, image());
  ASSERT_TRUE(block) << block.error().text();
  EXPECT_TRUE(contains(*located, block->extent));
  EXPECT_FALSE(anything_in({located->lo, located->lo + size_of(*located) / 2}));
  memory->release(*block);
}

TEST(FaultFallback, AWindowThatOthersMappedIntoMeanwhileServesAsFarAsItGoes) {
  const std::shared_ptr<MemoryProvider> memory = enfold::make_private_memory();
  const auto located = memory->locate(kNearLibraries, 4096);
  ASSERT_TRUE(located);
  const std::uint64_t middle = located->lo + size_of(*located) / 2;
  const AddressRange intruder{middle, middle + host_system().page_size()};
  ASSERT_EQ(host_system().map(intruder, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 0);
  Expected<Block> block = memory->reserve(kNearLibraries, *located, image());
  ASSERT_TRUE(block) << block.error().text();
  EXPECT_TRUE(contains(*located, block->extent));
  memory->release(*block);
  EXPECT_TRUE(anything_in(intruder));
  host_system().unmap(intruder);
  EXPECT_FALSE(anything_in(*located));
}

TEST(FaultSeal, AFailureLeavesEverythingWritable) {
  WatchedSystem system;
  const std::shared_ptr<MemoryProvider> memory = make_private_memory(system);
  Expected<Block> block = reserve(*memory, kNearLibraries, image());
  ASSERT_TRUE(block);
  system.fail_from = system.calls + 2;  // text is sealed, constants are not
  system.failure = ENOMEM;
  EXPECT_FALSE(memory->seal(*block, SealStage::kCode));
  for (const Block::Segment& s : block->segments) {
    const std::vector<Mapping> mappings = mappings_now();
    const Mapping* at = mapping_at(mappings, value(s.base));
    EXPECT_TRUE(at->writable && !at->executable);
  }
  EXPECT_TRUE(memory->seal(*block, SealStage::kCode));
  memory->release(*block);
}

// Two blocks in one window; the second is released while `fail_count` calls fail.
struct Release {
  WatchedSystem system{};
  std::shared_ptr<MemoryProvider> memory = make_private_memory(system);
  Block kept{}, released{};
  AddressRange extent{};

  explicit Release(int fail_count) {
    kept = *reserve(*memory, kNearLibraries, image());
    released = *reserve_and_seal(*memory, kNearLibraries);
    extent = released.extent;
    std::memset(released.segments[3].working, 0xcc, released.segments[3].size);
    system.fail_from = system.calls + 1;
    system.fail_count = fail_count;
    system.failure = ENOMEM;
    memory->release(released);
    system.fail_from = 0;
  }
};

TEST(FaultRelease, WithoutAFreshMappingThePagesAreDiscarded) {
  Release test(1);
  const std::vector<Mapping> mappings = mappings_now();
  EXPECT_FALSE(mapping_at(mappings, test.extent.lo)->executable);
  Expected<Block> again = reserve(*test.memory, kNearLibraries, image());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->extent, test.extent);
  EXPECT_EQ(again->segments[3].working[0], std::byte{0});
  test.memory->release(*again);
  test.memory->release(test.kept);
  EXPECT_FALSE(anything_in(test.extent));
}

TEST(FaultRelease, PagesThatCannotBeTakenBackAreNeverGivenOut) {
  Release test(3);
  Expected<Block> again = reserve(*test.memory, kNearLibraries, image());
  ASSERT_TRUE(again);
  EXPECT_EQ(size_of(intersect(again->extent, test.extent)), 0u);
  test.memory->release(*again);
  test.memory->release(test.kept);
  host_system().unmap(*test.memory->locate(kNearLibraries, 4096));  // what the provider had to leave
}

TEST(FaultRelease, AWindowThatCannotBeClosedIsUsedAgain) {
  WatchedSystem system;
  const std::shared_ptr<MemoryProvider> memory = make_private_memory(system);
  Expected<Block> block = reserve(*memory, kNearLibraries, image());
  ASSERT_TRUE(block);
  const AddressRange extent = block->extent;
  std::memset(block->segments[3].working, 0xcc, block->segments[3].size);
  system.fail_from = system.calls + 1;  // munmap; then the fresh mapping succeeds; then munmap again
  system.failure = ENOMEM;
  memory->release(*block);
  system.fail_from = 0;
  Expected<Block> again = reserve(*memory, kNearLibraries, image());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->extent, extent);
  EXPECT_EQ(again->segments[3].working[0], std::byte{0});
  memory->release(*again);
  EXPECT_FALSE(anything_in(extent));
}

}  // namespace
}  // namespace enfold::memory
