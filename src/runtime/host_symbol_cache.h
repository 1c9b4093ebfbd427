// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the process's global scope was found to know a name as. Sets of a JIT ask for the same few names over and over,
// and the dynamic linker's answer costs a microsecond: it looks through one object after the other, and then we through
// all of them for what it does not say.
//
// A definition that was found stays the first of its name until its object goes: those that come are searched behind
// it. What an object defines that the process began with is known for good. The rest is forgotten when the number of
// objects that were ever loaded or unloaded changes, and what was not found is never kept.
#ifndef ENFOLD_RUNTIME_HOST_SYMBOL_CACHE_H_
#define ENFOLD_RUNTIME_HOST_SYMBOL_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <enfold/runtime.h>

#include "name_tables.h"

namespace enfold::runtime {

// How many objects the dynamic linker has loaded, and unloaded, since the process began.
struct LoaderGeneration {
  std::uint64_t loaded = 0, unloaded = 0;
  friend bool operator==(const LoaderGeneration&, const LoaderGeneration&) = default;
};
LoaderGeneration loader_generation();

struct KnownSymbol {
  HostSymbol symbol;
  bool for_good = false;
};

// Threads: several at once. Nobody waits: who finds another one changing it goes without, and who would change it while
// others look does not. So a fork need not know of the lock, which may be held for good in its child.
class HostSymbolCache {
 public:
  std::optional<HostSymbol> find(const std::string& name);
  // `before`: from before it was looked up.
  void keep(const std::string& name, const KnownSymbol& symbol, const LoaderGeneration& before);

 private:
  static constexpr std::size_t kMost = 4096;  // names

  // Of a shared_mutex, what waits for nobody.
  class TryMutex {
   public:
    bool try_lock() {
      int none = 0;
      return holders_.compare_exchange_strong(none, kAlone, std::memory_order_acquire, std::memory_order_relaxed);
    }
    bool try_lock_shared() {
      int count = holders_.load(std::memory_order_relaxed);
      while (count != kAlone) {
        if (holders_.compare_exchange_weak(count, count + 1, std::memory_order_acquire, std::memory_order_relaxed))
          return true;
      }
      return false;
    }
    void unlock() { holders_.store(0, std::memory_order_release); }
    void unlock_shared() { holders_.fetch_sub(1, std::memory_order_release); }

   private:
    static constexpr int kAlone = -1;
    std::atomic<int> holders_{0};
  };

  TryMutex mutex_;
  LoaderGeneration generation_;  // of those that are not known for good
  NameMap<std::string, KnownSymbol> symbols_;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_HOST_SYMBOL_CACHE_H_
