// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Debuggers that write to code, and kernels that refuse things.
#include "memory/pooled_memory.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>

#include "memory/small_block.h"
#include "provider.h"

namespace enfold::memory {
namespace {

class HardenedTest : public testing::TestWithParam<MemoryKind> {
 protected:
  std::shared_ptr<MemoryProvider> memory_ = make_pooled_memory(host_system(), GetParam());
  Blocks blocks_{memory_};
};
INSTANTIATE_TEST_SUITE_P(Kinds, HardenedTest, testing::ValuesIn(kPooledKinds), kind_name);

// Writes as a debugger does: a breakpoint in a page of code.
void poke(TargetAddr address, std::byte byte) {
  int file = -1;
  ASSERT_EQ(host_system().open_file("/proc/self/mem", O_RDWR, file), 0);
  EXPECT_EQ(host_system().write_at(file, {&byte, 1}, value(address)), 0);
  host_system().close_file(file);
}

TEST_P(HardenedTest, BlocksInAPageThatADebuggerWroteToAreWhatTheyShould) {
  const Block& first = blocks_.add_live(1);
  poke(TargetAddr{value(first.segments[0].base) + 64}, std::byte{0xcc});
  for (std::uint32_t i = 2; i < 100; ++i) blocks_.add_live(i);
  for (std::uint32_t i = 2; i < 100; ++i) EXPECT_TRUE(is_live(blocks_[i - 1], i)) << i;
  EXPECT_EQ(word_at(TargetAddr{value(first.segments[0].base) + 64}), 0xccu);
  blocks_.release(0);
  EXPECT_TRUE(is_live(blocks_.add_live(200), 200));
}

// No forced writes.
class Hardened final : public WatchedSystem {
 public:
  int open_file(const char*, int, int&) override { return EACCES; }
};

TEST_P(HardenedTest, WithoutForcedWritesSuchPagesAreExchanged) {
  Hardened system;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, GetParam());
  Blocks blocks(memory);
  const Block& first = blocks.add_live(1);
  poke(TargetAddr{value(first.segments[0].base) + 64}, std::byte{0xcc});
  for (std::uint32_t i = 2; i < 100; ++i) EXPECT_TRUE(is_live(blocks.add_live(i), i));
  EXPECT_TRUE(is_live(first, 1));
  EXPECT_EQ(permissions_of(first.segments[0]), "r-x");
  EXPECT_EQ(permissions_of(first.segments[2]), "r--");
}

#ifndef PR_SET_MDWE
constexpr int PR_SET_MDWE = 65;
#endif
constexpr int kNotOffered = 77;

// Links small and large sets where nothing may become executable that was writable. 0: they run.
int link_under_mdwe(MemoryProvider& memory) {
  if (prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0) return kNotOffered;
  for (const std::uint64_t size : {std::uint64_t{128}, 4 * kSmall}) {
    Expected<Block> block = reserve(memory, kNearLibraries,
                                    {segment(Protection::kReadExecute, size), segment(Protection::kRelro, 8),
                                     segment(Protection::kReadWrite, size)});
    if (!block) return 1;
    write_function(block->segments[0], 42);
    write_word(block->segments[1], 0, 43);
    if (!seal(memory, *block)) return 2;
    if (call(block->segments[0].base) != 42 || word_at(block->segments[1].base) != 43) return 3;
    if (permissions_of(block->segments[0]) != "r-x") return 4;
    const TargetAddr code = block->segments[0].base;
    memory.release(*block);
    Expected<Block> again = reserve(memory, kNearLibraries, {segment(Protection::kReadExecute, size)});
    if (!again || again->segments[0].base != code || !all_zero(again->segments[0])) return 5;
    memory.release(*again);
  }
  return 0;
}

// Pages of a file cannot be emptied by madvise, as anonymous ones can.
int release_under_mdwe(MemoryKind kind) {
  if (prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0) return kNotOffered;
  WatchedSystem system;
  const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(system, kind);
  const std::vector<SegmentRequest> large = {segment(Protection::kReadExecute, 4 * kSmall)};
  Blocks blocks(memory);
  Block& kept = blocks.add(large);
  Block& released = blocks.add(large);
  std::memset(released.segments[0].working, 0xcc, released.segments[0].size);
  if (!seal(*memory, kept) || !seal(*memory, released)) return 1;
  system.fail_from = system.calls + 1;
  system.failure = ENOMEM;
  memory->release(released);
  system.fail_from = 0;
  return all_zero(blocks.add(large).segments[0]) ? 0 : 2;
}

TEST_P(HardenedTest, PagesOfAFileAreNotGivenOutAgain) {
  const int status = in_child([] { return release_under_mdwe(GetParam()); });
  if (status == kNotOffered) GTEST_SKIP() << "a kernel without PR_SET_MDWE";
  EXPECT_EQ(status, 0);
}

TEST_P(HardenedTest, WorksWhereNothingMayBecomeExecutable) {
  const int before = in_child([&] { return link_under_mdwe(*make_pooled_memory(host_system(), GetParam())); });
  if (before == kNotOffered) GTEST_SKIP() << "a kernel without PR_SET_MDWE";
  EXPECT_EQ(before, 0);
  blocks_.add_live(1);  // and with chunks from before
  EXPECT_EQ(in_child([&] { return link_under_mdwe(*memory_); }), 0);
}

TEST(StrictMemory, NamesTheCureWhereNothingMayBecomeExecutable) {
  const int status = in_child([] {
    if (prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0) return kNotOffered;
    const std::shared_ptr<MemoryProvider> memory = make_pooled_memory(host_system(), MemoryKind::kStrict);
    Expected<Block> block = reserve(*memory, kNearLibraries, tiny());
    if (!block) return 1;
    const Expected<void> sealed = memory->seal(*block, SealStage::kCode);
    if (sealed) return 2;
    return sealed.error().cure().find("--memory=alias") != std::string::npos ? 0 : 3;
  });
  if (status == kNotOffered) GTEST_SKIP() << "a kernel without PR_SET_MDWE";
  EXPECT_EQ(status, 0);
}

TEST(MakeMemory, GivesEveryKindOrNamesAnother) {
  for (const MemoryKind kind :
       {MemoryKind::kAutomatic, MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict}) {
    const auto memory = make_memory(kind);
    if (!memory) {
      EXPECT_NE(memory.error().cure(), "");
      continue;
    }
    Blocks blocks(*memory);
    EXPECT_TRUE(is_live(blocks.add_live(7), 7)) << name(kind);
  }
}

}  // namespace
}  // namespace enfold::memory
