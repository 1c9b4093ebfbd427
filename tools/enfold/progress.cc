// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "status.h"

namespace tool {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(300);  // before anything is shown
constexpr auto kInterval = std::chrono::milliseconds(50);   // between two writes
constexpr std::size_t kWidest = 72;

// Passes in or right after which code of the program may run and print: constructors of its libraries, resolvers of
// indirect functions, its initialisers.
bool may_run_the_program(std::string_view pass) {
  return pass == "libraries" || pass == "seal" || pass == "register" || pass == "initialise";
}

}  // namespace

ProgressLine::ProgressLine(Clock::time_point (*now)())
    : now_(now), terminal_(::isatty(STDERR_FILENO) == 1), next_(now() + kPatience) {}

void ProgressLine::update(std::string_view pass, std::size_t done, std::size_t total) {
  if (may_run_the_program(pass)) return erase();
  if (!terminal_ || now_() < next_) return;
  std::string line = total > 1 ? fmt::format("enfold: {} {}/{}", pass, done, total) : fmt::format("enfold: {}", pass);
  line.resize(std::min(line.size(), kWidest));
  write_all(STDERR_FILENO, fmt::format("\r{:<{}}", line, width_));
  width_ = line.size();
  next_ = now_() + kInterval;
}

void ProgressLine::erase() {
  if (width_ == 0) return;
  write_all(STDERR_FILENO, fmt::format("\r{:{}}\r", "", width_));
  width_ = 0;
}

}  // namespace tool
