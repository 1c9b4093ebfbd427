// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs compilers as children of a process that must be left as it was found: the program that is linked afterwards
// inherits its signal mask, its dispositions and its (absent) children. So signals are blocked and waited for, never
// handled.
#ifndef ENFOLD_TOOL_CHILDREN_H_
#define ENFOLD_TOOL_CHILDREN_H_

#include <signal.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tool {

// Blocks SIGCHLD and the signals that would end the process. The destructor restores mask and dispositions and then
// raises a signal that was taken meanwhile, so that objects destroyed earlier have cleaned up.
class SignalBlock {
 public:
  SignalBlock();
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;
  ~SignalBlock();

  int wait();  // for any of the blocked signals; all but SIGCHLD are remembered
  int taken() const { return taken_; }
  const sigset_t& original_mask() const { return original_mask_; }

 private:
  sigset_t blocked_{};
  sigset_t original_mask_{};
  struct sigaction original_child_action_{};
  int taken_ = 0;
};

struct ChildEnd {
  enum class Kind : std::uint8_t { kExited, kSignalled, kNotStarted };
  Kind kind = Kind::kExited;
  int value = 0;  // status, signal or errno
  bool success() const { return kind == Kind::kExited && value == 0; }
};

// Runs `commands`, as many at a time as there are processors, with `variable` ("NAME=VALUE") in their environment. After
// a failure no further one is started; those that never were have succeeded. Ends in the order of the commands.
std::vector<ChildEnd> run_children(const std::vector<std::vector<std::string>>& commands, const std::string& variable,
                                   SignalBlock& signals);

}  // namespace tool

#endif  // ENFOLD_TOOL_CHILDREN_H_
