// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one link sees of a session. Every set that it found anything in stays loaded as long as the scope lives.
#ifndef ENFOLD_SESSION_SCOPE_H_
#define ENFOLD_SESSION_SCOPE_H_

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <enfold/error.h>
#include <enfold/object_set.h>

#include "pins.h"
#include "scope.h"
#include "session_state.h"

namespace enfold {

class SessionScope final : public Scope {
 public:
  // Ownership: the state is borrowed.
  explicit SessionScope(Session::State& state) : state_(state), pins_(state) {}

  // Holds the sets that `set` names, and `replaced` if there is one, whose visible symbols are passed over from then
  // on: what takes its place defines them. Errors: kInvalidArgument, when one is not live.
  Expected<void> enter(const ObjectSet& set, const std::shared_ptr<SetRecord>& replaced) {
    if (set.used_sets().empty() && set.sharing_sets().empty() && !replaced) return {};
    return enter_named(set, replaced);
  }

  Hold hold() const override { return Hold(state_.mutex); }
  using Scope::find;
  std::optional<ScopeSymbol> find(const Hold& held, const HashedName& name) const override;
  std::optional<ScopeSymbol> find_visible(const Hold& held, const HashedName& name) const override;

 private:
  Expected<void> enter_named(const ObjectSet& set, const std::shared_ptr<SetRecord>& replaced);
  // All with the session's lock held for reading at least.
  Expected<void> hold(const std::shared_ptr<SetRecord>& set);
  std::optional<ScopeSymbol> visible(const Visible& first) const;
  ScopeSymbol describe(const ExportedSymbol& symbol, SetRecord* set) const;

  Session::State& state_;
  std::vector<SetRecord*> named_;
  const SetRecord* replaced_ = nullptr;
  mutable Pins pins_;
};

}  // namespace enfold

#endif  // ENFOLD_SESSION_SCOPE_H_
