// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fork(2) copies one thread and all locks, held or not. Whoever is enlisted here is told before a fork, so that it can
// bring itself to rest with its locks held, and after it in both processes.
//
// Locks are taken in the order in which calls take them: a session's, then the runtime's, then a memory provider's. The
// handlers are registered with pthread_atfork once, when the process starts.
//
// _Fork(), vfork() and a raw clone() run no handlers. Before an exec() that does no harm; a child of theirs that goes
// on must neither link nor unload, and shares with its parent what a provider of MemoryKind::kAliased writes.
#ifndef ENFOLD_FORK_H_
#define ENFOLD_FORK_H_

#include <atomic>
#include <cstdint>

namespace enfold {

enum class ForkOrder : std::uint8_t { kSession, kRuntime, kMemory };

class ForkAware {
 public:
  virtual void before_fork() = 0;
  virtual void after_fork_in_parent() = 0;
  virtual void after_fork_in_child() = 0;

 protected:
  ~ForkAware() = default;
};

// While one lives, its thread makes a lasting object, and a fork waits. They may be nested.
class Making {
 public:
  Making();
  ~Making();
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
};

// The process's one T, made when it is first asked for and never destroyed: threads and exit handlers may ask for it to
// the last. A variable with static storage in a function would not do: a fork in the middle of its making leaves the
// child with a guard that nobody will open.
template <class T>
T& lasting() {
  static constinit std::atomic<T*> made{nullptr};
  T* the = made.load(std::memory_order_acquire);
  if (the == nullptr) {
    const Making making;
    the = made.load(std::memory_order_acquire);
    if (the == nullptr) made.store(the = new T, std::memory_order_release);
  }
  return *the;
}

// Ownership: borrowed until delist().
// Threads: callable from several at once; a fork waits, and is waited for.
void enlist(ForkAware& who, ForkOrder order);
void delist(ForkAware& who);

}  // namespace enfold

#endif  // ENFOLD_FORK_H_
