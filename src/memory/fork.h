// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fork(2) copies one thread and all locks, held or not. Whoever is enlisted here is told before a fork, so that it can
// bring itself to rest with its locks held, and after it in both processes.
//
// The handlers are registered with pthread_atfork once, when the first one enlists: at the latest when a memory
// provider is made. Handlers that run before a fork run in the reverse order of their registration. A layer above that
// locks first and then calls a provider has to register its own handlers later, hence after it has its provider: then
// its locks are taken before the provider's, as everywhere else.
//
// _Fork(), vfork() and a raw clone() run no handlers. Before an exec() that does no harm; a child of theirs that goes
// on must neither link nor unload, and shares with its parent what a provider of MemoryKind::kAliased writes.
#ifndef ENFOLD_MEMORY_FORK_H_
#define ENFOLD_MEMORY_FORK_H_

namespace enfold::memory {

class ForkAware {
 public:
  virtual void before_fork() = 0;
  virtual void after_fork_in_parent() = 0;
  virtual void after_fork_in_child() = 0;

 protected:
  ~ForkAware() = default;
};

// Ownership: borrowed until delist().
// Threads: callable from several at once; a fork waits, and is waited for.
void enlist(ForkAware& who);
void delist(ForkAware& who);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_FORK_H_
