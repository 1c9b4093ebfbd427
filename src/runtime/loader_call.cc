// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/loader_call.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "fork.h"

namespace enfold::runtime {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(200);
constexpr auto kStep = std::chrono::microseconds(50);

constinit thread_local unsigned depth = 0;

class Calls final : private ForkAware {
 public:
  Calls() { enlist(*this, ForkOrder::kRuntime); }

  void begin() {
    for (;;) {
      count_.fetch_add(1);
      if (!forking_.load()) return;
      end();
      forking_.wait(true);
    }
  }
  void end() { count_.fetch_sub(1); }
  bool are_lost() const { return lost_; }

 private:
  static unsigned own() { return depth != 0 ? 1 : 0; }

  // Sequentially consistent, as is begin(): who counts sees the fork, or the fork sees who counts.
  void before_fork() override {
    forking_ = true;
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (count_.load() != own() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kStep);
  }
  void after_fork_in_parent() override {
    forking_ = false;
    forking_.notify_all();
  }
  void after_fork_in_child() override {
    lost_ = lost_ || count_.load() != own();
    count_ = own();
    forking_ = false;
  }

  std::atomic<unsigned> count_{0};  // threads
  std::atomic<bool> forking_{false};
  bool lost_ = false;  // written while the process has one thread
};

}  // namespace

bool is_loader_lost() noexcept { return lasting<Calls>().are_lost(); }

LoaderCall::LoaderCall() {
  if (depth == 0) lasting<Calls>().begin();
  ++depth;
}

LoaderCall::~LoaderCall() {
  if (--depth == 0) lasting<Calls>().end();
}

}  // namespace enfold::runtime
