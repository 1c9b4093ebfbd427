// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_blocks.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/thread_table.h"
#include "thread_support.h"

namespace enfold {
namespace {

using runtime::kFirstThreadModule;
using runtime::thread_block_use;
using test::at;
using test::Image;
using test::in_new_thread;
using test::Worker;

class ThreadBlocksTest : public testing::Test {
 protected:
  ThreadModule add(const ThreadImage& image) {
    Expected<ThreadModule> made = runtime_->add_thread_module(image, false);
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : ThreadModule{};
  }
  void remove(const ThreadModule& module) { runtime_->remove_thread_module(module); }
  std::uint64_t& word(const ThreadModule& module, std::uint64_t offset = 0) {
    return at<std::uint64_t>(runtime_->thread_address(module.id, offset));
  }

  std::shared_ptr<RuntimeHooks> runtime_ = make_process_runtime();
};

TEST_F(ThreadBlocksTest, HaveIdsThatTheCLibraryDoesNotUse) {
  const ThreadModule module = add(Image{1}.of(8, 3));
  EXPECT_GE(module.id, kFirstThreadModule);
  EXPECT_LT(module.id, std::uint64_t{1} << 32);
  EXPECT_FALSE(module.is_static);
  remove(module);
}

TEST_F(ThreadBlocksTest, BeginAsTheImageSaysWithZeroesBehind) {
  const ThreadModule module = add(Image{0x1122334455667788}.of(64, 3));
  EXPECT_EQ(word(module), 0x1122334455667788u);
  for (std::uint64_t at = 8; at < 64; at += 8) EXPECT_EQ(word(module, at), 0u);
  remove(module);
}

TEST_F(ThreadBlocksTest, TheImageIsCopied) {
  auto image = std::make_unique<Image>(Image{7});
  const ThreadModule module = add(image->of(8, 3));
  image->word = 8;
  in_new_thread([&] { EXPECT_EQ(word(module), 7u); });
  image.reset();
  in_new_thread([&] { EXPECT_EQ(word(module), 7u); });
  remove(module);
}

TEST_F(ThreadBlocksTest, EachThreadHasItsOwnWhetherItWasThereBeforeOrNot) {
  Worker earlier;
  const ThreadModule module = add(Image{5}.of(16, 3));
  word(module) = 6;
  earlier.run([&] {
    EXPECT_EQ(word(module), 5u);
    word(module) = 9;
  });
  in_new_thread([&] { EXPECT_EQ(word(module), 5u); });
  earlier.run([&] { EXPECT_EQ(word(module), 9u); });
  EXPECT_EQ(word(module), 6u);
  remove(module);
}

TEST_F(ThreadBlocksTest, AreAligned) {
  for (std::uint8_t p2align = 0; p2align <= 24; ++p2align) {
    const ThreadModule module = add(Image{p2align}.of(24, p2align));
    const std::uint64_t block = value(runtime_->thread_address(module.id, 0));
    EXPECT_EQ(block % (std::uint64_t{1} << p2align), 0u) << int{p2align};
    EXPECT_EQ(word(module), p2align);
    remove(module);
  }
}

TEST_F(ThreadBlocksTest, MayBeEmptyOrLarge) {
  const ThreadModule empty = add({});
  const ThreadModule large = add(Image{3}.of(std::uint64_t{256} << 20, 5));
  EXPECT_NE(value(runtime_->thread_address(empty.id, 0)), 0u);
  EXPECT_EQ(word(large), 3u);
  EXPECT_EQ(word(large, (std::uint64_t{256} << 20) - 8), 0u);
  remove(large);
  remove(empty);
}

TEST_F(ThreadBlocksTest, WhatNoMemoryHoldsIsAnError) {
  for (const auto& [size, p2align] :
       std::initializer_list<std::pair<std::uint64_t, std::uint8_t>>{{~std::uint64_t{0}, 3},
                                                                     {std::uint64_t{1} << 63, 0},
                                                                     {8, 63},
                                                                     {8, 64},
                                                                     {8, 255},
                                                                     {std::uint64_t{1} << 46, 40}}) {
    const std::size_t before = thread_block_use().module_count;
    const auto made = runtime_->add_thread_module(Image{1}.of(size, p2align), false);
    ASSERT_FALSE(made) << size << ' ' << int{p2align};
    EXPECT_EQ(made.error().code(), ErrorCode::kMemory);
    EXPECT_EQ(thread_block_use().module_count, before);
  }
  EXPECT_EQ(runtime_->add_thread_module(Image{1}.of(4, 0), false).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(ThreadBlocksTest, IdsAreUsedAgainAndAnotherModulesValuesAreNotSeen) {
  Worker other;
  const ThreadModule first = add(Image{1}.of(8, 3));
  other.run([&] { word(first) = 100; });
  remove(first);
  const ThreadModule second = add(Image{2}.of(8, 3));
  EXPECT_EQ(second.id, first.id);
  other.run([&] { EXPECT_EQ(word(second), 2u); });
  EXPECT_EQ(word(second), 2u);
  remove(second);
}

TEST_F(ThreadBlocksTest, ManyModulesAtOnce) {
  constexpr std::size_t kCount = 10'000;
  Worker other;
  std::vector<ThreadModule> modules;
  for (std::size_t i = 0; i < kCount; ++i) modules.push_back(add(Image{i}.of(8, 3)));
  const auto check = [&] {
    for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(word(modules[i]), i);
  };
  check();
  other.run(check);
  for (const ThreadModule& module : modules) remove(module);
  EXPECT_EQ(thread_block_use().block_count, 0u);
}

TEST_F(ThreadBlocksTest, RemovingFreesTheBlocksOfAllThreads) {
  const std::size_t before = thread_block_use().block_count;
  Worker a, b;
  const ThreadModule module = add(Image{1}.of(8, 3));
  a.run([&] { word(module); });
  b.run([&] { word(module); });
  EXPECT_EQ(thread_block_use().block_count, before + 3);
  remove(module);
  EXPECT_EQ(thread_block_use().block_count, before);
}

TEST_F(ThreadBlocksTest, AThreadsEndFreesItsBlocks) {
  const ThreadModule module = add(Image{1}.of(8, 3));
  const auto before = thread_block_use();
  in_new_thread([&] {
    word(module);
    EXPECT_EQ(thread_block_use().block_count, before.block_count + 1);
  });
  EXPECT_EQ(thread_block_use().block_count, before.block_count);
  EXPECT_EQ(thread_block_use().thread_count, before.thread_count);
  remove(module);
}

TEST_F(ThreadBlocksTest, MemoryStaysFlatOverManyCyclesInManyThreads) {
  Worker other;
  std::size_t settled = 0;
  for (int i = 0; i < 30'000; ++i) {
    const ThreadModule module = add(Image{1}.of(4096, 4));
    if (i % 16 == 0) other.run([&] { EXPECT_EQ(word(module, 8), 0u); });
    if (i % 512 == 0) in_new_thread([&] { word(module); });
    remove(module);
    if (i == 1'000) settled = test::resident_pages();
  }
  EXPECT_LT(test::resident_pages(), settled + 1'000);
}

// A destructor of pthread_key_create that uses thread-locals in each round, made before or after ours.
struct LateUser {
  RuntimeHooks* runtime;
  ThreadModule module;
  pthread_key_t key{};
  int calls = 0;
  bool kept = true;
};

void use_late(void* argument) {
  auto& user = *static_cast<LateUser*>(argument);
  auto& word = at<std::uint64_t>(user.runtime->thread_address(user.module.id, 0));
  if (word != 42) user.kept = false;
  if (++user.calls < PTHREAD_DESTRUCTOR_ITERATIONS - 1) pthread_setspecific(user.key, &user);
}

TEST_F(ThreadBlocksTest, OtherKeysDestructorsStillFindTheirValues) {
  LateUser user{runtime_.get(), add(Image{1}.of(8, 3))};
  ASSERT_EQ(pthread_key_create(&user.key, use_late), 0);
  in_new_thread([&] {
    word(user.module) = 42;
    pthread_setspecific(user.key, &user);
  });
  EXPECT_EQ(user.calls, PTHREAD_DESTRUCTOR_ITERATIONS - 1);
  EXPECT_TRUE(user.kept);
  pthread_key_delete(user.key);
  remove(user.module);
}

// Blocks that come too late for any destructor are found when the thread is seen to be dead.
TEST_F(ThreadBlocksTest, BlocksMadeInTheLastRoundDoNotAddUp) {
  struct Last {
    RuntimeHooks* runtime;
    ThreadModule module;
    pthread_key_t key{};
  } last{runtime_.get(), add(Image{1}.of(8, 3))};
  ASSERT_EQ(pthread_key_create(&last.key,
                               [](void* argument) {
                                 thread_local int calls = 0;
                                 auto& self = *static_cast<Last*>(argument);
                                 if (++calls < PTHREAD_DESTRUCTOR_ITERATIONS) pthread_setspecific(self.key, &self);
                                 if (calls == PTHREAD_DESTRUCTOR_ITERATIONS)
                                   at<std::uint64_t>(self.runtime->thread_address(self.module.id, 0)) = 1;
                               }),
            0);
  for (int i = 0; i < 300; ++i) in_new_thread([&] { pthread_setspecific(last.key, &last); });
  EXPECT_LT(thread_block_use().thread_count, 100u);
  pthread_key_delete(last.key);
  remove(last.module);
  EXPECT_EQ(thread_block_use().block_count, 0u);
}

TEST_F(ThreadBlocksTest, AForksChildKeepsItsOwnValuesAndFreesTheOthers) {
  Worker other;
  const ThreadModule module = add(Image{1}.of(8, 3));
  word(module) = 2;
  other.run([&] { word(module) = 3; });
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bool right = thread_block_use().block_count == 1 && thread_block_use().thread_count == 1 && word(module) == 2;
    std::thread([&] { right = right && word(module) == 1; }).join();
    right = right && thread_block_use().thread_count == 1;
    remove(module);
    const auto again = runtime_->add_thread_module(Image{4}.of(8, 3), false);
    _exit(right && again && word(*again) == 4 && thread_block_use().block_count == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(word(module), 2u);
  other.run([&] { EXPECT_EQ(word(module), 3u); });
  remove(module);
}

thread_local std::uint64_t of_the_process = 77;

TEST_F(ThreadBlocksTest, ModulesOfTheProcessAreReachedToo) {
  ThreadFunctions functions = runtime_->thread_functions();
  struct {
    std::uint64_t module, offset;
  } index{1, 0};
  auto* get = reinterpret_cast<void* (*)(void*)>(value(functions.get_address));
  const auto start = reinterpret_cast<std::uint64_t>(get(&index));
  index.offset = reinterpret_cast<std::uint64_t>(&of_the_process) - start;
  EXPECT_EQ(*static_cast<std::uint64_t*>(get(&index)), 77u);
  EXPECT_EQ(at<std::uint64_t>(runtime_->thread_address(1, index.offset)), 77u);
}

}  // namespace
}  // namespace enfold
