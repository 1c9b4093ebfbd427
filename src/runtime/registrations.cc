// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/registrations.h"

#include "fork.h"

namespace enfold::runtime {
namespace {

class Registrations final : private ForkAware {
 public:
  Registrations() { enlist(*this, ForkOrder::kRuntime); }
  std::mutex mutex;

 private:
  void before_fork() override { mutex.lock(); }
  void after_fork_in_parent() override { mutex.unlock(); }
  void after_fork_in_child() override { mutex.unlock(); }
};

}  // namespace

std::mutex& registrations() {
  return lasting<Registrations>().mutex;
}

}  // namespace enfold::runtime
