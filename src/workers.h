// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work that several threads share, without any thread that outlives the link: a linker is a guest in the process, and
// threads that stay would have to survive fork, unloading and exit for the sake of the 40 us that one costs.
#ifndef ENFOLD_WORKERS_H_
#define ENFOLD_WORKERS_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace enfold {

// Starts a thread; throws std::system_error where there is none to be had.
using StartThread = std::jthread (*)(std::function<void()> run);
std::jthread start_thread(std::function<void()> run);

// The threads of one link: started by the first pass that is worth them, at rest between passes, gone with this.
// Threads: one at a time calls it. The others take no signals but those that their own instructions raise: the
// process's handlers go on running where the process expects them.
class Workers {
 public:
  explicit Workers(StartThread start = start_thread) : start_(start) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // The others are gone when it returns; what is worth them later has new ones.
  void dismiss() { crew_.reset(); }

  // Runs work(part) once for each part below `part_count`, on the calling thread and on up to `thread_count` - 1
  // others, or as many as there are already; on fewer where no more can be started, or where they get no processor in
  // time. Parts are begun in rising order and may overlap in time. All are done when it returns. Not from within a part.
  // Errors: what `work` throws, on whatever thread, is thrown here, the first one of several; parts not begun by then
  // never are.
  template <class Work>
  void for_each_part(std::size_t part_count, unsigned thread_count, Work&& work) {
    const std::size_t wanted = std::min(part_count, std::size_t{thread_count});
    if (wanted > 1) return share(part_count, wanted, work);
    for (std::size_t part = 0; part < part_count; ++part) work(part);
  }

  // The same for work(begin, end) and runs of [0, count) of at most `run_size` each; one thread takes all in one run.
  template <class Work>
  void for_each_run(std::size_t count, std::size_t run_size, unsigned thread_count, Work&& work) {
    if (thread_count <= 1) return work(std::size_t{0}, count);
    for_each_part((count + run_size - 1) / run_size, thread_count, [&](std::size_t part) {
      work(part * run_size, std::min(count, (part + 1) * run_size));
    });
  }

 private:
  class Crew;
  struct End {
    [[gnu::cold]] void operator()(Crew* crew) const;
  };
  [[gnu::cold]] void share(std::size_t part_count, std::size_t thread_count,
                           const std::function<void(std::size_t part)>& work);

  StartThread start_;
  std::unique_ptr<Crew, End> crew_;  // once there are others
};

// Work that several threads do, begun in rising order, and one of them uses in that order.
// Errors: what work throws is thrown where it was run; who uses it is told to stop by run_and_use's return.
class WorkInOrder {
 public:
  explicit WorkInOrder(std::size_t count) : done_(count) {}

  // Runs work(i) for the next one. False: all are begun, or one has failed.
  template <class Work>
  bool run_next(Work&& work) {
    const std::size_t i = next_.fetch_add(1, std::memory_order_relaxed);
    if (i >= done_.size()) return false;
    const Done done{done_[i], failed_, std::uncaught_exceptions()};
    if (failed_.load(std::memory_order_relaxed)) return false;
    work(i);
    return true;
  }

  // Calls use(i) for each in order, once work(i) is done, and works while it is not.
  template <class Work, class Use>
  void run_and_use(Work&& work, Use&& use) {
    for (std::size_t i = 0; i < done_.size(); ++i) {
      while (!done_[i].test(std::memory_order_acquire)) {
        if (!run_next(work)) done_[i].wait(false, std::memory_order_acquire);
      }
      if (failed_.load(std::memory_order_relaxed)) return;
      use(i);
    }
  }

 private:
  // However it ends, nobody waits for it any more.
  struct Done {
    std::atomic_flag& flag;
    std::atomic<bool>& failed;
    int exceptions;
    ~Done() {
      if (std::uncaught_exceptions() > exceptions) failed.store(true, std::memory_order_relaxed);
      flag.test_and_set(std::memory_order_release);
      flag.notify_all();
    }
  };

  std::vector<std::atomic_flag> done_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
};

// How many threads the process may run at the same time, at least 1.
unsigned available_threads();

// So many threads, but at most `wanted`, or as many as the process may run where that is 0.
unsigned threads_at_most(std::uint64_t count, unsigned wanted);

// How many threads are worth starting for `work`, of which `worth` makes up for what a thread costs; `wanted` as above.
inline unsigned threads_for(std::uint64_t work, std::uint64_t worth, unsigned wanted) {
  if (wanted == 1 || work / 2 < worth) return 1;  // not worth two: mostly so, and known without a division
  return threads_at_most(work / worth, wanted);
}

}  // namespace enfold

#endif  // ENFOLD_WORKERS_H_
