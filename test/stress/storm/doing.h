// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each thread of the storm does, and each child of it, in memory that both processes see; and the thread that
// watches whether they go on.
#ifndef ENFOLD_TEST_STRESS_STORM_DOING_H_
#define ENFOLD_TEST_STRESS_STORM_DOING_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include <sys/types.h>

namespace enfold::storm {

inline constexpr int kMostThreads = 64;

struct Doing {
  std::atomic<const char*> what{nullptr};  // a literal: its address is the same in a child; null: at rest
  std::atomic<int> place{-1};              // the session's number
  std::atomic<std::uint64_t> step{0};
  std::atomic<std::int64_t> since{0};  // of the monotonic clock, milliseconds
  std::atomic<pid_t> process{0}, thread{0};

  void begin(const char* now_what, int now_place);
  void begin(const char* now_what) { begin(now_what, place); }
  void end() { what = nullptr; }
};

struct Doings {
  Doing threads[kMostThreads], children[kMostThreads];
};

// Made once, before all threads.
Doings& doings();

// Says what is wrong, with what is needed to see it again, and ends the process: status 1.
[[noreturn]] void fail(const std::string& what);
void set_failure_head(std::string head);

// Prints what all threads and children do, with their callers, and ends the process (status 3) when one of them has
// been at one thing for longer than `patience` seconds.
class Watchdog {
 public:
  explicit Watchdog(int patience);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void watch(int patience);
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace enfold::storm

#endif  // ENFOLD_TEST_STRESS_STORM_DOING_H_
