// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One line on a terminal that says what a long link is doing. Nothing is shown of a short one, nor in a log file.
#ifndef ENFOLD_TOOL_PROGRESS_H_
#define ENFOLD_TOOL_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <string_view>

namespace tool {

class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  // `now` is another clock in tests.
  explicit ProgressLine(Clock::time_point (*now)() = Clock::now);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { erase(); }

  // Called by the session. The line is gone while code of the set may run: it may print.
  void update(std::string_view pass, std::size_t done, std::size_t total);
  void erase();

 private:
  Clock::time_point (*now_)();
  bool terminal_;
  std::size_t width_ = 0;  // columns on the screen now
  Clock::time_point next_;
};

}  // namespace tool

#endif  // ENFOLD_TOOL_PROGRESS_H_
