// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One at a time holds it, whoever waits gets it, and a fork's child may release what its parent took.
#include "lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace enfold::test {
namespace {

constexpr int kThreads = 4;

template <class Work>
void run_on_threads(Work&& work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
}

TEST(Locks, OneAtATimeHoldsIt) {
  constexpr int kTimes = 20'000;
  Lock lock;
  int count = 0;  // written and read under the lock only
  run_on_threads([&] {
    for (int i = 0; i < kTimes; ++i) {
      const std::scoped_lock held(lock);
      const int before = count;
      if (i % 64 == 0) std::this_thread::yield();
      count = before + 1;
    }
  });
  EXPECT_EQ(count, kThreads * kTimes);
}

TEST(Locks, WhoSleepsForItIsWoken) {
  Lock lock;
  std::atomic<int> at_it = 0, had_it = 0;
  std::unique_lock held(lock);
  std::jthread release([&] {
    while (at_it < kThreads) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // longer than anybody spins
    EXPECT_EQ(had_it, 0);
    held.unlock();
  });
  run_on_threads([&] {
    ++at_it;
    const std::scoped_lock mine(lock);
    ++had_it;
  });
  EXPECT_EQ(had_it, kThreads);
}

TEST(Locks, ChildReleasesWhatItsParentTook) {
  Lock lock;
  std::unique_lock held(lock);
  std::jthread waiting([&] { const std::scoped_lock mine(lock); });
  std::this_thread::sleep_for(std::chrono::milliseconds(10));  // it waits, of which the child has only the mark
  const pid_t child = fork();
  if (child == 0) {
    held.unlock();
    lock.lock();
    _exit(0);
  }
  held.unlock();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace enfold::test
