// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fork in the middle of everything: both processes keep what was linked, and go on without the other noticing.
#include <atomic>
#include <thread>

#include "provider.h"

namespace enfold::memory {
namespace {

class ForkTest : public testing::TestWithParam<MemoryKind> {
 protected:
  static constexpr std::uint32_t kLive = 200;

  ForkTest() {
    for (std::uint32_t i = 0; i < kLive; ++i) blocks_.add_live(i);
  }
  bool all_live() {
    for (std::uint32_t i = 0; i < kLive; ++i) {
      if (!is_live(blocks_[i], i)) return false;
    }
    return true;
  }
  // Releases all but every tenth, and links others where they were, and changes the slots of the rest.
  bool churn(std::uint32_t mark) {
    for (std::uint32_t i = 0; i < kLive; ++i) {
      if (i % 10 != 0) blocks_.release(i);
    }
    std::deque<Block> fresh;
    for (std::uint32_t i = 0; i < 2 * kLive; ++i) {
      Expected<Block> block = reserve(*memory_, kNearLibraries, tiny());
      if (!block || !all_zero(block->segments[0]) || !all_zero(block->segments[3])) return false;
      write_function(block->segments[0], mark + i);
      write_word(block->segments[2], 0, mark + i);
      if (!seal(*memory_, *block)) return false;
      fresh.push_back(*std::move(block));
    }
    for (std::uint32_t i = 0; i < 2 * kLive; ++i) {
      if (!is_live(fresh[i], mark + i)) return false;
    }
    for (std::uint32_t i = 0; i < kLive; i += 10) {
      const WordWrite word{blocks_[i].segments[2].base, mark};
      if (!is_live(blocks_[i], i) || !memory_->rewrite({&word, 1}) || word_at(word.address) != mark) return false;
    }
    for (Block& block : fresh) memory_->release(block);
    return true;
  }

  std::shared_ptr<MemoryProvider> memory_ = make_pooled_memory(host_system(), GetParam());
  Blocks blocks_{memory_};
};
INSTANTIATE_TEST_SUITE_P(Kinds, ForkTest, testing::ValuesIn(kKinds), kind_name);

TEST_P(ForkTest, WhatTheChildDoesTheParentDoesNotNotice) {
  EXPECT_EQ(in_child([&] { return all_live() && churn(7000) ? 0 : 1; }), 0);
  EXPECT_TRUE(all_live());
  EXPECT_TRUE(churn(9000));
}

// The child waits until the parent has changed all that it can.
TEST_P(ForkTest, WhatTheParentDoesTheChildDoesNotNotice) {
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    const bool told = read(go[0], &byte, 1) == 1;
    _exit(told && all_live() && churn(5000) ? 0 : 1);
  }
  EXPECT_TRUE(churn(6000));
  ASSERT_EQ(write(go[1], "", 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  close(go[0]);
  close(go[1]);
}

TEST_P(ForkTest, AThreadThatLinksMeanwhileFinishes) {
  if (kShadowMemory) GTEST_SKIP() << "AddressSanitizer's allocator takes its locks into the child";
  std::atomic<bool> done{false};
  std::atomic<int> faults{0};
  std::atomic<std::uint32_t> rounds{0};
  std::thread other([&] {
    while (!done) {
      Expected<Block> block = reserve(*memory_, kNearLibraries, tiny());
      if (!block) {
        ++faults;
        continue;
      }
      const std::uint32_t mark = ++rounds;
      write_function(block->segments[0], mark);
      write_word(block->segments[2], 0, mark);
      if (!memory_->seal(*block, SealStage::kCode)) ++faults;
      write_word(block->segments[2], 0, mark + 1);
      if (!memory_->seal(*block, SealStage::kRelro)) ++faults;
      if (call(block->segments[0].base) != mark || word_at(block->segments[2].base) != mark + 1) ++faults;
      memory_->release(*block);
    }
  });
  while (rounds == 0) std::this_thread::yield();
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(in_child([&] { return all_live() && (i % 10 != 0 || churn(3000)) ? 0 : 1; }), 0);
  }
  done = true;
  other.join();
  EXPECT_EQ(faults, 0);
  EXPECT_TRUE(all_live());
}

TEST_P(ForkTest, ABlockBeingWrittenAtTheForkIsTheParents) {
  Block& block = blocks_.add(tiny());
  write_function(block.segments[0], 1);
  EXPECT_EQ(in_child([&] {
              const bool own = GetParam() != MemoryKind::kAliased;  // the alias is not the child's
              if (seal(*memory_, block) != own) return 1;
              memory_->release(block);
              return all_live() && churn(100) ? 0 : 2;
            }),
            0);
  EXPECT_TRUE(all_zero(block.segments[1]));
  write_function(block.segments[0], 2);
  write_word(block.segments[2], 0, 2);
  EXPECT_TRUE(seal(*memory_, block));
  EXPECT_TRUE(is_live(block, 2));
  EXPECT_TRUE(all_live());
}

TEST_P(ForkTest, ManyForksDoNotFillTheWindow) {
  for (std::uint32_t i = 0; i < 40; ++i) {
    EXPECT_EQ(in_child([&] { return all_live() ? 0 : 1; }), 0);
    blocks_.add_live(kLive + i);
  }
  for (std::uint32_t i = 0; i < kLive + 40; ++i) EXPECT_TRUE(is_live(blocks_[i], i));
  if (GetParam() != MemoryKind::kStrict) {
    EXPECT_LE(memory_->use().windows[0].taken, 16 << 20);
  }
}

TEST_P(ForkTest, GrandchildrenHaveItAll) {
  EXPECT_EQ(in_child([&] {
              if (!all_live()) return 1;
              Expected<Block> block = reserve(*memory_, kNearLibraries, tiny());
              if (!block) return 2;
              write_function(block->segments[0], 77);
              if (!seal(*memory_, *block)) return 3;
              const int status = in_child([&] { return call(block->segments[0].base) == 77 && churn(10) ? 0 : 4; });
              return status != 0 ? status : (all_live() && call(block->segments[0].base) == 77 ? 0 : 5);
            }),
            0);
}

TEST_P(ForkTest, TheChildGivesEverythingBack) {
  const MemoryUse use = memory_->use();
  EXPECT_EQ(in_child([&] {
              blocks_.release_all();
              for (const MemoryUse::Window& window : use.windows) {
                if (anything_in(window.range)) return 1;
              }
              return memory_->use().windows.empty() ? 0 : 2;
            }),
            0);
  EXPECT_TRUE(all_live());
}

}  // namespace
}  // namespace enfold::memory
