// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "workers.h"

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

namespace enfold {
namespace {

class Parts {
 public:
  Parts(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

  void run() noexcept {
    for (;;) {
      const std::size_t part = next_.fetch_add(1, std::memory_order_relaxed);
      if (part >= count_ || failed_.test(std::memory_order_relaxed)) return;
      try {
        work_(part);
      } catch (...) {
        if (!failed_.test_and_set(std::memory_order_relaxed)) failure_ = std::current_exception();
      }
    }
  }

  // Once all threads have ended.
  void finish() {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic_flag failed_;
  std::exception_ptr failure_;
};

// Threads started meanwhile inherit the mask.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigfillset(&held);
    for (const int own : {SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) sigdelset(&held, own);
    pthread_sigmask(SIG_SETMASK, &held, &before_);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// As many as there are to be had.
void start_threads(std::vector<std::jthread>& threads, std::size_t count, Parts& parts, StartThread start) {
  const SignalsHeld held;
  try {
    while (threads.size() < count) threads.push_back(start([&parts] { parts.run(); }));
  } catch (const std::system_error&) {
    return;
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace

std::jthread start_thread(std::function<void()> run) { return std::jthread(std::move(run)); }

void for_each_part(std::size_t part_count, unsigned thread_count, const std::function<void(std::size_t part)>& work,
                   StartThread start) {
  const std::size_t wanted = std::min(part_count, std::size_t{thread_count});
  if (wanted <= 1) {
    for (std::size_t part = 0; part < part_count; ++part) work(part);
    return;
  }
  Parts parts(part_count, work);
  {
    std::vector<std::jthread> threads;
    threads.reserve(wanted - 1);
    start_threads(threads, wanted - 1, parts, start);
    parts.run();
  }
  parts.finish();
}

unsigned available_threads() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
  }
  return std::max(1U, std::thread::hardware_concurrency());  // more processors than a cpu_set_t has room for
}

unsigned threads_for(std::uint64_t work, std::uint64_t worth, unsigned wanted) {
  if (wanted == 1 || work / 2 < worth) return 1;  // not worth two: mostly so, and known without a division
  const std::uint64_t most = work / worth;
  return static_cast<unsigned>(std::min<std::uint64_t>(most, wanted == 0 ? available_threads() : wanted));
}

}  // namespace enfold
