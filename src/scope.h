// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a link may bind to outside its set, short of shared libraries and the process: sets that it names, the session's
// visible sets, and defined addresses.
#ifndef ENFOLD_SCOPE_H_
#define ENFOLD_SCOPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string_view>

#include <enfold/memory.h>
#include <enfold/runtime.h>

#include "hashed_name.h"

namespace enfold {

struct SetRecord;

struct ScopeSymbol {
  TargetAddr address{};
  std::uint64_t size = 0;
  HostSymbolKind kind = HostSymbolKind::kUnknown;
  bool strong = false;                  // a second strong definition is an error
  std::shared_ptr<SetRecord> provider;  // null for defined addresses; keeps the set alive
  std::string_view provider_name;       // lives as long as the provider
  bool replaceable = false;             // the provider may be replaced
  ThreadModule thread_module{};         // of a thread-local: the address is its offset in there
};

// Threads: one link's.
class Scope {
 public:
  virtual ~Scope() = default;
  // While it lives, nothing else becomes visible, and nothing ceases to be. A set has many names to look up.
  using Hold = std::shared_lock<std::shared_mutex>;
  virtual Hold hold() const = 0;
  // In the order of resolution.
  virtual std::optional<ScopeSymbol> find(const Hold& held, const HashedName& name) const = 0;
  std::optional<ScopeSymbol> find(const HashedName& name) const { return find(hold(), name); }
  // The definition that every later set sees.
  virtual std::optional<ScopeSymbol> find_visible(const Hold& held, const HashedName& name) const = 0;
};

}  // namespace enfold

#endif  // ENFOLD_SCOPE_H_
