// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static storage, in a process with the larger pool.
#include <atomic>
#include <deque>
#include <random>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/thread_pool.h"
#include "thread_support.h"

namespace enfold {
namespace {

using test::at;
using test::Image;
using test::in_new_thread;
using test::static_address;
using test::Worker;

class StaticThreadTest : public testing::Test {
 protected:
  ThreadModule add(const ThreadImage& image) {
    Expected<ThreadModule> made = runtime_->add_thread_module(image, true);
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : ThreadModule{};
  }
  void remove(const ThreadModule& module) { runtime_->remove_thread_module(module); }
  static std::uint64_t& word(const ThreadModule& module, std::int64_t offset = 0) {
    return at<std::uint64_t>(static_address(module.tp_offset + offset));
  }

  std::shared_ptr<RuntimeHooks> runtime_ = make_process_runtime();
};

TEST_F(StaticThreadTest, IsInPlaceInOldAndNewThreads) {
  Worker earlier;
  const ThreadModule module = add(Image{5}.of(32, 4));
  EXPECT_TRUE(module.is_static);
  EXPECT_EQ(word(module), 5u);
  EXPECT_EQ(word(module, 24), 0u);
  word(module) = 6;
  earlier.run([&] {
    EXPECT_EQ(word(module), 5u);
    EXPECT_EQ(word(module, 24), 0u);
    word(module, 24) = 1;
  });
  in_new_thread([&] {
    EXPECT_EQ(word(module), 5u);
    EXPECT_EQ(word(module, 24), 0u);
  });
  EXPECT_EQ(word(module), 6u);
  remove(module);
}

TEST_F(StaticThreadTest, TheModuleIsTheCLibrarysToo) {
  const ThreadModule module = add(Image{5}.of(32, 4));
  EXPECT_EQ(runtime_->thread_address(module.id, 8), static_address(module.tp_offset + 8));
  remove(module);
}

TEST_F(StaticThreadTest, IsAlignedOrRefused) {
  for (std::uint8_t p2align = 0; p2align <= 63; ++p2align) {
    const auto made = runtime_->add_thread_module(Image{9}.of(24, p2align), true);
    if (!made) {
      EXPECT_GT(p2align, 6);
      EXPECT_EQ(made.error().code(), ErrorCode::kMemory);
      continue;
    }
    EXPECT_EQ(value(static_address(made->tp_offset)) % (std::uint64_t{1} << p2align), 0u) << int{p2align};
    EXPECT_EQ(word(*made), 9u);
    remove(*made);
  }
}

TEST_F(StaticThreadTest, SizesThatNoStorageHoldsAreErrors) {
  for (const std::uint64_t size : {std::uint64_t{1} << 20, std::uint64_t{1} << 45, ~std::uint64_t{0}}) {
    const auto made = runtime_->add_thread_module(Image{9}.of(size, 3), true);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), ErrorCode::kMemory);
  }
}

TEST_F(StaticThreadTest, AnEmptyBlockIsNoTrouble) { remove(add({})); }

#if defined(__GLIBC__) && defined(__x86_64__)
TEST_F(StaticThreadTest, HotReloadsInAnyOrderDoNotExhaustIt) {
  Worker earlier;
  std::mt19937 random(1);
  std::deque<std::pair<ThreadModule, std::uint64_t>> live;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    const std::uint64_t size = 8 + random() % 4'000;
    live.emplace_back(add(Image{i}.of(size, static_cast<std::uint8_t>(3 + random() % 4))), i);
    ASSERT_EQ(word(live.back().first), i);
    const auto check = [&] {
      for (const auto& [module, wanted] : live) ASSERT_EQ(word(module), wanted);
    };
    if (i % 64 == 0) earlier.run(check);
    if (i % 64 == 0) in_new_thread(check);
    if (live.size() < 8) continue;
    const auto gone = live.begin() + static_cast<std::ptrdiff_t>(random() % live.size());
    remove(gone->first);
    live.erase(gone);
  }
  for (const auto& [module, wanted] : live) remove(module);
  EXPECT_EQ(runtime::pool_use().free, runtime::pool_use().size);
  EXPECT_EQ(test::count_carrier_maps(), 0u);
}

