// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A new version takes an old one's place. All that may fail is done first: users are checked, room is made, words to
// write are listed. Then the memory provider switches the words while other threads call through them, and what is left
// are assignments.
#include "runtime/replace.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "face.h"
#include "runtime/publish.h"

namespace enfold {
namespace {

// Uses of a version that are tied to its own memory stay with it.
bool stays(UseKind kind) {
  return kind == UseKind::kSharedSlot || kind == UseKind::kSharedStub || kind == UseKind::kState ||
         kind == UseKind::kStubs;
}

// A user's edge, cut in two.
struct Move {
  SetRecord* user = nullptr;
  std::uint32_t edge = 0;
  std::vector<SymbolUse> go, stay;
};

class Replacement {
 public:
  Replacement(SetRecord& old, SetRecord& next) : state_(*old.session), old_(old), next_(next) {}

  Expected<void> run() {
    const std::unique_lock lock(state_.mutex);
    if (auto done = check(); !done) return done;
    list_words();
    prepare();
    if (auto done = state_.options.memory->rewrite(words_); !done) {
      take_back();
      return done;
    }
    commit();
    return {};
  }

 private:
  Expected<void> check() {
    if (!old_.live() || !next_.live() || old_.replaceable == Replaceable::kNo) {
      return std::unexpected(Error(ErrorCode::kInvalidArgument,
                                   fmt::format("the set {} was replaced or unloaded meanwhile", quoted(old_))));
    }
    if (auto done = check_clashes(state_, next_, &old_); !done) return done;
    Error error(ErrorCode::kInUse,
                fmt::format("the set {} cannot be replaced: its users need what the new version (version {}) does "
                            "not have, or has elsewhere",
                            quoted(old_), next_.versions->number));
    for (const Dependent& dependent : old_.dependents()) {
      for (const SymbolUse& use : dependent.user->dependencies()[dependent.edge].uses) {
        if (const char* why = hindrance(use)) error = std::move(error).with_cause(cause(*dependent.user, use, why));
      }
    }
    if (error.causes().empty()) return {};
    return std::unexpected(
        std::move(error).with_cure("keep the symbols; compile users with -fPIC, so that they reach data through slots, "
                                   "or replace with keep_state"));
  }

  // Why a use cannot be served by the new version; null when it can.
  const char* hindrance(const SymbolUse& use) const {
    if (stays(use.kind) || use.kind == UseKind::kSuccessor) return nullptr;
    const ExportedSymbol* symbol = next_.find(hashed(use.symbol));
    if (symbol == nullptr || symbol->local) return "it is not defined any more";
    const ExportedSymbol* before = old_.find(hashed(use.symbol));
    if (symbol->kind == HostSymbolKind::kThreadLocal && old_.threads() != next_.threads()) {
      return "it is thread-local, and lies elsewhere now";
    }
    if (use.kind == UseKind::kDirectData && (before == nullptr || before->address != symbol->address)) {
      return "it is addressed directly, and lies elsewhere now";
    }
    if (use.kind != UseKind::kBinding) return nullptr;
    return before == nullptr || before->address != symbol->address ? "it is not a function any more" : nullptr;
  }

  static Error cause(const SetRecord& user, const SymbolUse& use, const char* why) {
    return Error(ErrorCode::kInUse, fmt::format("{} {}: {}", quoted(user), name(use.kind), why),
                 Place{.symbol = std::string(use.symbol)});
  }

  // Stubs first: then whoever is called by way of new data runs with new functions.
  void list_words() {
    for (const SwitchTarget& target : next_.versions->targets) {
      words_.push_back({.address = old_.versions->face->find(target.symbol)->slot, .value = value(target.address)});
    }
    for (const Dependent& dependent : old_.dependents()) {
      for (const SymbolUse& use : dependent.user->dependencies()[dependent.edge].uses) {
        if (use.kind != UseKind::kDataSlot) continue;
        words_.push_back({.address = use.slot, .value = value(next_.find(hashed(use.symbol))->address)});
      }
    }
  }

