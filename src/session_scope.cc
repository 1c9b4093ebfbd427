// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "session_scope.h"

#include <shared_mutex>

#include <fmt/format.h>

#include "runtime/publish.h"
#include "runtime/thread_storage.h"

namespace enfold {
Expected<void> SessionScope::enter_named(const ObjectSet& set, const std::shared_ptr<SetRecord>& replaced) {
  const std::shared_lock lock(state_.mutex);
  for (const std::shared_ptr<SetRecord>& named : set.used_sets()) {
    if (auto done = hold(named); !done) return done;
    named_.push_back(named.get());
  }
  for (const std::shared_ptr<SetRecord>& named : set.sharing_sets()) {
    if (auto done = hold(named); !done) return done;
  }
  if (!replaced) return {};
  replaced_ = replaced.get();
  return hold(replaced);
}

Expected<void> SessionScope::hold(const std::shared_ptr<SetRecord>& set) {
  if (!set || !set->live()) {
    return std::unexpected(Error(ErrorCode::kInvalidArgument,
                                 fmt::format("the set '{}', which it names, is not live", set ? set->name : "")));
  }
  if (set->session.get() != &state_) {
    return std::unexpected(Error(ErrorCode::kInvalidArgument,
                                 fmt::format("the set '{}', which it names, is another session's", set->name)));
  }
  pins_.add(*set);
  return {};
}

std::optional<ScopeSymbol> SessionScope::find(const Hold&, const HashedName& name) const {
  for (SetRecord* set : named_) {
    const ExportedSymbol* symbol = set->find(name);
    if (symbol != nullptr && !symbol->local) return describe(*symbol, set);
  }
  const Visible* first = state_.visible.find(name);
  return first != nullptr ? visible(*first) : std::nullopt;
}

std::optional<ScopeSymbol> SessionScope::find_visible(const Hold&, const HashedName& name) const {
  const Visible* first = state_.visible.find(name);
  if (first == nullptr) return std::nullopt;
  const Visible* strong = strong_definition(state_, *first, replaced_);  // may wait behind a weak one
  return strong != nullptr ? describe(*strong->symbol, strong->set) : visible(*first);
}

std::optional<ScopeSymbol> SessionScope::visible(const Visible& first) const {
  if (first.set == nullptr || first.set != replaced_) return describe(*first.symbol, first.set);
  const auto behind = state_.shadowed.find(first.symbol->name);
  if (behind == state_.shadowed.end()) return std::nullopt;
  const Visible& next = behind->second.front();
  return describe(*next.symbol, next.set);
}

ScopeSymbol SessionScope::describe(const ExportedSymbol& symbol, SetRecord* set) const {
  ScopeSymbol described{.address = symbol.address,
                        .size = symbol.size,
                        .kind = symbol.kind,
                        .strong = symbol.strong,
                        .provider = {},
                        .provider_name = {}};
  if (set == nullptr) return described;
  pins_.add(*set);
  described.provider = set->shared_from_this();
  described.provider_name = set->name;
  described.replaceable = set->replaceable != Replaceable::kNo;
  if (symbol.kind == HostSymbolKind::kThreadLocal) described.thread_module = set->threads()->module;
  return described;
}

}  // namespace enfold