TEST_F(StaticThreadTest, OneLargeBlockFits) {
  std::vector<std::byte> bytes(40'000, std::byte{'x'});
  Worker earlier;
  const ThreadModule module = add({.bytes = bytes, .size = bytes.size(), .p2align = 6});
  const auto check = [&] {
    EXPECT_EQ(at<char>(static_address(module.tp_offset)), 'x');
    EXPECT_EQ(at<char>(static_address(module.tp_offset + 39'999)), 'x');
  };
  check();
  earlier.run(check);
  in_new_thread(check);
  remove(module);
}

TEST_F(StaticThreadTest, WhatDoesNotFitIsAnErrorThatSaysWhatIsFreeAndWhatCures) {
  const ThreadModule some = add(Image{1}.of(40'000, 6));
  const auto made = runtime_->add_thread_module(Image{1}.of(30'000, 6), true);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), ErrorCode::kMemory);
  const std::string text = made.error().text();
  EXPECT_NE(text.find("30000 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find(std::to_string(runtime::pool_use().free) + " of "), std::string::npos) << text;
  EXPECT_NE(text.find("GLIBC_TUNABLES=glibc.rtld.optional_static_tls="), std::string::npos) << text;
  EXPECT_NE(text.find("enfold::thread_pool"), std::string::npos) << text;
  remove(some);
  remove(add(Image{1}.of(30'000, 6)));
}

TEST_F(StaticThreadTest, ThePoolLeavesTheCLibrarysOwnStorageAlone) {
  std::vector<ThreadModule> modules;
  for (int i = 0; i < 50; ++i) modules.push_back(add(Image{1}.of(1'000, 4)));
  const auto pool = runtime::pool_use();
  EXPECT_LE(pool.free, pool.size - 50'000);
  for (const ThreadModule& module : modules) remove(module);
}
#endif

TEST_F(StaticThreadTest, NothingStaysOpenOrMapped) {
  remove(add(Image{1}.of(8, 3)));
  const std::size_t files = test::count_open_files();
  const std::size_t pages = test::resident_pages();
  for (int i = 0; i < 2'000; ++i) remove(add(Image{1}.of(64, 3)));
  EXPECT_EQ(test::count_open_files(), files);
  EXPECT_EQ(test::count_carrier_maps(), 0u);
  EXPECT_LT(test::resident_pages(), pages + 1'000);
}

// Somebody closes what he did not open: numbers recur while carriers of that name are loaded.
TEST_F(StaticThreadTest, CarriersAreNotMistakenForOneAnotherWhenTheirFilesWereClosed) {
  const ThreadModule first = add(Image{1}.of(16, 3));
  for (int file = 3; file < 100; ++file) {
    char target[64] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    if (readlink(link.c_str(), target, sizeof target - 1) < 0) continue;
    if (std::string(target).find("enfold-thread-locals") != std::string::npos) close(file);
  }
  const ThreadModule second = add(Image{2}.of(16, 3));
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(word(second), 2u);
  EXPECT_EQ(word(first), 1u);
  remove(first);
  EXPECT_EQ(word(second), 2u);
  remove(second);
}

TEST_F(StaticThreadTest, AForksChildGoesOn) {
  const ThreadModule before = add(Image{1}.of(16, 3));
  word(before) = 2;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bool right = word(before) == 2;
    for (std::uint64_t i = 0; i < 20; ++i) {
      const auto made = runtime_->add_thread_module(Image{i}.of(16, 3), true);
      right = right && made && word(*made) == i && word(before) == 2;
      if (made) remove(*made);
    }
    remove(before);
    const auto made = runtime_->add_thread_module(Image{9}.of(16, 3), true);
    _exit(right && made && word(*made) == 9 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  remove(before);
}

// Threads come and go, libraries are loaded and unloaded, and sets are, all at once.
TEST_F(StaticThreadTest, HoldsAgainstTheLoaderAndNewThreads) {
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0, loads = 0, threads = 0;
  std::thread loader([&] {
    while (!stop) {
      void* const library = dlopen(ENFOLD_THREAD_LIBRARY, RTLD_NOW | RTLD_LOCAL);
      if (library == nullptr || dlsym(library, "enfold_test_variable") == nullptr) ++failures;
      if (library != nullptr) dlclose(library);
      ++loads;
    }
  });
  std::thread spawner([&] {
    while (!stop) {
      in_new_thread([&] { ++threads; });
    }
  });
  const auto reload = [&](std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 500; ++i) {
      const std::uint64_t wanted = seed + i;
      const auto made = runtime_->add_thread_module(Image{wanted}.of(64, 4), true);
      if (!made || word(*made) != wanted || word(*made, 56) != 0) ++failures;
      if (!made) continue;
      word(*made, 56) = wanted;
      if (i % 10 == 0) in_new_thread([&] { failures += word(*made) != wanted || word(*made, 56) != 0; });
      remove(*made);
    }
  };
  std::thread second([&] { reload(1'000'000); });
  reload(1);
  second.join();
  stop = true;
  loader.join();
  spawner.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(loads, 0);
  EXPECT_GT(threads, 0);
}

}  // namespace
}  // namespace enfold
