// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/fork.h"

#include <mutex>
#include <vector>

#include <pthread.h>

namespace enfold::memory {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<ForkAware*> members;  // by age
};

// Never destroyed: a fork may come while the process ends.
Registry& registry() {
  static Registry& the = *new Registry;
  return the;
}

void before_fork() {
  registry().mutex.lock();
  for (ForkAware* member : registry().members) member->before_fork();
}

void after_fork_in_parent() {
  for (ForkAware* member : registry().members) member->after_fork_in_parent();
  registry().mutex.unlock();
}

void after_fork_in_child() {
  for (ForkAware* member : registry().members) member->after_fork_in_child();
  registry().mutex.unlock();
}

}  // namespace

void enlist(ForkAware& who) {
  // Fails for want of memory only, and then the process is past linking.
  static const int registered = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(registered);
  const std::scoped_lock lock(registry().mutex);
  registry().members.push_back(&who);
}

void delist(ForkAware& who) {
  const std::scoped_lock lock(registry().mutex);
  std::erase(registry().members, &who);
}

}  // namespace enfold::memory
