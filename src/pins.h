// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that must not go while something is under way: a link that binds to them, or their own initialisers. In the
// child of a fork nothing is under way but what its one thread does, so each thread knows its own pins.
#ifndef ENFOLD_PINS_H_
#define ENFOLD_PINS_H_

#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "session_state.h"

namespace enfold {

// Threads: lives on one thread's stack.
class Pins {
 public:
  // Ownership: the state is borrowed.
  explicit Pins(Session::State& state) : state_(state), outer_(std::exchange(innermost_, this)) {}
  Pins(const Pins&) = delete;
  Pins& operator=(const Pins&) = delete;
  // Sets that nobody wants any more are unloaded.
  ~Pins();

  // Once, however often. The caller holds the session's lock, for reading at least.
  void add(SetRecord& set);
  // A set that was pinned when it was published.
  void adopt(const std::shared_ptr<SetRecord>& set);

  // In the child of a fork, with the session's lock held: counts this thread's pins and no others.
  static void recount(Session::State& state);

 private:
  static thread_local constinit Pins* innermost_;

  Session::State& state_;
  Pins* outer_;
  std::vector<std::shared_ptr<SetRecord>> pinned_;
  std::optional<std::unordered_set<const SetRecord*>> known_;  // those, once they are many
};

}  // namespace enfold

#endif  // ENFOLD_PINS_H_
