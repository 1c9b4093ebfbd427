// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fork.h"

#include <algorithm>
#include <mutex>
#include <ranges>
#include <vector>

#include <pthread.h>

namespace enfold {
namespace {

struct Member {
  ForkAware* who = nullptr;
  ForkOrder order{};
};

struct Registry {
  std::mutex mutex;
  std::vector<Member> members;  // by order, then by age
};

// Never destroyed: a fork may come while the process ends.
Registry& registry() {
  static Registry& the = *new Registry;
  return the;
}

void before_fork() {
  registry().mutex.lock();
  for (const Member& member : registry().members) member.who->before_fork();
}

void after_fork_in_parent() {
  for (const Member& member : registry().members | std::views::reverse) member.who->after_fork_in_parent();
  registry().mutex.unlock();
}

void after_fork_in_child() {
  for (const Member& member : registry().members | std::views::reverse) member.who->after_fork_in_child();
  registry().mutex.unlock();
}

}  // namespace

void enlist(ForkAware& who, ForkOrder order) {
  // Fails for want of memory only, and then the process is past linking.
  static const int registered = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(registered);
  const std::scoped_lock lock(registry().mutex);
  std::vector<Member>& members = registry().members;
  members.insert(std::ranges::upper_bound(members, order, {}, &Member::order), {&who, order});
}

void delist(ForkAware& who) {
  const std::scoped_lock lock(registry().mutex);
  std::erase_if(registry().members, [&](const Member& member) { return member.who == &who; });
}

}  // namespace enfold
