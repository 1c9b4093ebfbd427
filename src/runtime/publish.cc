// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The commit point of a link: others see the set from here on. The first definition of a name is the visible one; later
// ones wait behind it and take over in the order in which they came.
#include "runtime/publish.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "face.h"

namespace enfold {
namespace {

// `was_seen`: the set's own definition was the visible one, and each set has one at most.
void unshadow(Session::State& state, HashedName name, const SetRecord& set, bool was_seen) {
  const auto waiting = state.shadowed.find(name.text);
  if (waiting == state.shadowed.end()) return;
  std::deque<Visible>& definitions = waiting->second;
  const auto own = was_seen ? definitions.end() : std::ranges::find(definitions, &set, &Visible::set);
  if (own != definitions.end()) definitions.erase(own);
  if (!definitions.empty() && state.visible.find(name) == nullptr) {
    state.visible.insert(definitions.front());
    definitions.pop_front();
  }
  if (waiting->second.empty()) state.shadowed.erase(waiting);
}

Error clash(const ExportedSymbol& symbol) {
  return Error(ErrorCode::kDuplicateSymbol, "another set defined it meanwhile",
               Place{.symbol = std::string(symbol.name)});
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

bool is_shown(const SetRecord& set, const ExportedSymbol& symbol) {
  return !symbol.local && (set.visibility == Visibility::kSession || symbol.unique);
}

void show(Session::State& state, const ExportedSymbol& symbol, SetRecord* set) {
  const Visible entry{&symbol, set};
  if (state.visible.insert(entry) != nullptr) state.shadowed[std::string(symbol.name)].push_back(entry);
}

void hide(Session::State& state, const SetRecord& set, bool unique_ones) {
  for (const ExportedSymbol& symbol : set.exports()) {
    if (unique_ones || !symbol.unique) withdraw(state, symbol.hashed_name(), set);
  }
}

void withdraw(Session::State& state, HashedName name, const SetRecord& set) {
  const Visible* found = state.visible.find(name);
  const bool was_seen = found != nullptr && found->set == &set;
  if (was_seen) state.visible.erase(*found);
  if (!state.shadowed.empty()) unshadow(state, name, set, was_seen);
}

const Visible* strong_definition(const Session::State& state, HashedName name, const SetRecord* replaced) {
  const Visible* first = state.visible.find(name);
  return first != nullptr ? strong_definition(state, *first, replaced) : nullptr;
}

const Visible* strong_definition(const Session::State& state, const Visible& first, const SetRecord* replaced) {
  const auto clashes = [&](const Visible& v) { return v.symbol->strong && (v.set == nullptr || v.set != replaced); };
  if (clashes(first)) return &first;
  if (state.shadowed.empty()) return nullptr;
  const auto waiting = state.shadowed.find(first.symbol->name);
  if (waiting == state.shadowed.end()) return nullptr;
  const auto strong = std::ranges::find_if(waiting->second, clashes);
  return strong != waiting->second.end() ? &*strong : nullptr;
}

Expected<void> check_clashes(const Session::State& state, const SetRecord& set, const SetRecord* replaced) {
  if (set.visibility != Visibility::kSession) return {};
  for (const ExportedSymbol& symbol : set.exports()) {
    if (!symbol.strong || symbol.local) continue;
    if (strong_definition(state, symbol.hashed_name(), replaced) == nullptr) continue;
    return std::unexpected(clash(symbol));
  }
  return {};
}

void reserve_edges(SetRecord& set) {
  for (const Edge& edge : set.dependencies()) {
    make_room(edge.provider->make_ties().dependents);
  }
}

void make_room_for_block(Face& face) {
  make_room(face.blocks);
  make_room(face.described);
}

void own_face_block(Versions& versions, Face& face) noexcept {
  if (!std::exchange(versions.face_reserved, false)) return;
  face.blocks.push_back(std::exchange(versions.face_block, {}));
  if (versions.face_stubs != nullptr) face.described.push_back(std::exchange(versions.face_stubs, nullptr));
}

void attach_edge(SetRecord& user, std::uint32_t index) noexcept {
  Edge& edge = user.dependencies()[index];
  std::vector<Dependent>& dependents = edge.provider->ties->dependents;
  edge.index = static_cast<std::uint32_t>(dependents.size());
  dependents.push_back({&user, index});
}

void add_edge(SetRecord& user, std::shared_ptr<SetRecord> provider, const SymbolUse& use) {
  make_room(provider->make_ties().dependents);
  std::vector<Edge>& dependencies = user.make_ties().dependencies;
  dependencies.push_back({.provider = std::move(provider), .uses = {use}});
  attach_edge(user, static_cast<std::uint32_t>(dependencies.size() - 1));
}

void remove_edge(Edge& edge) noexcept {
  std::vector<Dependent>& dependents = edge.provider->ties->dependents;
  dependents[edge.index] = dependents.back();
  const Dependent& moved = dependents[edge.index];
  moved.user->dependencies()[moved.edge].index = edge.index;
  dependents.pop_back();
}

void enlist(Session::State& state, SetRecord& set) {
  set.sequence = ++state.sequence;
  set.index = static_cast<std::uint32_t>(state.sets.size());
  state.sets.push_back(&set);
}

void delist(Session::State& state, SetRecord& set) noexcept {
  state.sets[set.index] = state.sets.back();
  state.sets[set.index]->index = set.index;
  state.sets.pop_back();
}

namespace {

// From here on what the set depends on stays, and the set has to be taken out to be undone.
void attach_locked(Session::State& state, SetRecord& set) noexcept {
  enlist(state, set);
  for (std::uint32_t i = 0; i < set.dependencies().size(); ++i) attach_edge(set, i);
  if (set.has_initialisers()) set.pin_count = 1;
  set.phase = SetRecord::Phase::kLive;
}

// A set whose data it bound to may have been replaced meanwhile: its slots would lead to the old version's. Functions
// are reached by way of stubs, which lead to the newest version.
Expected<void> check_overtaken(const SetRecord& set) {
  for (const Edge& edge : set.dependencies()) {
    const bool binds = std::ranges::any_of(edge.uses, [](const SymbolUse& use) {
      return use.kind == UseKind::kDataSlot || use.kind == UseKind::kDirectData;
    });
    if (!binds || !edge.provider->retired()) continue;
    return std::unexpected(Error(ErrorCode::kInUse, "a set that it binds to was replaced again and again meanwhile"));
  }
  return {};
}

// Looks each name up once: whom it clashes with is who has its place in the table, or waits behind him.
Expected<void> show_exports(Session::State& state, SetRecord& set) {
  state.visible.expect(set.exports().size());
  for (const ExportedSymbol& symbol : set.exports()) {
    if (!is_shown(set, symbol)) continue;
    const Visible entry{&symbol, &set};
    const Visible* first = state.visible.insert(entry);
    if (first == nullptr) continue;
    if (symbol.strong && strong_definition(state, *first, nullptr) != nullptr) return std::unexpected(clash(symbol));
    state.shadowed[std::string(symbol.name)].push_back(entry);
  }
  return {};
}

}  // namespace

Expected<void> publish(SetRecord& set) {
  Session::State& state = *set.session;
  const std::unique_lock lock(state.mutex);
  if (auto done = check_overtaken(set); !done) return done;
  PublishGuard guard{state, set};
  reserve_edges(set);
  make_room(state.sets);
  if (set.versions) make_room_for_block(*set.versions->face);
  if (auto done = show_exports(state, set); !done) return done;
  if (set.versions) own_face_block(*set.versions, *set.versions->face);
  attach_locked(state, set);
  guard.done = true;
  return {};
}

Expected<void> attach(SetRecord& set) {
  Session::State& state = *set.session;
  const std::unique_lock lock(state.mutex);
  if (auto done = check_overtaken(set); !done) return done;
  reserve_edges(set);
  make_room(state.sets);
  attach_locked(state, set);
  return {};
}

}  // namespace enfold
