// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/session.h>

#include <unistd.h>

#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <utility>

#include "caller_state.h"
#include "catching.h"
#include "linker.h"
#include "pins.h"
#include "runtime/describe.h"
#include "runtime/linked_ranges.h"
#include "runtime/profiler.h"
#include "runtime/publish.h"
#include "runtime/replace.h"
#include "runtime/thread_storage.h"
#include "session_state.h"

namespace enfold {

namespace {

constexpr std::string_view kInitialise = "initialise";

// The calling thread's copy, of what lies at that offset in its block.
TargetAddr copy_of_caller(const ThreadStorage& threads, TargetAddr offset) {
  return threads.runtime->thread_address(threads.module.id, value(offset));
}

}  // namespace

Session::State::State(SessionOptions opts) : options(std::move(opts)) { enlist(*this, ForkOrder::kSession); }
Session::State::~State() { delist(*this); }

void Session::State::before_fork() { mutex.lock(); }
void Session::State::after_fork_in_parent() { mutex.unlock(); }

void Session::State::after_fork_in_child() {
  Pins::recount(*this);
  std::construct_at(&mutex);  // it knows its holder by a number that the thread had in the parent
}

Session::Session(std::shared_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

namespace {

Expected<std::shared_ptr<MemoryProvider>> memory_for(Profiler profiler) {
  if (profiler == Profiler::kPerfMap) {
    if (auto anonymous = make_memory(MemoryKind::kForced)) return anonymous;
  }
  return make_memory();
}

}  // namespace

Expected<std::unique_ptr<Session>> Session::create(SessionOptions options) {
  return catching_bad_alloc([&]() -> Expected<std::unique_ptr<Session>> {
    if (!options.memory) {
      Expected<std::shared_ptr<MemoryProvider>> memory = memory_for(options.profiler);
      if (!memory) return std::unexpected(std::move(memory).error());
      options.memory = std::move(*memory);
    }
    if (!options.runtime) options.runtime = make_process_runtime();
    if (options.list_data) {
      if (auto done = options.runtime->check_data_list(); !done) return std::unexpected(std::move(done).error());
    }
    if (options.envp == nullptr) options.envp = environ;
    Expected<runtime::Profile*> profile = runtime::open_profile(options.profiler);
    if (!profile) return std::unexpected(std::move(profile).error());
    auto state = std::make_shared<State>(std::move(options));
    state->profile = *profile;
    return std::unique_ptr<Session>(new Session(std::move(state)));
  });
}

Expected<Plan> Session::plan(const ObjectSet& set) {
  return catching_bad_alloc([&] { return plan_set(state_, set); });
}

// Initialisers find what the caller of link() had.
void Session::initialise(const LinkedSet& set, const CallerState& caller) {
  const bool any = set.record_->has_initialisers(), timing = state_->options.detail != Detail::kNone;
  caller.restore();
  if (!any && !timing && !state_->options.progress) return;  // nothing to run, and nobody to tell
  Pins pins(*state_);  // a set whose initialisers run cannot be unloaded
  const auto start = timing ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
  try {
    if (any) pins.adopt(set.record_);
    if (state_->options.progress) state_->options.progress(kInitialise, kPassCount - 1, kPassCount);
  } catch (...) {
    if (set.record_->course) set.record_->course->finalisers.clear();  // of what has not begun
    throw;
  }
  caller.restore();
  run_initialisers(*set.record_);
  if (timing) set.record_->report->plan.passes.push_back({kInitialise, std::chrono::steady_clock::now() - start});
}

Expected<LinkedSet> Session::link(ObjectSet set) {
  const CallerState caller;
  return catching_bad_alloc([&]() -> Expected<LinkedSet> {
    Expected<std::shared_ptr<SetRecord>> record = link_set(state_, set);
    if (!record) return std::unexpected(std::move(record).error());
    LinkedSet linked(std::move(*record));  // unloads the set again should the progress callback throw
    initialise(linked, caller);
    return linked;
  });
}

Expected<LinkedSet> Session::replace(LinkedSet& set, ObjectSet next, const ReplaceOptions& options) {
  const CallerState caller;
  const std::shared_ptr<SetRecord> old = set.record_;
  return catching_bad_alloc([&]() -> Expected<LinkedSet> {
    if (!old || !old->live() || old->replaceable == Replaceable::kNo || old->session != state_) {
      return std::unexpected(
          Error(ErrorCode::kInvalidArgument, "the set is not a live, replaceable one of this session")
              .with_cure("link it with SetOptions::replaceable"));
    }
    if (next.options().replaceable == Replaceable::kNo) next.options().replaceable = old->replaceable;
    next.options().visibility = old->visibility;
    auto record = link_set(state_, next, {.old = old, .keep_state = options.keep_state});
    if (!record) return std::unexpected(std::move(record).error());
    LinkedSet linked(std::move(*record));
    initialise(linked, caller);
    if (auto done = take_place(*old, *linked.record_); !done) return std::unexpected(std::move(done).error());
    std::swap(set.record_, linked.record_);
    return linked;
  });
}

Expected<void> Session::unload_all() {
  return catching_bad_alloc([&] { return enfold::unload_all(*state_); });
}

Expected<void> Session::define(std::string symbol, TargetAddr address, HostSymbolKind kind) {
  return catching_bad_alloc([&]() -> Expected<void> {
    if (kind == HostSymbolKind::kThreadLocal) {
      return std::unexpected(Error(ErrorCode::kInvalidArgument, "a thread-local has no address to define it by",
                                   Place{.symbol = std::move(symbol)}));
    }
    const HashedName name = hashed(symbol);
    const std::unique_lock lock(state_->mutex);
    if (strong_definition(*state_, name, nullptr) != nullptr) {
      return std::unexpected(
          Error(ErrorCode::kDuplicateSymbol, "defined before", Place{.symbol = std::move(symbol)}));
    }
    State::Defined& defined = state_->defined.emplace_back(State::Defined{.name = std::move(symbol), .symbol = {}});
    defined.symbol = {.name = defined.name, .address = address, .hash = name.hash, .kind = kind, .strong = true};
    show(*state_, defined.symbol, nullptr);
    return {};
  });
}

Expected<TargetAddr> Session::address(std::string_view symbol) const {
  return catching_bad_alloc([&]() -> Expected<TargetAddr> {
    std::shared_ptr<ThreadStorage> threads;
    TargetAddr address{};
    {
      const std::shared_lock lock(state_->mutex);
      const Visible* found = state_->visible.find(hashed(symbol));
      if (found == nullptr) {
        return std::unexpected(
            Error(ErrorCode::kNotFound, "no visible set defines it", Place{.symbol = std::string(symbol)}));
      }
      address = found->symbol->address;
      if (found->symbol->kind != HostSymbolKind::kThreadLocal) return address;
      threads = found->set->threads();
    }
    return copy_of_caller(*threads, address);
  });
}

bool Session::describe(TargetAddr address, AddressNote& note) const noexcept {
  return enfold::describe(*state_, address, note);
}

std::optional<Description> Session::describe(TargetAddr address) const { return enfold::describe(*state_, address); }

MemoryUse Session::memory_use() const { return state_->options.memory->use(); }

// The rest is the process's: what any session's sets have left.
void Session::trim() {
  state_->options.memory->trim();
  trim_records();
  runtime::linked_ranges().trim();
  const auto shrink = [&]() -> Expected<void> {
    const std::unique_lock lock(state_->mutex);
    state_->visible.shrink();
    state_->sets.shrink_to_fit();
    return {};
  };
  static_cast<void>(catching_bad_alloc(shrink));  // what cannot be made smaller stays as large
}

void ObjectSet::use(const LinkedSet& set) { others().used_sets.push_back(set.record_); }
void ObjectSet::share_with(const LinkedSet& set) { others().sharing_sets.push_back(set.record_); }

LinkedSet::LinkedSet(std::shared_ptr<SetRecord> record) : record_(std::move(record)) {}
LinkedSet::LinkedSet(LinkedSet&&) noexcept = default;

LinkedSet& LinkedSet::operator=(LinkedSet&& other) noexcept {
  if (this != &other) {
    if (record_) drop(record_);
    record_ = std::move(other.record_);
  }
  return *this;
}

LinkedSet::~LinkedSet() {
  if (record_) drop(record_);
}

std::string_view LinkedSet::name() const { return record_ ? record_->name : std::string_view(); }

Expected<TargetAddr> LinkedSet::address(std::string_view symbol) const {
  return catching_bad_alloc([&]() -> Expected<TargetAddr> {
    const auto missing = [&](const char* why) {
      return std::unexpected(Error(ErrorCode::kNotFound, why, Place{.symbol = std::string(symbol)}));
    };
    if (!record_ || record_->phase.load() == SetRecord::Phase::kUnloaded) return missing("the set is unloaded");
    const ExportedSymbol* found = record_->find(hashed(symbol));
    if (found == nullptr) return missing("the set does not define it");
    if (found->kind != HostSymbolKind::kThreadLocal) return found->address;
    std::shared_ptr<ThreadStorage> threads;
    {
      const std::shared_lock lock(record_->session->mutex);  // a live set has its storage as long as this is held
      if (record_->live()) threads = record_->threads();
    }
    if (!threads) return missing("the set does not define it");
    return copy_of_caller(*threads, found->address);
  });
}

const Plan& LinkedSet::plan() const {
  static const Plan none;
  return record_ && record_->report ? record_->report->plan : none;
}

const Usage& LinkedSet::usage() const {
  static const Usage none;
  return record_ && record_->report ? record_->report->usage : none;
}

std::vector<SetUse> LinkedSet::users() const { return record_ ? users_of(*record_) : std::vector<SetUse>(); }

Expected<void> LinkedSet::unload() {
  if (!record_) return std::unexpected(Error(ErrorCode::kInvalidArgument, "the set is unloaded already"));
  if (auto done = catching_bad_alloc([&] { return enfold::unload(record_); }); !done) return done;
  record_.reset();
  return {};
}

}  // namespace enfold
