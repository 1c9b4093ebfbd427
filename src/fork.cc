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

// Never destroyed: a fork may come while the process ends.
constinit std::mutex registry_mutex;
constinit std::vector<Member>* registry = nullptr;  // by order, then by age; made with the first
constinit std::mutex making_mutex;
constinit thread_local unsigned making_depth = 0;

void before_fork() {
  if (making_depth == 0) making_mutex.lock();
  registry_mutex.lock();
  if (registry == nullptr) return;
  for (const Member& member : *registry) member.who->before_fork();
}

void after_fork_in_parent() {
  if (registry != nullptr) {
    for (const Member& member : *registry | std::views::reverse) member.who->after_fork_in_parent();
  }
  registry_mutex.unlock();
  if (making_depth == 0) making_mutex.unlock();
}

void after_fork_in_child() {
  if (registry != nullptr) {
    for (const Member& member : *registry | std::views::reverse) member.who->after_fork_in_child();
  }
  registry_mutex.unlock();
  if (making_depth == 0) making_mutex.unlock();
}

// Before main(). Fails for want of memory only, and then the process is past linking.
[[maybe_unused]] const int registered = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);

}  // namespace

Making::Making() {
  if (making_depth++ == 0) making_mutex.lock();
}

Making::~Making() {
  if (--making_depth == 0) making_mutex.unlock();
}

void enlist(ForkAware& who, ForkOrder order) {
  const std::scoped_lock lock(registry_mutex);
  if (registry == nullptr) registry = new std::vector<Member>;
  registry->insert(std::ranges::upper_bound(*registry, order, {}, &Member::order), {&who, order});
}

void delist(ForkAware& who) {
  const std::scoped_lock lock(registry_mutex);
  std::erase_if(*registry, [&](const Member& member) { return member.who == &who; });
}

}  // namespace enfold
