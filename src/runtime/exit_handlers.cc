// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/exit_handlers.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "fork.h"
#include "lock.h"
#include "runtime/exit_owners.h"
#include "runtime/linked_code.h"
#include "runtime/registration_count.h"
#include "runtime/registrations.h"

extern "C" {
int __cxa_atexit(void (*function)(void*), void* argument, void* handle);
int __cxa_at_quick_exit(void (*function)(void*), void* handle);
void __cxa_finalize(void* handle);
int on_exit(void (*function)(int, void*), void* argument);
int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(), void* handle);
}

namespace enfold::runtime {
namespace {

// In a batch, at least. Where each handler is a run, it is a share of those that are live, so that what it costs to be
// rid of a batch, which grows with the C library's list, is little for each.
constexpr std::uint32_t kBatchSize = 128;

void run_at_exit(void* run);

// What a registration may take. It is allocated outside the lock: an allocator may be a set's.
struct Supplies {
  std::unique_ptr<ExitRecord> record;
  std::unique_ptr<ExitOwner> owner;
  std::unique_ptr<ExitRun> run;
  std::unique_ptr<ExitBatch> batch;
};

template <class T>
bool supply(std::unique_ptr<T>& place) {
  if (!place) place.reset(new (std::nothrow) T);
  return place != nullptr;
}

class ExitHandlers final : private ForkAware {
 public:
  ExitHandlers() { enlist(*this, ForkOrder::kRuntime); }

  bool add(void (*function)(void*), void* argument, void* handle) noexcept;
  bool note_in_c_library(void* handle) noexcept;
  void finalize(void* handle);
  bool is_finalizing(void* handle) noexcept {
    const std::scoped_lock lock(mutex_);
    const ExitOwner* const owner = owners_.find(handle);
    return owner != nullptr && owner->running_count != 0;
  }
  void run_newest_of(ExitRun& run);

 private:
  enum class Outcome : std::uint8_t { kDone, kNeedsOwner, kNeedsRun, kFailed };

  class Running;

  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override { mutex_.unlock(); }

  void find_count() noexcept;
  void fit_buckets() noexcept;
  Outcome try_add(Supplies& supplies, void* handle) noexcept;
  bool nobody_came_after(const ExitRun* run) const {
    return run != nullptr && count_.known() && count_.now() == count_with_current_;
  }
  bool enter(ExitRun& run) noexcept;
  bool open_run(Supplies& supplies) noexcept;
  void close_current() noexcept;
  void bury(ExitRun& run) noexcept;
  void leave_batch(const ExitRun& run) noexcept;
  void drop_if_done(ExitBatch& batch) noexcept;
  static void drop(ExitBatch& batch) noexcept;
  std::unique_ptr<ExitRecord> take(ExitRecord& record) noexcept;
  std::unique_ptr<ExitRecord> take_newest_of(ExitRun& run, std::unique_ptr<ExitRun>& done, bool& entered) noexcept;

