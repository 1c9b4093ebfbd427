// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work in parts: each is done once, by as many threads as there are to be had.
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <functional>
#include <latch>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "workers.h"

namespace enfold::test {
namespace {

std::vector<int> times_run(std::size_t part_count, unsigned thread_count, StartThread start = start_thread) {
  std::vector<int> times(part_count);
  Workers(start).for_each_part(part_count, thread_count, [&](std::size_t part) { ++times[part]; });
  return times;
}

TEST(Workers, RunEachPartOnce) {
  for (const unsigned threads : {0U, 1U, 2U, 3U, 8U}) {
    for (const std::size_t parts : {0U, 1U, 2U, 1000U}) {
      EXPECT_EQ(times_run(parts, threads), std::vector<int>(parts, 1)) << threads;
    }
  }
}

TEST(Workers, TakeRunsThatAreTheWhole) {
  for (const unsigned threads : {0U, 1U, 2U, 8U}) {
    for (const std::size_t count : {0U, 1U, 63U, 64U, 65U, 1000U}) {
      std::vector<int> times(count);
      Workers().for_each_run(count, 64, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++times[i];
      });
      EXPECT_EQ(times, std::vector<int>(count, 1)) << threads;
    }
  }
}

// One thread uses, and all work.
std::vector<std::size_t> used_in_order(std::size_t count, unsigned threads, std::vector<int>& times) {
  std::vector<std::size_t> used;
  WorkInOrder order(count);
  Workers().for_each_part(threads, threads, [&](std::size_t part) {
    const auto work = [&](std::size_t i) { ++times[i]; };
    const auto use = [&](std::size_t i) { used.push_back(i * 10 + static_cast<std::size_t>(times[i])); };
    if (part == 0) return order.run_and_use(work, use);
    while (order.run_next(work)) {
    }
  });
  return used;
}

TEST(WorkInOrder, IsDoneOnceAndUsedInOrder) {
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
      std::vector<int> times(count);
      std::vector<std::size_t> expected;
      for (std::size_t i = 0; i < count; ++i) expected.push_back(i * 10 + 1);
      EXPECT_EQ(used_in_order(count, threads, times), expected) << threads;
      EXPECT_EQ(times, std::vector<int>(count, 1)) << threads;
    }
  }
}

TEST(WorkInOrder, WhatIsThrownEndsAll) {
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (const std::size_t failing : {0U, 1U, 50U, 99U}) {
      std::size_t used = 0;
      WorkInOrder order(100);
      const auto work = [&](std::size_t i) {
        if (i == failing) throw std::runtime_error("no more");
      };
      const auto run = [&](std::size_t part) {
        if (part == 0) return order.run_and_use(work, [&](std::size_t) { ++used; });
        while (order.run_next(work)) {
        }
      };
      EXPECT_THROW(Workers().for_each_part(threads, threads, run), std::runtime_error) << threads;
      EXPECT_LE(used, failing);
    }
  }
}

TEST(WorkInOrder, WhoUsesMayThrow) {
  WorkInOrder order(100);
  const auto work = [](std::size_t) {};
  const auto run = [&](std::size_t part) {
    if (part == 0) {
      return order.run_and_use(work, [&](std::size_t i) {
        if (i == 7) throw std::runtime_error("enough");
      });
    }
    while (order.run_next(work)) {
    }
  };
  EXPECT_THROW(Workers().for_each_part(4, 4, run), std::runtime_error);
}

