// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A mutex for what is held for moments and hardly ever waited for. A tiny set's link takes half a dozen, one after the
// other, in two instructions each that other processors have to know of. With those of the C library, which are called
// and look each time what kind they are, it took 335 instructions more, one in forty.
#ifndef ENFOLD_LOCK_H_
#define ENFOLD_LOCK_H_

#include <atomic>
#include <cstdint>

namespace enfold {

// Threads: as std::mutex, whose place it takes in std::scoped_lock.
// Forks: who holds it when the process forks may release it in both processes.
class Lock {
 public:
  constexpr Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void lock() noexcept {
    std::uint32_t state = kFree;
    const bool taken =
        state_.compare_exchange_strong(state, kHeld, std::memory_order_acquire, std::memory_order_relaxed);
    if (!taken) [[unlikely]] wait();
  }
  void unlock() noexcept {
    if (state_.exchange(kFree, std::memory_order_release) == kWanted) [[unlikely]] state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0, kHeld = 1, kWanted = 2;  // kWanted: held, and others may be waiting

  // Who had to wait cannot tell whether others still do, and so holds it as wanted.
  [[gnu::cold, gnu::noinline]] void wait() noexcept {
    while (state_.exchange(kWanted, std::memory_order_acquire) != kFree) {
      state_.wait(kWanted, std::memory_order_relaxed);
    }
  }

  std::atomic<std::uint32_t> state_{kFree};
};

}  // namespace enfold

#endif  // ENFOLD_LOCK_H_
