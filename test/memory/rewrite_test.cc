// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Words of sealed RELRO change while others read them.
#include <atomic>
#include <cerrno>
#include <thread>

#include <fcntl.h>

#include "provider.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kOld = 0x1111111122222222;
constexpr std::uint64_t kNew = 0x3333333344444444;

class RewriteTest : public testing::TestWithParam<MemoryKind> {
 protected:
  // A live block of `slots` words of RELRO, all kOld. More than small ones fill pages of their own.
  Block& block(std::uint64_t slots) {
    Block& block = blocks_.add({segment(Protection::kReadExecute, 16), segment(Protection::kRelro, slots * 8, 3)});
    for (std::uint64_t i = 0; i < slots; ++i) write_word(block.segments[1], i * 8, kOld);
    EXPECT_TRUE(seal(*memory_, block));
    return block;
  }
  static TargetAddr slot(const Block& block, std::uint64_t index) { return block.segments[1].base + index * 8; }

  WatchedSystem system_;
  std::shared_ptr<MemoryProvider> memory_ = make_pooled_memory(system_, GetParam());
  Blocks blocks_{memory_};
};
INSTANTIATE_TEST_SUITE_P(Kinds, RewriteTest, testing::ValuesIn(kKinds), kind_name);

TEST_P(RewriteTest, OnlyTheWordsNamedChange) {
  for (const std::uint64_t slots : {10u, 100000u}) {
    const Block& got = block(slots);
    const WordWrite words[] = {{slot(got, slots - 1), kNew}, {slot(got, 3), kNew}};
    const auto done = memory_->rewrite(words);
    ASSERT_TRUE(done) << done.error().text();
    for (std::uint64_t i = 0; i < slots; ++i) {
      ASSERT_EQ(word_at(slot(got, i)), i == 3 || i == slots - 1 ? kNew : kOld) << i;
    }
    EXPECT_EQ(permissions_of(got.segments[1]), "r--");
  }
}

TEST_P(RewriteTest, TheLastOfSeveralValuesForAWordStays) {
  const Block& got = block(2);
  const WordWrite words[] = {{slot(got, 1), kNew}, {slot(got, 0), kNew}, {slot(got, 1), 5}};
  ASSERT_TRUE(memory_->rewrite(words));
  EXPECT_EQ(word_at(slot(got, 0)), kNew);
  EXPECT_EQ(word_at(slot(got, 1)), 5u);
  EXPECT_TRUE(memory_->rewrite({}));
}

TEST_P(RewriteTest, ManyTimesOver) {
  const Block& small = block(4);
  const Block& large = block(20000);
  for (std::uint64_t i = 0; i < 500; ++i) {
    const WordWrite words[] = {{slot(small, i % 4), i}, {slot(large, i * 37 % 20000), i}};
    ASSERT_TRUE(memory_->rewrite(words));
    ASSERT_EQ(word_at(slot(small, i % 4)), i);
    ASSERT_EQ(word_at(slot(large, i * 37 % 20000)), i);
  }
  blocks_.release_all();
  EXPECT_EQ(system_.reserved_size, 0u);
}

TEST_P(RewriteTest, ReadersSeeOldOrNewOnly) {
  for (const std::uint64_t slots : {16u, 20000u}) {
    const Block& got = block(slots);
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> reads{0};
    std::atomic<int> faults{0};
    std::thread reader([&] {
      while (!done) {
        for (std::uint64_t i = 0; i < slots; i += slots / 8) {
          const std::uint64_t seen = word_at(slot(got, i));
          if (seen != kOld && seen != kNew) ++faults;
        }
        ++reads;
      }
    });
    while (reads == 0) std::this_thread::yield();
    for (int round = 0; round < 2000; ++round) {
      std::vector<WordWrite> words;
      for (std::uint64_t i = 0; i < slots; i += slots / 8)
        words.push_back({slot(got, i), round % 2 == 0 ? kNew : kOld});
      if (!memory_->rewrite(words)) ++faults;
    }
    done = true;
    reader.join();
    EXPECT_EQ(faults, 0);
  }
}

