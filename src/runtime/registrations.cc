// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/registrations.h"

#include <mutex>
#include <utility>

#include "fork.h"

namespace enfold::runtime {
namespace {

constinit thread_local bool held = false;

// A thread that forks while it holds the lock goes on holding it, in both processes.
class Registrations final : private ForkAware {
 public:
  Registrations() { enlist(*this, ForkOrder::kRuntime); }

  void lock() {
    mutex_.lock();
    held = true;
  }
  void unlock() {
    held = false;
    mutex_.unlock();
  }

 private:
  void before_fork() override {
    if (!held) mutex_.lock();
  }
  void after_fork_in_parent() override {
    if (!held) mutex_.unlock();
  }
  void after_fork_in_child() override {
    if (!held) mutex_.unlock();
  }

  std::mutex mutex_;
};

Registrations& registrations() { return lasting<Registrations>(); }

}  // namespace

Registering::Registering() : outermost_(!held) {
  if (outermost_) registrations().lock();
}

Registering::~Registering() {
  if (outermost_) registrations().unlock();
}

Unregistered::Unregistered() : held_(held) {
  if (held_) registrations().unlock();
}

Unregistered::~Unregistered() {
  if (held_) registrations().lock();
}

}  // namespace enfold::runtime
