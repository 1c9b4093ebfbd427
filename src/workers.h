// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work that several threads share, without any thread that outlives it: a linker is a guest in the process, and a pool
// would have to survive fork, unloading and exit for the sake of the 0.1 ms that a thread costs.
#ifndef ENFOLD_WORKERS_H_
#define ENFOLD_WORKERS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>

namespace enfold {

// Starts a thread; throws std::system_error where there is none to be had.
using StartThread = std::jthread (*)(std::function<void()> run);
std::jthread start_thread(std::function<void()> run);

// Runs work(part) once for each part below `part_count`, on the calling thread and on up to `thread_count` - 1 others;
// on fewer where no more can be started. Parts are begun in rising order and may overlap in time. All threads have
// ended when it returns.
// Threads: the others take no signals but those that their own instructions raise: the process's handlers go on running
// where the process expects them.
// Errors: what `work` throws, on whatever thread, is thrown here, the first one of several; parts not begun by then
// never are.
void for_each_part(std::size_t part_count, unsigned thread_count, const std::function<void(std::size_t part)>& work,
                   StartThread start = start_thread);

// The same for work(begin, end) and runs of [0, count) of at most `run_size` each; one thread takes all in one run.
template <class Work>
void for_each_run(std::size_t count, std::size_t run_size, unsigned thread_count, Work&& work) {
  if (thread_count <= 1) return work(0, count);
  for_each_part((count + run_size - 1) / run_size, thread_count, [&](std::size_t part) {
    work(part * run_size, std::min(count, (part + 1) * run_size));
  });
}

// How many threads the process may run at the same time, at least 1.
unsigned available_threads();

// How many threads are worth starting for `work`, of which `worth` makes up for what a thread costs: at most `wanted`,
// or as many as the process may run where that is 0.
unsigned threads_for(std::uint64_t work, std::uint64_t worth, unsigned wanted);

}  // namespace enfold

#endif  // ENFOLD_WORKERS_H_
