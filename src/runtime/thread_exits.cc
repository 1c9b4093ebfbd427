// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A destructor is registered with the C library's own __cxa_thread_atexit_impl, so that it keeps its place among those
// of the process; but under this library's handle, and in a record of ours that says which set it belongs to. When the
// set goes first, the record stays empty behind in the C library's list, which cannot be taken from. A thread that
// loads and unloads without end would gather such places: from some number on they are used again, last first.
//
// A set that is unloaded with records left in other threads waits: it is out of the session, but its memory, its
// thread-locals and what it depends on stay until the last of those threads has run the last of them.
#include "runtime/thread_exits.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fork.h"
#include "runtime/linked_code.h"

extern "C" {
int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* handle);
extern void* __dso_handle;
}

namespace enfold {
namespace {

// Of one thread, but for `set`, which a fork's child looks at. Without a set: an empty place in the C library's list.
struct ThreadExit {
  void (*destructor)(void*) = nullptr;
  void* object = nullptr;
  std::shared_ptr<SetRecord> set;
  ThreadExit* next = nullptr;  // of the thread's pending ones, the last first; or of its empty places
};

constexpr std::uint32_t kSparePlaces = 256;

// A pointer and a count more than the C library has for a thread; no destructor of its own.
struct ThreadState {
  ThreadExit* pending = nullptr;
  ThreadExit* empty = nullptr;
  std::uint32_t empty_count = 0;
};
constinit thread_local ThreadState own;

class ThreadExits final : private ForkAware {
 public:
  ThreadExits() { enlist(*this, ForkOrder::kRuntime); }

  void add(SetRecord& set) {
    const std::scoped_lock lock(mutex_);
    for (const TargetAddr handle : set.course->handles) sets_.try_emplace(value(handle), &set);
    any_sets_.store(true, std::memory_order_relaxed);
  }

  // Most processes have no such sets, and most sets are none. Who adds a set and who removes it know of each other.
  void remove(SetRecord& set) noexcept {
    if (!any_sets_.load(std::memory_order_relaxed)) return;
    const std::scoped_lock lock(mutex_);
    for (const TargetAddr handle : set.course->handles) {
      const auto found = sets_.find(value(handle));
      if (found != sets_.end() && found->second == &set) sets_.erase(found);
    }
  }

  // The set of a handle, which has one record more.
  std::shared_ptr<SetRecord> count(void* handle) {
    const std::scoped_lock lock(mutex_);
    const auto found = sets_.find(reinterpret_cast<std::uint64_t>(handle));
    if (found == sets_.end()) return nullptr;
    counted_.insert(found->second);
    ++found->second->course->thread_exit_count;
    return found->second->shared_from_this();
  }

  // True when it was the last, and the set waits for it.
  bool discount(SetRecord& set) {
    const std::scoped_lock lock(mutex_);
    if (--set.course->thread_exit_count != 0) return false;
    counted_.erase(&set);
    return set.waiting;
  }

  bool waits(SetRecord& set) {
    const std::scoped_lock lock(mutex_);
    set.waiting = is_awaited(set);
    return set.waiting;
  }

  bool stops_waiting(SetRecord& set) {
    const std::scoped_lock lock(mutex_);
    if (!set.waiting || is_awaited(set)) return false;
    set.waiting = false;
    return true;
  }

  bool any_forsaken() const { return any_forsaken_.load(std::memory_order_relaxed); }

  std::vector<std::shared_ptr<SetRecord>> take_forsaken() {
    if (!any_forsaken()) return {};
    const std::scoped_lock lock(mutex_);
    any_forsaken_ = false;
    return std::exchange(forsaken_, {});
  }

 private:
  static bool has_exits(const SetRecord& set) { return set.course && set.course->thread_exit_count != 0; }

  // Code of users calls the set, and theirs calls theirs. Where there is no memory to look, it is: whichever user goes
  // asks again.
  static bool is_awaited(const SetRecord& set) noexcept try {
    if (set.dependents().empty()) return has_exits(set);
    std::vector<const SetRecord*> todo{&set};
    std::unordered_set<const SetRecord*> seen{&set};
    while (!todo.empty()) {
      const SetRecord* const user = todo.back();
      todo.pop_back();
      if (has_exits(*user)) return true;
      for (const Dependent& dependent : user->dependents()) {
        if (seen.insert(dependent.user).second) todo.push_back(dependent.user);
      }
    }
    return false;
  } catch (const std::bad_alloc&) {
    return true;
  }

  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }

