// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_HOST_SYMBOLS_H_
#define ENFOLD_BENCH_PEERS_HOST_SYMBOLS_H_

// For linkers that leave symbols of the process to their client: dlsym(), asked once a name, as ORC's generator does.
#include <dlfcn.h>
#include <sys/mman.h>

#include <cstdint>
#include <mutex>

#include <llvm/ADT/StringMap.h>

namespace enfold::bench {

class HostSymbols {
 public:
  // Objects address their module's handle directly: it lies where mappings lie, in reach of code.
  HostSymbols() {
    void* const page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    known_["__dso_handle"] = reinterpret_cast<std::uint64_t>(page);
  }

  std::uint64_t find(llvm::StringRef name) {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = known_.try_emplace(name, 0);
    if (is_new) entry->second = reinterpret_cast<std::uint64_t>(dlsym(RTLD_DEFAULT, entry->getKeyData()));
    return entry->second;
  }

 private:
  std::mutex mutex_;
  llvm::StringMap<std::uint64_t> known_;
};

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_HOST_SYMBOLS_H_
