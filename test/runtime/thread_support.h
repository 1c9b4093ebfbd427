// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TEST_RUNTIME_THREAD_SUPPORT_H_
#define ENFOLD_TEST_RUNTIME_THREAD_SUPPORT_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include <enfold/runtime.h>

#include "runtime/thread_pointer.h"

namespace enfold::test {

// An image of eight bytes, for a block of `size`.
struct Image {
  std::uint64_t word = 0;
  ThreadImage of(std::uint64_t size, std::uint8_t p2align) const {
    return {.bytes = std::as_bytes(std::span(&word, 1)), .size = size, .p2align = p2align};
  }
};

template <class T>
T& at(TargetAddr address) {
  return *reinterpret_cast<T*>(value(address));
}

inline TargetAddr static_address(std::int64_t tp_offset) {
  return TargetAddr{runtime::thread_pointer() + static_cast<std::uint64_t>(tp_offset)};
}

// A thread that lives on and does what it is told.
class Worker {
 public:
  Worker() : thread_([this] { serve(); }) {}
  ~Worker() { end(); }

  void run(std::function<void()> task) {
    std::unique_lock lock(mutex_);
    task_ = std::move(task);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !task_; });
  }

  void end() {
    if (!thread_.joinable()) return;
    {
      const std::scoped_lock lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return done_ || task_; });
      if (!task_) return;
      task_();
      task_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> task_;
  bool done_ = false;
  std::thread thread_;
};

inline void in_new_thread(const std::function<void()>& task) { std::thread(task).join(); }

inline std::size_t count_open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

inline std::size_t count_carrier_maps() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find("enfold-thread-locals") != std::string::npos;
  return count;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ENFOLD_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ENFOLD_SANITIZED 1
#endif

// A sanitizer keeps what was freed for a while: then none.
inline std::size_t resident_pages() {
#if defined(ENFOLD_SANITIZED)
  return 0;
#else
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  file >> size >> resident;
  return resident;
#endif
}

}  // namespace enfold::test

#endif  // ENFOLD_TEST_RUNTIME_THREAD_SUPPORT_H_