  // Of all records only this thread's will ever run. Sets that are done with cannot be unloaded in here.
  void after_fork_in_child() override {
    for (SetRecord* set : counted_) set->course->thread_exit_count = 0;
    for (const ThreadExit* record = own.pending; record != nullptr; record = record->next) {
      ++record->set->course->thread_exit_count;
    }
    std::erase_if(counted_, [&](SetRecord* set) {
      if (has_exits(*set)) return false;
      if (set->waiting) forsaken_.push_back(set->shared_from_this());
      return true;
    });
    any_forsaken_ = !forsaken_.empty();
    mutex_.unlock();
  }

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, SetRecord*> sets_;  // by handle
  std::atomic<bool> any_sets_{false};                   // ever
  std::unordered_set<SetRecord*> counted_;              // those with records
  std::vector<std::shared_ptr<SetRecord>> forsaken_;
  std::atomic<bool> any_forsaken_{false};  // changes from false while there is one thread
};

ThreadExits& exits() { return lasting<ThreadExits>(); }

ENFOLD_CALLS_LINKED_CODE void call(const ThreadExit& record) noexcept { record.destructor(record.object); }

void unlink(const ThreadExit& record) {
  ThreadExit** link = &own.pending;
  while (*link != &record) link = &(*link)->next;
  *link = record.next;
}

// What the C library calls at the end of the thread.
void run_at_thread_exit(void* argument) {
  const std::unique_ptr<ThreadExit> record(static_cast<ThreadExit*>(argument));
  if (!record->set) {
    ThreadExit** link = &own.empty;
    while (*link != record.get()) link = &(*link)->next;
    *link = record->next;
    --own.empty_count;
    return;
  }
  unlink(*record);
  call(*record);
  if (exits().discount(*record->set)) finish_waiting(std::move(record->set));
}

ThreadExit* take_place() {
  if (own.empty_count <= kSparePlaces) return nullptr;
  --own.empty_count;
  return std::exchange(own.empty, own.empty->next);
}

bool make_place(ThreadExit* record) { return __cxa_thread_atexit_impl(run_at_thread_exit, record, &__dso_handle) == 0; }

}  // namespace

void enlist_thread_exits(SetRecord& set) {
  if (set.course && !set.course->handles.empty()) exits().add(set);
}

void delist_thread_exits(SetRecord& set) noexcept {
  if (set.course && !set.course->handles.empty()) exits().remove(set);
}

void run_thread_exits(SetRecord& set) {
  const auto next = [&] {
    ThreadExit* record = own.pending;
    while (record != nullptr && record->set.get() != &set) record = record->next;
    return record;
  };
  while (ThreadExit* record = next()) {
    unlink(*record);
    call(*record);
    exits().discount(set);  // nobody waits yet
    record->set.reset();
    record->next = std::exchange(own.empty, record);
    ++own.empty_count;
  }
}

bool waits_for_threads(SetRecord& set) { return exits().waits(set); }
bool stops_waiting(SetRecord& set) { return exits().stops_waiting(set); }
std::vector<std::shared_ptr<SetRecord>> take_forsaken() { return exits().take_forsaken(); }
bool any_forsaken() { return exits().any_forsaken(); }

namespace runtime {

// Fails for want of memory only, as the C library's own.
int register_thread_exit(void (*destructor)(void*), void* object, void* handle) noexcept {
  std::shared_ptr<SetRecord> set;
  try {
    set = exits().count(handle);
  } catch (const std::bad_alloc&) {
    return -1;
  }
  if (!set) return __cxa_thread_atexit_impl(destructor, object, handle);
  ThreadExit* record = take_place();
  if (record == nullptr) {
    record = new (std::nothrow) ThreadExit;
    if (record == nullptr || !make_place(record)) {
      delete record;
      if (exits().discount(*set)) finish_waiting(std::move(set));
      return -1;
    }
  }
  record->destructor = destructor;
  record->object = object;
  record->set = std::move(set);
  record->next = std::exchange(own.pending, record);
  return 0;
}

}  // namespace runtime
}  // namespace enfold