TEST_P(RewriteTest, NeighboursAreLinkedMeanwhile) {
  const Block& got = block(4);
  std::atomic<bool> done{false};
  std::atomic<int> faults{0};
  std::thread writer([&] {
    for (std::uint64_t i = 0; !done; ++i) {
      const WordWrite word{slot(got, 0), i};
      if (!memory_->rewrite({&word, 1}) || word_at(slot(got, 0)) != i) ++faults;
    }
  });
  for (std::uint32_t i = 0; i < 3000; ++i) {
    Block& other = blocks_.add_live(i);
    if (!is_live(other, i)) ++faults;
    if (i % 2 == 0) blocks_.release(blocks_.size() - 1);
  }
  done = true;
  writer.join();
  EXPECT_EQ(faults, 0);
}

TEST_P(RewriteTest, WhatIsNoSealedWordIsRefused) {
  const Block& got = block(4);
  Block released = *reserve(*memory_, kNearLibraries, tiny());
  const TargetAddr gone = released.segments[2].base;
  memory_->release(released);
  static std::uint64_t elsewhere = 7;
  const TargetAddr bad[] = {slot(got, 0) + 4,
                            slot(got, 1) + 1,
                            TargetAddr{0},
                            TargetAddr{8},
                            gone + (8ull << 20),
                            TargetAddr{reinterpret_cast<std::uint64_t>(&elsewhere)},
                            TargetAddr{~std::uint64_t{7}}};
  for (const TargetAddr address : bad) {
    const WordWrite words[] = {{slot(got, 0), kNew}, {address, kNew}};
    const auto done = memory_->rewrite(words);
    ASSERT_FALSE(done) << value(address);
    EXPECT_EQ(done.error().code(), ErrorCode::kMemory);
    EXPECT_EQ(word_at(slot(got, 0)), kOld);
  }
  EXPECT_EQ(elsewhere, 7u);
}

TEST_P(RewriteTest, AFailureAnywhereChangesNothing) {
  for (const std::uint64_t slots : {100u, 20000u}) {
    const Block& got = block(slots);
    const Block& other = block(slots);
    const WordWrite words[] = {{slot(got, 0), kNew}, {slot(got, slots - 1), kNew}, {slot(other, 0), kNew}};
    int refused = 0;
    for (int n = 1;; ++n) {
      system_.fail_from = system_.calls + n;
      system_.failure = ENOMEM;
      const int limit = system_.calls + n;
      const bool done = memory_->rewrite(words).has_value();
      const bool reached = system_.calls >= limit;
      system_.fail_from = 0;
      if (!reached) break;
      ++refused;
      const std::uint64_t expected = done ? kNew : kOld;  // done: the unmapping of what was left failed
      for (const WordWrite& word : words) EXPECT_EQ(word_at(word.address), expected) << n;
      if (done) break;
    }
    EXPECT_TRUE(GetParam() == MemoryKind::kAliased && slots == 100 ? refused == 0 : refused >= 3) << refused;
    EXPECT_EQ(permissions_of(got.segments[1]), "r--");
  }
}

// A debugger's watch on a slot's page makes a copy of it, which does not follow the alias.
TEST_P(RewriteTest, PagesThatADebuggerWroteToFollow) {
  const Block& got = block(8);
  int file = -1;
  ASSERT_EQ(host_system().open_file("/proc/self/mem", O_RDWR, file), 0);
  const std::byte byte{9};
  EXPECT_EQ(host_system().write_at(file, {&byte, 1}, value(slot(got, 7))), 0);
  host_system().close_file(file);
  for (const std::uint64_t word : {kNew, kOld, kNew}) {
    const WordWrite words[] = {{slot(got, 2), word}};
    ASSERT_TRUE(memory_->rewrite(words));
    EXPECT_EQ(word_at(slot(got, 2)), word);
  }
  EXPECT_EQ(word_at(slot(got, 7)) & 0xff, 9u);
  EXPECT_TRUE(is_live(blocks_.add_live(3), 3));
}

}  // namespace
}  // namespace enfold::memory