  Lock mutex_;
  ExitOwners owners_;
  RegistrationCount count_;
  ExitRun* current_ = nullptr;  // the last one that was entered in the C library's list, while it is in there
  std::uint64_t count_with_current_ = 0;
  ExitBatch* open_batch_ = nullptr;
  std::uint32_t live_run_count_ = 0;
};

// Never destroyed: threads and exit handlers may ask for it to the last.
ExitHandlers& exits() { return lasting<ExitHandlers>(); }

// While a handler runs: the lock is given up, and the owner stays.
class ExitHandlers::Running {
 public:
  Running(std::unique_lock<Lock>& lock, ExitOwner& owner) : lock_(lock), owner_(owner) {
    ++owner_.running_count;
    lock_.unlock();
  }
  ~Running() {
    lock_.lock();
    --owner_.running_count;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  std::unique_lock<Lock>& lock_;
  ExitOwner& owner_;
};

ENFOLD_CALLS_LINKED_CODE void call(std::unique_ptr<ExitRecord> record) {
  const auto function = record->function;
  void* const argument = record->argument;
  record.reset();  // a handler need not return
  function(argument);
}

// ---- Registering

bool ExitHandlers::add(void (*function)(void*), void* argument, void* handle) noexcept {
  find_count();
  Supplies supplies;
  if (!supply(supplies.record)) return false;
  supplies.record->function = function;
  supplies.record->argument = argument;
  for (;;) {
    Outcome outcome{};
    {
      const std::scoped_lock lock(mutex_);
      outcome = try_add(supplies, handle);
    }
    if (outcome == Outcome::kDone) break;
    if (outcome == Outcome::kFailed) return false;
    if (outcome == Outcome::kNeedsOwner && !supply(supplies.owner)) return false;
    if (outcome == Outcome::kNeedsRun && !(supply(supplies.run) && supply(supplies.batch))) return false;
  }
  fit_buckets();
  return true;
}

ExitHandlers::Outcome ExitHandlers::try_add(Supplies& supplies, void* handle) noexcept {
  ExitOwner* owner = owners_.find(handle);
  if (owner == nullptr && !supplies.owner) return Outcome::kNeedsOwner;
  if (!nobody_came_after(current_)) {
    if (!supplies.run || !supplies.batch) return Outcome::kNeedsRun;
    if (!open_run(supplies)) return Outcome::kFailed;
  }
  if (owner == nullptr) {
    supplies.owner->handle = handle;
    owner = &owners_.add(std::move(supplies.owner));
  }
  ExitRecord& record = *supplies.record.release();
  record.owner = owner;
  record.run = current_;
  current_->records.push(record);
  owner->records.push(record);
  return Outcome::kDone;
}

// Puts an entry for the run on top of the C library's list. Somebody else may do so at the same time: then the count is
// one more than what is expected from now on, and the next handler begins a run. Entries that go, go before: the C
// library uses places again only if none above them is in use.
bool ExitHandlers::enter(ExitRun& run) noexcept {
  if (current_ != &run) close_current();
  const std::uint64_t before = count_.known() ? count_.now() : 0;
  if (__cxa_atexit(run_at_exit, &run, run.batch) != 0) return false;
  if (count_.known() && count_.now() == before) count_.forget();
  current_ = &run;
  count_with_current_ = before + 1;
  return true;
}

bool ExitHandlers::open_run(Supplies& supplies) noexcept {
  if (open_batch_ == nullptr) open_batch_ = supplies.batch.release();
  ExitBatch& batch = *open_batch_;
  supplies.run->batch = &batch;
  ++batch.run_count;
  ++batch.live_count;
  if (!enter(*supplies.run)) {
    --batch.run_count;
    --batch.live_count;
    return false;
  }
  static_cast<void>(supplies.run.release());
  ++live_run_count_;
  if (batch.run_count >= std::max(kBatchSize, live_run_count_ / 8)) {
    batch.closed = true;
    open_batch_ = nullptr;
  }
  return true;
}

void ExitHandlers::close_current() noexcept {
  ExitRun* const run = std::exchange(current_, nullptr);
  if (run != nullptr && run->records.empty()) bury(*run);
}

// From here on the C library may delete it at any time.
void ExitHandlers::bury(ExitRun& run) noexcept {
  ExitBatch& batch = *run.batch;
  run.dead.store(true, std::memory_order_release);
  --batch.live_count;
  --live_run_count_;
  drop_if_done(batch);
}

// The run is not in the C library's list any more.
void ExitHandlers::leave_batch(const ExitRun& run) noexcept {
  --run.batch->live_count;
  --live_run_count_;
  drop_if_done(*run.batch);
}

// With what is empty above it, too, so that the places are used again.
void ExitHandlers::drop_if_done(ExitBatch& batch) noexcept {
  if (!batch.closed || batch.live_count != 0) return;
  drop(batch);
  if (current_ != nullptr && current_->records.empty()) close_current();
  if (open_batch_ != nullptr && open_batch_->live_count == 0) drop(*std::exchange(open_batch_, nullptr));
}

void ExitHandlers::drop(ExitBatch& batch) noexcept {
  __cxa_finalize(&batch);  // calls run_at_exit for dead runs
  delete &batch;
}

// The C library's list may be asked for what the count is only while nobody registers there: some attempts fail.
void ExitHandlers::find_count() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (!count_.wanted()) return;
  }
  RegistrationCount::Search search = RegistrationCount::prepare();
  const std::scoped_lock lock(mutex_);
  if (count_.wanted()) count_.find(search);
}

void ExitHandlers::fit_buckets() noexcept {
  std::size_t size = 0;
  {
    const std::scoped_lock lock(mutex_);
    size = owners_.wanted_size();
    if (size == owners_.size()) return;
  }
  ExitOwners::Buckets buckets(new (std::nothrow) ExitOwner*[size]());
  if (!buckets) return;
  const std::scoped_lock lock(mutex_);
  if (owners_.wanted_size() == size) buckets = owners_.resize(std::move(buckets), size);
}

bool ExitHandlers::note_in_c_library(void* handle) noexcept {
  std::unique_ptr<ExitOwner> made;
  if (!supply(made)) return false;
  made->handle = handle;
  const std::scoped_lock lock(mutex_);
  ExitOwner* owner = owners_.find(handle);
  if (owner == nullptr) owner = &owners_.add(std::move(made));
  owner->in_c_library = true;
  return true;
}

// ---- Running

std::unique_ptr<ExitRecord> ExitHandlers::take(ExitRecord& record) noexcept {
  ExitRun& run = *record.run;
  record.owner->records.remove(record);
  run.records.remove(record);
  if (run.records.empty() && &run != current_) bury(run);
  return std::unique_ptr<ExitRecord>(&record);
}

void ExitHandlers::finalize(void* handle) {
  std::unique_ptr<ExitOwner> gone;
  bool in_c_library = false;
  {
    std::unique_lock lock(mutex_);
    ExitOwner* const owner = owners_.find(handle);
    if (owner == nullptr) return;
    while (!owner->records.empty()) {
      std::unique_ptr<ExitRecord> record = take(*owner->records.newest());
      const Running running(lock, *owner);
      call(std::move(record));
    }
    in_c_library = std::exchange(owner->in_c_library, false);
    if (owner->idle()) gone = owners_.remove(*owner);
  }
  if (in_c_library) registered([&] { __cxa_finalize(handle); });
  if (gone) fit_buckets();
}

// The C library has taken the run's entry from its list. `done`: the run, if it has no more. `entered`: it is in the
// list again.
std::unique_ptr<ExitRecord> ExitHandlers::take_newest_of(ExitRun& run, std::unique_ptr<ExitRun>& done,
                                                         bool& entered) noexcept {
  ExitRecord* const record = run.records.newest();
  if (record != nullptr) {
    record->owner->records.remove(*record);
    run.records.remove(*record);
  }
  entered = !run.records.empty() && enter(run);
  if (!entered && current_ == &run) current_ = nullptr;
  if (run.records.empty()) {
    leave_batch(run);
    done.reset(&run);
  }
  return std::unique_ptr<ExitRecord>(record);
}

// Where there is no memory to enter the run anew, the rest of it is run at once.
void ExitHandlers::run_newest_of(ExitRun& run) {
  std::unique_ptr<ExitRun> done;
  bool entered = false;
  while (!done && !entered) {
    std::unique_ptr<ExitOwner> gone;
    std::unique_lock lock(mutex_);
    if (run.dead.load(std::memory_order_relaxed)) return done.reset(&run);
    std::unique_ptr<ExitRecord> record = take_newest_of(run, done, entered);
    if (!record) return;
    ExitOwner& owner = *record->owner;
    {
      const Running running(lock, owner);
      call(std::move(record));
    }
    if (owner.idle()) gone = owners_.remove(owner);
  }
}

// By exit(), by __cxa_finalize(nullptr), or by drop_if_done(), which holds the lock.
void run_at_exit(void* argument) {
  ExitRun& run = *static_cast<ExitRun*>(argument);
  if (run.dead.load(std::memory_order_acquire)) {
    delete &run;
    return;
  }
  const Unregistered others_may_register;
  exits().run_newest_of(run);
}

}  // namespace

int register_exit(void (*function)(void*), void* argument, void* handle) noexcept {
  return exits().add(function, argument, handle) ? 0 : -1;
}

int register_quick_exit(void (*function)(void*), void* handle) noexcept {
  if (!exits().note_in_c_library(handle)) return -1;
  return registered([&] { return __cxa_at_quick_exit(function, handle); });
}

int register_on_exit(void (*function)(int, void*), void* argument) noexcept {
  return registered([&] { return on_exit(function, argument); });
}

int register_fork_handlers(void (*prepare)(), void (*parent)(), void (*child)(), void* handle) noexcept {
  if (!exits().note_in_c_library(handle)) return ENOMEM;
  return registered([&] { return __register_atfork(prepare, parent, child, handle); });
}

void finalize(void* handle) { exits().finalize(handle); }

void finalize_any(void* handle) {
  if (handle != nullptr) exits().finalize(handle);
  registered([&] { __cxa_finalize(handle); });
}

bool is_finalizing(void* handle) noexcept { return exits().is_finalizing(handle); }

}  // namespace enfold::runtime
