// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The end of a set. A set that others depend on, or that a link under way binds to, stays; a set whose handle is gone
// goes with the last of those. A set that threads have destructors of to run waits for them. Sets are taken out under
// the session's lock; their code runs, and their memory goes, outside it, so that destructors may call back into the
// session.
#include <algorithm>
#include <mutex>
#include <new>
#include <ranges>
#include <shared_mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "face.h"
#include "fork.h"
#include "runtime/debug_object.h"
#include "runtime/describe.h"
#include "runtime/exit_handlers.h"
#include "runtime/going.h"
#include "runtime/publish.h"
#include "runtime/set_record.h"
#include "runtime/stub_frames.h"
#include "runtime/thread_exits.h"
#include "runtime/thread_storage.h"
#include "session_state.h"

namespace enfold {
namespace {

using Records = std::vector<std::shared_ptr<SetRecord>>;

bool in_use(const SetRecord& set) { return !set.dependents().empty() || set.pin_count.load() != 0; }

// The session knows it no more.
bool is_out(const SetRecord& set) {
  const SetRecord::Phase phase = set.phase.load();
  return phase == SetRecord::Phase::kLeaving || phase == SetRecord::Phase::kUnloaded;
}

std::vector<SetUse> list_users(const SetRecord& set) {
  std::vector<SetUse> users;
  for (const Dependent& dependent : set.dependents()) {
    for (const SymbolUse& use : dependent.user->dependencies()[dependent.edge].uses) {
      users.push_back({.set = std::string(dependent.user->name), .symbol = std::string(use.symbol), .kind = use.kind});
    }
  }
  return users;
}

Error in_use_error(const SetRecord& set) {
  std::string sets;
  for (const Dependent& dependent : set.dependents()) {
    sets += fmt::format("{}{}", sets.empty() ? "" : ", ", quoted(*dependent.user));
  }
  if (sets.empty()) sets = "a link that is under way";
  Error error(ErrorCode::kInUse, fmt::format("the set {} is in use by {}", quoted(set), sets));
  for (const Dependent& dependent : set.dependents()) {
    for (const SymbolUse& use : dependent.user->dependencies()[dependent.edge].uses) {
      error = std::move(error).with_cause(Error(ErrorCode::kInUse,
                                                fmt::format("{} {}", quoted(*dependent.user), name(use.kind)),
                                                Place{.symbol = std::string(use.symbol)}));
    }
  }
  return std::move(error).with_cure("unload the sets that depend on it first, or all with Session::unload_all");
}

// Takes the set out of the session for good. The caller holds the lock.
void take_out(Session::State& state, SetRecord& set) noexcept {
  hide(state, set);
  delist(state, set);
  set.orphaned = false;
  set.used_to_the_end = !set.dependents().empty();
  SetRecord::Phase live = SetRecord::Phase::kLive;
  set.phase.compare_exchange_strong(live, SetRecord::Phase::kLeaving);
}

// Users before what they use; where they use each other, what was linked last goes first. What is to go last comes
// first in the result.
Records by_dependency(Records sets) {
  std::ranges::sort(sets, std::greater<>(), [](const auto& set) { return set->sequence; });
  std::unordered_set<const SetRecord*> placed;
  Records order;
  while (order.size() < sets.size()) {
    const std::size_t before = order.size();
    for (const auto& set : sets) {
      const bool free =
          std::ranges::all_of(set->dependents(), [&](const Dependent& d) { return placed.contains(d.user); });
      if (!free || !placed.insert(set.get()).second) continue;
      order.push_back(set);
    }
    if (order.size() != before) continue;
    const auto rest = std::ranges::find_if(sets, [&](const auto& set) { return !placed.contains(set.get()); });
    placed.insert(rest->get());
    order.push_back(*rest);
  }
  std::ranges::reverse(order);
  return order;
}

// A set that was taken out, and whose finalisers run, still calls what it depends on.
bool has_leaving_user(const SetRecord& set) {
  return std::ranges::any_of(set.dependents(), [](const Dependent& d) { return !d.user->live(); });
}

// The sets that those lead to of which is_root(set) says so, and they themselves.
template <class IsRoot>
std::unordered_set<const SetRecord*> reached_from(const Session::State& state, IsRoot&& is_root) {
  std::unordered_set<const SetRecord*> reached;
  std::vector<const SetRecord*> todo;
  const auto reach = [&](const SetRecord* set) {
    if (reached.insert(set).second) todo.push_back(set);
  };
  for (const SetRecord* set : state.sets) {
    if (is_root(*set)) reach(set);
  }
  while (!todo.empty()) {
    const SetRecord* set = todo.back();
    todo.pop_back();
    for (const Edge& edge : set->dependencies()) reach(edge.provider.get());
  }
  return reached;
}

// What handles, links under way, and sets that are leaving lead to.
std::unordered_set<const SetRecord*> needed_sets(const Session::State& state) {
  return reached_from(state, [](const SetRecord& set) {
    return !set.orphaned || set.pin_count.load() != 0 || has_leaving_user(set);
  });
}

// Takes sets out that use each other, in the order of by_dependency().
void take_out_all(Session::State& state, const Records& sets, Going& out) noexcept {
  for (const auto& set : sets) {
    take_out(state, *set);
    out.push(set);
  }
}

// Sets that were replaced and their successors depend on each other: what nobody needs goes together. Where there is no
// memory to look for it, whoever goes next looks again.
void take_out_rings(Session::State& state, Going& out) noexcept try {
  const std::unordered_set<const SetRecord*> needed = needed_sets(state);
  Records going;
  for (SetRecord* set : state.sets) {
    if (!needed.contains(set)) going.push_back(set->shared_from_this());
  }
  take_out_all(state, by_dependency(std::move(going)), out);
} catch (const std::bad_alloc&) {
}

// As though the set's handle were gone: do only sets use it that nobody needs without it?
bool take_out_ring_of(SetRecord& set, Going& out) {
  if (!set.session->replaced) return false;
  struct Orphaned {
    SetRecord& set;
    explicit Orphaned(SetRecord& orphan) : set(orphan) { set.orphaned = true; }
    ~Orphaned() { set.orphaned = false; }
  } orphaned(set);
  if (needed_sets(*set.session).contains(&set)) return false;
  take_out_rings(*set.session, out);
  return !out.empty();
}

// Frees what the set depended on of it, and moves to `orphans` what nobody depends on any more.
void leave_dependencies(SetRecord& set, Going& orphans) noexcept {
  if (set.dependencies().empty()) return;  // nobody adds any to a set that was taken out
  Session::State& state = *set.session;
  bool ring = false;
  std::vector<Edge> edges;  // outlive the lock: the last reference to a record may be theirs
  const std::unique_lock lock(state.mutex);
  for (Edge& edge : set.dependencies()) {
    remove_edge(edge);
    SetRecord& provider = *edge.provider;
    const bool unloaded = provider.phase.load() == SetRecord::Phase::kUnloaded;
    if (unloaded && stops_waiting(provider)) orphans.push(edge.provider);
    if (!provider.orphaned) continue;
    if (in_use(provider)) {
      ring = ring || state.replaced;
      continue;
    }
    take_out(state, provider);
    orphans.push(edge.provider);
  }
  edges.swap(set.ties->dependencies);
  if (ring) take_out_rings(state, orphans);
}

// Once exit() runs a set's finalisers, other threads and later handlers may still be in its code: its memory stays, and
// its record, too, which exit handlers point to.
struct KeptUntilTheEnd {
  std::mutex mutex;
  Going sets;
};

void keep_until_the_end(std::shared_ptr<SetRecord> set) {
  KeptUntilTheEnd& kept = lasting<KeptUntilTheEnd>();
  const std::lock_guard lock(kept.mutex);
  kept.sets.push(std::move(set));
}

// Is one of its handlers being run, although all are taken? Then exit() is in it, or the handler itself unloads the set.
bool is_in_handler(const SetRecord& set) {
  if (!set.exit_registered) return false;
  return std::ranges::any_of(set.course->handles, [](TargetAddr handle) {
    return runtime::is_finalizing(reinterpret_cast<void*>(value(handle)));
  });
}

// Runs what the set has to run at its end, in this thread. False when its memory has to stay after that: until other
// threads have run theirs, or for good.
bool run_end(const std::shared_ptr<SetRecord>& set) {
  run_thread_exits(*set);
  run_finalisers(*set);
  run_thread_exits(*set);  // of what the finalisers were the first to use
  if (set->phase.load() != SetRecord::Phase::kLeaving || is_in_handler(*set)) {
    keep_until_the_end(set);
    return false;
  }
  set->phase = SetRecord::Phase::kUnloaded;  // before a thread that it waits for may come to finish it
  if (!set->course && !set->used_to_the_end) return true;
  const std::shared_lock lock(set->session->mutex);
  return !waits_for_threads(*set);
}

bool need_wait_no_longer(SetRecord& set) {
  const std::shared_lock lock(set.session->mutex);
  return stops_waiting(set);
}

// Of a set that has waited, everything has run.
bool may_go(const std::shared_ptr<SetRecord>& set) {
  return set->phase.load() == SetRecord::Phase::kUnloaded || run_end(set);
}

// One after another, with what only they depended on. Outside the lock: runs code of the sets, then gives everything
// back, when none of them will run any more: versions of one set call each other. Who waited waits no longer.
void dismantle(Going sets) {
  Going finalised;
  for (auto& set : take_forsaken()) {
    if (need_wait_no_longer(*set)) sets.push(std::move(set));
  }
  while (!sets.empty()) {
    std::shared_ptr<SetRecord> set = sets.pop();
    if (!may_go(set)) continue;
    leave_dependencies(*set, sets);
    finalised.push_last(std::move(set));
  }
  while (!finalised.empty()) release(*finalised.pop());
}

// Nothing goes with a set that depends on none.
void dismantle(std::shared_ptr<SetRecord> set) {
  if (set->dependencies().empty() && !any_forsaken()) {
    if (may_go(set)) release(*set);
    return;
  }
  Going sets;
  sets.push(std::move(set));
  dismantle(std::move(sets));
}

}  // namespace

void prepare_unloading() {
  lasting<KeptUntilTheEnd>();
  any_forsaken();
}

void finish_waiting(std::shared_ptr<SetRecord> set) {
  if (need_wait_no_longer(*set)) dismantle(std::move(set));
}

namespace {

[[gnu::cold, gnu::noinline]] void unlist_data(SetRecord& set) noexcept {
  RuntimeHooks& runtime = *set.session->options.runtime;
  each_data_segment(set, [&](const Block::Segment& s) { runtime.unlist_data(s.base, s.size); });
  set.data_listed = false;
}

}  // namespace

void withdraw(SetRecord& set) noexcept {
  const SessionOptions& options = set.session->options;
  if (set.phase == SetRecord::Phase::kLinking) run_finalisers(set);  // forgets the handler
  set.exit_registered = false;
  delist_thread_exits(set);
  hide_debug_objects(set);
  const std::size_t registered = std::exchange(set.registered_count, 0u);
  for (const FrameTables& frames : set.frames().first(registered)) options.runtime->deregister_frames(frames);
  hide_addresses(set);
  if (std::exchange(set.data_shown, false)) {
    each_data_segment(set, [&](const Block::Segment& s) { options.runtime->hide_data(s.base, s.size); });
  }
  if (set.data_listed) [[unlikely]] unlist_data(set);
  if (set.versions && set.versions->face_stubs != nullptr) {
    hide_stubs(std::exchange(set.versions->face_stubs, nullptr));
  }
  if (!set.course) return;
  if (std::exchange(set.course->is_allocator, false)) options.runtime->give_up_allocator();
  set.course->threads.reset();
}

void release(SetRecord& set) noexcept {
  const SessionOptions& options = set.session->options;
  withdraw(set);
  if (set.versions && set.versions->face_reserved) {
    runtime::hide_stubs(set.versions->face_block);
    options.memory->release(set.versions->face_block);
  }
  set.versions.reset();
  void* object = set.course ? std::exchange(set.course->object, nullptr) : nullptr;
  if (std::exchange(set.reserved, false)) object = release_block(set, options.memory, set.block, object);
  if (!set.course) return;
  if (object != nullptr) options.runtime->close_library(object);
  for (void* library : set.course->libraries | std::views::reverse) options.runtime->close_library(library);
  set.course.reset();
}

std::vector<SetUse> users_of(const SetRecord& set) {
  const std::shared_lock lock(set.session->mutex);
  return list_users(set);
}

Expected<void> unload(const std::shared_ptr<SetRecord>& set) {
  std::unique_lock lock(set->session->mutex);
  if (is_out(*set)) {  // who unloads it may be at its versions
    return std::unexpected(
        Error(ErrorCode::kInvalidArgument, fmt::format("the set '{}' is unloaded already", set->name)));
  }
  if (!in_use(*set)) {
    take_out(*set->session, *set);
    lock.unlock();
    dismantle(set);
    return {};
  }
  Going ring;
  if (!take_out_ring_of(*set, ring)) return std::unexpected(in_use_error(*set));
  lock.unlock();
  dismantle(std::move(ring));
  return {};
}

namespace {

// From here on no set binds to it, but to what there is only one of, and it goes with its last user.
void orphan(Session::State& state, SetRecord& set) noexcept {
  hide(state, set, false);
  set.orphaned = true;
}

}  // namespace

// What sets that other threads are unloading may still call goes with those.
Expected<void> unload_all(Session::State& state) {
  Going all;
  {
    const std::unique_lock lock(state.mutex);
    for (const SetRecord* set : state.sets) {
      if (set->pin_count.load() != 0) return std::unexpected(in_use_error(*set));
    }
    const std::unordered_set<const SetRecord*> called = reached_from(state, has_leaving_user);
    Records going, staying;
    for (SetRecord* set : state.sets) (called.contains(set) ? staying : going).push_back(set->shared_from_this());
    going = by_dependency(std::move(going));
    for (const auto& set : staying) orphan(state, *set);
    take_out_all(state, going, all);
  }
  dismantle(std::move(all));
  return {};
}

void drop(const std::shared_ptr<SetRecord>& set) noexcept {
  Session::State& state = *set->session;
  std::unique_lock lock(state.mutex);
  if (is_out(*set)) return;
  if (!in_use(*set)) {
    take_out(state, *set);
    lock.unlock();
    return dismantle(set);
  }
  orphan(state, *set);
  if (!state.replaced) return;
  Going rings;
  take_out_rings(state, rings);
  lock.unlock();
  dismantle(std::move(rings));
}

void unpin(Session::State& state, Records sets) noexcept {
  bool last = false;
  {
    const std::shared_lock lock(state.mutex);
    for (const auto& set : sets) last = (set->pin_count.fetch_sub(1) == 1 && set->orphaned) || last;
  }
  if (!last) return;
  Going gone;
  {
    const std::unique_lock lock(state.mutex);
    for (const auto& set : sets) {
      if (!set->orphaned || in_use(*set)) continue;
      take_out(state, *set);
      gone.push(set);
    }
    if (state.replaced) take_out_rings(state, gone);
  }
  dismantle(std::move(gone));
}

}  // namespace enfold