  void prepare() {
    std::vector<Dependent>& dependents = next_.make_ties().dependents;
    dependents.reserve(dependents.size() + old_.dependents().size() + 1);
    for (const Dependent& dependent : old_.dependents()) {
      if (dependent.user == &next_) continue;
      Move move{.user = dependent.user, .edge = dependent.edge, .go = {}, .stay = {}};
      for (const SymbolUse& use : dependent.user->dependencies()[dependent.edge].uses) {
        (stays(use.kind) ? move.stay : move.go).push_back(use);
      }
      make_room(dependent.user->ties->dependencies);
      moves_.push_back(std::move(move));
    }
    make_room_for_block(*old_.versions->face);
    keep_stubs();
    for (const ExportedSymbol& symbol : next_.exports()) {
      if (is_shown(next_, symbol) && !old_shows(symbol.hashed_name())) show(state_, symbol, &next_);
    }
    // The old version's own code calls the stubs where it holds a function's address.
    add_edge(old_, next_.shared_from_this(), {.symbol = {}, .kind = UseKind::kSuccessor});
  }

  // Functions that the new version has not: whoever holds their addresses goes on calling the version that had them.
  void keep_stubs() {
    for (const auto& [name, entry] : old_.versions->face->entries) {
      if (std::ranges::binary_search(next_.versions->targets, std::string_view(name), {}, &SwitchTarget::symbol))
        continue;
      const SymbolUse use{.symbol = entry.version->find(hashed(name))->name, .kind = UseKind::kStubs};
      const std::span<Edge> edges = next_.dependencies();
      const auto edge = std::ranges::find(edges, entry.version, [](const Edge& e) { return e.provider.get(); });
      if (edge != edges.end()) {
        edge->uses.push_back(use);
      } else {
        add_edge(next_, entry.version->shared_from_this(), use);
      }
    }
  }

  bool old_shows(HashedName name) const {
    const ExportedSymbol* symbol = old_.find(name);
    return symbol != nullptr && is_shown(old_, *symbol);
  }

  void take_back() noexcept {
    hide(state_, next_);
    remove_edge(old_.ties->dependencies.back());
    old_.ties->dependencies.pop_back();
  }

  void commit() noexcept {
    for (const SwitchTarget& target : next_.versions->targets)
      old_.versions->face->entries.find(target.symbol)->second.version = &next_;
    old_.versions->face->entries.merge(next_.versions->face->entries);
    own_face_block(*next_.versions, *old_.versions->face);
    next_.versions->face = old_.versions->face;
    next_.versions->targets.clear();
    for (Move& move : moves_) apply(move);
    for (const ExportedSymbol& symbol : old_.exports()) {
      if (is_shown(old_, symbol)) hand_over(symbol);
    }
    old_.replaceable = Replaceable::kNo;
    state_.replaced = true;
  }

  void apply(Move& move) noexcept {
    std::vector<Edge>& dependencies = move.user->ties->dependencies;
    Edge& edge = dependencies[move.edge];
    std::shared_ptr<SetRecord> old = edge.provider;
    remove_edge(edge);
    edge.provider = next_.shared_from_this();
    edge.uses = std::move(move.go);
    attach_edge(*move.user, move.edge);
    if (move.stay.empty()) return;
    dependencies.push_back({.provider = std::move(old), .uses = std::move(move.stay)});
    attach_edge(*move.user, static_cast<std::uint32_t>(dependencies.size() - 1));
  }

  // The new version's definition comes where the old one's was: visible, or behind another.
  void hand_over(const ExportedSymbol& symbol) {
    const ExportedSymbol* successor = next_.find(symbol.hashed_name());
    if (successor == nullptr || !is_shown(next_, *successor)) return withdraw(state_, symbol.hashed_name(), old_);
    Visible* const found = state_.visible.find(symbol.hashed_name());
    if (found != nullptr && found->set == &old_) {
      *found = {successor, &next_};
      return;
    }
    const auto waiting = state_.shadowed.find(symbol.name);
    if (waiting == state_.shadowed.end()) return;
    std::ranges::replace_if(
        waiting->second, [&](const Visible& v) { return v.set == &old_; }, Visible{successor, &next_});
  }

  Session::State& state_;
  SetRecord& old_;
  SetRecord& next_;
  std::vector<WordWrite> words_;
  std::vector<Move> moves_;
};

}  // namespace

Expected<void> take_place(SetRecord& old, SetRecord& next) { return Replacement(old, next).run(); }

}  // namespace enfold
