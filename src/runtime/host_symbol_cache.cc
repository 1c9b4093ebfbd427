// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/host_symbol_cache.h"

#include <mutex>
#include <shared_mutex>

#include <link.h>

#include "runtime/loader_call.h"

namespace enfold::runtime {

// Any object tells the numbers of all.
LoaderGeneration loader_generation() {
  const LoaderCall call;
  LoaderGeneration generation;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        *static_cast<LoaderGeneration*>(out) = {info->dlpi_adds, info->dlpi_subs};
        return 1;
      },
      &generation);
  return generation;
}

std::optional<HostSymbol> HostSymbolCache::find(const std::string& name) {
  const std::shared_lock<TryMutex> lock(mutex_, std::try_to_lock);
  if (!lock) return std::nullopt;
  const auto found = symbols_.find(name);
  if (found == symbols_.end()) return std::nullopt;
  const KnownSymbol& known = found->second;
  return known.for_good || generation_ == loader_generation() ? std::optional(known.symbol) : std::nullopt;
}

void HostSymbolCache::keep(const std::string& name, const KnownSymbol& symbol, const LoaderGeneration& before) {
  const std::unique_lock<TryMutex> lock(mutex_, std::try_to_lock);
  if (!lock) return;
  if (symbols_.size() == kMost) symbols_.clear();
  if (generation_ != before) std::erase_if(symbols_, [](const auto& known) { return !known.second.for_good; });
  generation_ = before;
  symbols_.insert_or_assign(name, symbol);
}

}  // namespace enfold::runtime
