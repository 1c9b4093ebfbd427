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

// Kernels may queue a new thread behind the one that starts it, which goes on working: seen, until the next tick, 4 ms
// later, with the other processor idle. So it is sent to another, from where it may go wherever it might before.
void send_elsewhere(pthread_t thread) {
  cpu_set_t allowed;
  const int here = sched_getcpu();
  if (here < 0 || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<std::size_t>(here), &others);
  if (pthread_setaffinity_np(thread, sizeof others, &others) == 0) {
    pthread_setaffinity_np(thread, sizeof allowed, &allowed);
  }
}

}  // namespace

// One job at a time, numbered. A thread that comes late, because it was started or woken late, finds its job's parts
// taken, or another job: nobody waits for it but who ends the crew.
class Workers::Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    ended_.store(true, std::memory_order_relaxed);
    job_.fetch_add(1, std::memory_order_release);
    job_.notify_all();
  }

  // So many threads, or as many as there are to be had.
  void grow(std::size_t count, StartThread start) {
    if (threads_.size() >= count) return;
    const SignalsHeld held;
    try {
      threads_.reserve(count);  // nothing throws between a thread's start and its place here: nobody could end it
      while (threads_.size() < count) {
        threads_.push_back(start([this] { serve(); }));
        send_elsewhere(threads_.back().native_handle());
      }
    } catch (const std::system_error&) {
      return;
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  void run(std::uint32_t part_count, std::size_t helper_count, const std::function<void(std::size_t)>& work) {
    part_count_ = part_count;
    work_ = &work;
    failed_.clear(std::memory_order_relaxed);
    undone_.store(part_count, std::memory_order_relaxed);
    const std::uint32_t job = job_.load(std::memory_order_relaxed) + 1;
    left_.store(std::uint64_t{job} << 32 | part_count, std::memory_order_release);
    job_.store(job, std::memory_order_release);
    for (std::size_t i = 0; i < helper_count; ++i) job_.notify_one();
    take_parts(job);
    while (const std::uint32_t undone = undone_.load(std::memory_order_acquire)) {
      undone_.wait(undone, std::memory_order_acquire);
    }
    if (std::exception_ptr failure = std::exchange(failure_, nullptr)) std::rethrow_exception(std::move(failure));
  }

 private:
  void serve() noexcept {
    for (std::uint32_t seen = 0;;) {
      job_.wait(seen, std::memory_order_acquire);
      seen = job_.load(std::memory_order_acquire);
      if (ended_.load(std::memory_order_relaxed)) return;
      take_parts(seen);
    }
  }

  // Who takes a part of the job sees all of it, and that job stays until the part is done.
  void take_parts(std::uint32_t job) noexcept {
    std::uint64_t left = left_.load(std::memory_order_acquire);
    while (left >> 32 == job && static_cast<std::uint32_t>(left) != 0) {
      if (!left_.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      run_part(part_count_ - static_cast<std::uint32_t>(left));
      left = left_.load(std::memory_order_acquire);
    }
  }

  void run_part(std::size_t part) noexcept {
    try {
      if (!failed_.test(std::memory_order_relaxed)) (*work_)(part);
    } catch (...) {
      if (!failed_.test_and_set(std::memory_order_relaxed)) failure_ = std::current_exception();
    }
    if (undone_.fetch_sub(1, std::memory_order_acq_rel) == 1) undone_.notify_one();
  }

  std::atomic<std::uint32_t> job_ = 0;  // the newest one's number
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint64_t> left_ = 0;     // a job's number, and how many of its parts nobody has taken
  std::atomic<std::uint32_t> undone_ = 0;   // parts
  std::uint32_t part_count_ = 0;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::atomic_flag failed_;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;  // the last member: they end before the others do
};

void Workers::End::operator()(Crew* crew) const { delete crew; }

void Workers::share(std::size_t part_count, std::size_t thread_count,
                    const std::function<void(std::size_t)>& work) {
  if (!crew_) crew_.reset(new Crew);
  crew_->grow(thread_count - 1, start_);
  crew_->run(static_cast<std::uint32_t>(part_count), thread_count - 1, work);
}

std::jthread start_thread(std::function<void()> run) { return std::jthread(std::move(run)); }

unsigned available_threads() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
  }
  return std::max(1U, std::thread::hardware_concurrency());  // more processors than a cpu_set_t has room for
}

unsigned threads_at_most(std::uint64_t count, unsigned wanted) {
  return static_cast<unsigned>(std::min<std::uint64_t>(count, wanted == 0 ? available_threads() : wanted));
}

}  // namespace enfold
