// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Publishing a set, and taking it back. A set that others depend on stays; a set whose handle is gone goes with its last
// dependent.
#include <algorithm>
#include <ranges>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "runtime/set_record.h"
#include "session_state.h"

namespace enfold {
namespace {

bool in_use(const SetRecord& set) { return !set.dependents.empty() || set.pin_count != 0; }

Error in_use_error(const SetRecord& set) {
  std::string users;
  for (const SetRecord* user : set.dependents) users += fmt::format("{}'{}'", users.empty() ? "" : ", ", user->name);
  if (users.empty()) users = "a link that is under way";
  return Error(ErrorCode::kInUse, fmt::format("the set '{}' is in use by {}", set.name, users))
      .with_cure("unload the sets that depend on it first");
}

using Visible = Session::State::Visible;

// The first definition of a name is the visible one; the others wait behind it.
void show(Session::State& state, const ExportedSymbol& symbol, SetRecord& set) {
  const Visible entry{&set, symbol.address, symbol.size, symbol.kind, symbol.strong};
  if (!state.visible.try_emplace(symbol.name, entry).second) state.shadowed[symbol.name].push_back(entry);
}

void unshadow(Session::State& state, const std::string& name, const SetRecord& set) {
  const auto waiting = state.shadowed.find(name);
  if (waiting == state.shadowed.end()) return;
  std::erase_if(waiting->second, [&](const Visible& v) { return v.set == &set; });
  const auto found = state.visible.find(name);
  if (found == state.visible.end() && !waiting->second.empty()) {
    state.visible.emplace(name, waiting->second.front());
    waiting->second.erase(waiting->second.begin());
  }
  if (waiting->second.empty()) state.shadowed.erase(waiting);
}

void hide(Session::State& state, const SetRecord& set) {
  for (const ExportedSymbol& symbol : set.exports) {
    const auto found = state.visible.find(symbol.name);
    if (found != state.visible.end() && found->second.set == &set) state.visible.erase(found);
    if (!state.shadowed.empty()) unshadow(state, symbol.name, set);
  }
}

// Takes the set out of the session. The caller holds the lock.
void detach(Session::State& state, SetRecord& set) {
  hide(state, set);
  set.orphaned = false;
}

// Frees what the set depended on of it, and moves to `orphans` what nobody depends on any more.
void leave_dependencies(SetRecord& set, std::vector<std::shared_ptr<SetRecord>>& orphans) {
  const std::lock_guard lock(set.session->mutex);
  for (std::shared_ptr<SetRecord>& dependency : set.dependencies) {
    std::erase(dependency->dependents, &set);
    if (!dependency->orphaned || in_use(*dependency)) continue;
    detach(*set.session, *dependency);
    orphans.push_back(std::move(dependency));
  }
  set.dependencies.clear();
}

// Outside the lock: runs code of the sets, then gives everything back; goes on with what only they depended on.
void dismantle(std::vector<std::shared_ptr<SetRecord>> sets) {
  while (!sets.empty()) {
    const std::shared_ptr<SetRecord> set = std::move(sets.back());
    sets.pop_back();
    const bool exiting = set->phase.load() == SetRecord::Phase::kFinalised;
    run_finalisers(*set);
    // After exit() has run the finalisers, other threads and later handlers may still be in the code.
    if (exiting) continue;
    set->phase = SetRecord::Phase::kUnloaded;
    release(*set);
    leave_dependencies(*set, sets);
  }
}

// Takes back what publishing did so far, unless it is told that all was done.
struct PublishGuard {
  Session::State& state;
  SetRecord& set;
  bool done = false;
  ~PublishGuard() {
    if (!done) hide(state, set);
  }
};

}  // namespace

void release(SetRecord& set) noexcept {
  const SessionOptions& options = set.session->options;
  if (set.exit_registered && set.phase == SetRecord::Phase::kLinking) run_finalisers(set);  // forgets the handler
  for (const FrameTable& table : set.frames) options.runtime->deregister_frames(table.begin, table.size);
  set.frames.clear();
  if (std::exchange(set.reserved, false)) options.memory->release(set.block);
  for (void* library : set.libraries | std::views::reverse) options.runtime->close_library(library);
  set.libraries.clear();
}

Expected<void> publish(SetRecord& set) {
  Session::State& state = *set.session;
  const std::lock_guard lock(state.mutex);
  const bool visible = set.visibility == Visibility::kSession;
  for (const ExportedSymbol& symbol : set.exports) {
    const auto found = state.visible.find(std::string_view(symbol.name));
    if (!visible || !symbol.strong || symbol.local || found == state.visible.end() || !found->second.strong) continue;
    return std::unexpected(Error(ErrorCode::kDuplicateSymbol, "another set defined it meanwhile",
                                 Place{.symbol = symbol.name}));
  }
  PublishGuard guard{state, set};
  for (const std::shared_ptr<SetRecord>& dependency : set.dependencies) {
    dependency->dependents.reserve(dependency->dependents.size() + 1);
  }
  for (const ExportedSymbol& symbol : set.exports) {
    if (!symbol.local && (visible || symbol.unique)) show(state, symbol, set);
  }
  for (const std::shared_ptr<SetRecord>& dependency : set.dependencies) dependency->dependents.push_back(&set);
  set.phase = SetRecord::Phase::kLive;
  guard.done = true;
  return {};
}

Expected<void> unload(const std::shared_ptr<SetRecord>& set) {
  {
    const std::lock_guard lock(set->session->mutex);
    if (in_use(*set)) return std::unexpected(in_use_error(*set));
    detach(*set->session, *set);
  }
  dismantle({set});
  return {};
}

void drop(const std::shared_ptr<SetRecord>& set) {
  {
    const std::lock_guard lock(set->session->mutex);
    detach(*set->session, *set);  // no later set binds to it
    set->orphaned = in_use(*set);
    if (set->orphaned) return;
  }
  dismantle({set});
}

SessionScope::~SessionScope() {
  std::vector<std::shared_ptr<SetRecord>> orphans;
  {
    const std::lock_guard lock(state_->mutex);
    for (std::shared_ptr<SetRecord>& set : pinned_) {
      --set->pin_count;
      if (!set->orphaned || in_use(*set)) continue;
      detach(*state_, *set);
      orphans.push_back(std::move(set));
    }
  }
  dismantle(std::move(orphans));
}

std::optional<ScopeSymbol> SessionScope::find(std::string_view name) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->visible.find(name);
  if (found == state_->visible.end()) return std::nullopt;
  const Session::State::Visible& v = found->second;
  ScopeSymbol symbol{.address = v.address, .size = v.size, .kind = v.kind, .strong = v.strong, .provider = {},
                     .provider_name = {}};
  if (v.set == nullptr) return symbol;
  symbol.provider = v.set->shared_from_this();
  symbol.provider_name = v.set->name;
  if (std::ranges::find(pinned_, symbol.provider) == pinned_.end()) {
    ++v.set->pin_count;
    pinned_.push_back(symbol.provider);
  }
  return symbol;
}

}  // namespace enfold