TEST(Workers, AreWorthTheirCost) {
  EXPECT_EQ(threads_for(199, 100, 8), 1U);
  EXPECT_EQ(threads_for(200, 100, 8), 2U);
  EXPECT_EQ(threads_for(10'000, 100, 8), 8U);
  EXPECT_EQ(threads_for(10'000, 100, 1), 1U);
  EXPECT_EQ(threads_for(std::uint64_t{1} << 60, 100, 0), available_threads());
}

std::atomic<int> g_to_be_had, g_started;

std::jthread start_few(std::function<void()> run) {
  if (g_to_be_had-- <= 0) throw std::system_error(EAGAIN, std::generic_category());
  ++g_started;
  return start_thread(std::move(run));
}

std::jthread no_room_to_start(std::function<void()>) { throw std::bad_alloc(); }

TEST(Workers, GetByWithFewerThreadsThanWanted) {
  for (const int to_be_had : {0, 1, 2}) {
    g_to_be_had = to_be_had;
    g_started = 0;
    EXPECT_EQ(times_run(1000, 8, start_few), std::vector<int>(1000, 1));
    EXPECT_EQ(g_started, to_be_had);
  }
  EXPECT_EQ(times_run(10, 8, no_room_to_start), std::vector<int>(10, 1));
}

std::latch* g_processor = nullptr;

std::jthread start_that_waits(std::function<void()> run) {
  return start_thread([run = std::move(run)] {
    g_processor->wait();
    run();
  });
}

// If they were waited for, this would never end.
TEST(Workers, AreNotWaitedForWhereTheyGetNoProcessor) {
  std::latch processor(1);
  g_processor = &processor;
  Workers workers(start_that_waits);
  for (const std::size_t count : {10U, 1000U}) {
    std::vector<int> times(count);
    workers.for_each_part(count, 4, [&](std::size_t part) { ++times[part]; });
    EXPECT_EQ(times, std::vector<int>(count, 1));
  }
  processor.count_down();
}

// They are sent to other processors than the one that starts them, and may go to all of the process's from there.
TEST(Workers, MayRunWhereTheProcessMay) {
  constexpr std::size_t kThreads = 4;
  std::vector<cpu_set_t> allowed(kThreads);
  std::barrier all(kThreads);
  Workers().for_each_part(kThreads, kThreads, [&](std::size_t part) {
    all.arrive_and_wait();
    sched_getaffinity(0, sizeof(cpu_set_t), &allowed[part]);
  });
  cpu_set_t ours;
  ASSERT_EQ(sched_getaffinity(0, sizeof ours, &ours), 0);
  for (const cpu_set_t& theirs : allowed) EXPECT_TRUE(CPU_EQUAL(&theirs, &ours));
}

// The same threads for one job after another, some of which fail.
TEST(Workers, DoOneJobAfterAnother) {
  g_to_be_had = 3;
  g_started = 0;
  Workers workers(start_few);
  for (std::size_t job = 0; job < 2000; ++job) {
    std::vector<int> times(job % 7 * 3);
    const auto work = [&](std::size_t part) {
      ++times[part];
      if (job % 5 == 4 && part == 2) throw std::runtime_error("2");
    };
    if (job % 5 == 4 && times.size() > 2) {
      EXPECT_THROW(workers.for_each_part(times.size(), 4, work), std::runtime_error);
    } else {
      workers.for_each_part(times.size(), 4, work);
      EXPECT_EQ(times, std::vector<int>(times.size(), 1));
    }
  }
  EXPECT_EQ(g_started, 3);
}

TEST(Workers, StartNoMoreThreadsThanThereAreParts) {
  const auto started_for = [](std::size_t parts, unsigned threads) {
    g_to_be_had = 100;
    g_started = 0;
    times_run(parts, threads, start_few);
    return g_started.load();
  };
  EXPECT_EQ(started_for(3, 8), 2);
  EXPECT_EQ(started_for(8, 3), 2);
  EXPECT_EQ(started_for(8, 1), 0);
  EXPECT_EQ(started_for(0, 8), 0);
}

TEST(Workers, ThrowWhatTheWorkThrew) {
  for (const unsigned threads : {1U, 2U, 8U}) {
    EXPECT_THROW(Workers().for_each_part(100, threads, [](std::size_t) { throw std::bad_alloc(); }), std::bad_alloc);
  }
  std::size_t last = 0;
  const auto fail_at_3 = [&](std::size_t part) {
    last = part;
    if (part == 3) throw std::runtime_error("3");
  };
  EXPECT_THROW(Workers().for_each_part(100, 1, fail_at_3), std::runtime_error);
  EXPECT_EQ(last, 3U);
}

// Parts that wait for each other: without as many threads this never ends.
TEST(Workers, RunPartsAtTheSameTimeOnThreadsWithoutSignals) {
  constexpr int kCount = 3;
  const auto is_held = [](int signal) {
    sigset_t held;
    pthread_sigmask(SIG_SETMASK, nullptr, &held);
    return sigismember(&held, signal) == 1;
  };
  std::barrier all_there(kCount);
  std::atomic<int> others = 0, good = 0;
  const std::thread::id caller = std::this_thread::get_id();
  Workers().for_each_part(kCount, kCount, [&](std::size_t) {
    all_there.arrive_and_wait();
    if (std::this_thread::get_id() == caller) return;
    ++others;
    if (is_held(SIGTERM) && is_held(SIGALRM) && !is_held(SIGSEGV) && !is_held(SIGBUS)) ++good;
  });
  EXPECT_EQ(others, kCount - 1);
  EXPECT_EQ(good, kCount - 1);
  EXPECT_FALSE(is_held(SIGTERM));
}

}  // namespace
}  // namespace enfold::test
