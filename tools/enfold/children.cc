// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "children.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <thread>

namespace tool {
namespace {

// That compilers know: they remove what they have begun.
constexpr int kUsualSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
// The others whose default action is to end the process (signal(7)), but for its own faults and SIGKILL.
constexpr int kOtherSignals[] = {SIGPIPE, SIGALRM, SIGUSR1,   SIGUSR2, SIGVTALRM, SIGPROF,
                                 SIGIO,   SIGPWR,  SIGSTKFLT, SIGXCPU, SIGXFSZ};

bool is_usual(int number) { return std::ranges::find(kUsualSignals, number) != std::end(kUsualSignals); }

// Those that would end this process now.
sigset_t ending_signals(const sigset_t& mask) {
  sigset_t ending;
  sigemptyset(&ending);
  const auto add = [&](int number) {
    struct sigaction action{};
    const bool known = sigaction(number, nullptr, &action) == 0;
    if (known && action.sa_handler == SIG_DFL && sigismember(&mask, number) == 0) sigaddset(&ending, number);
  };
  for (int number : kUsualSignals) add(number);
  for (int number : kOtherSignals) add(number);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) add(number);
  return ending;
}

// The process's environment with one variable set.
std::vector<char*> environment_with(const std::string& variable) {
  std::string_view name(variable.data(), variable.find('=') + 1);
  std::vector<char*> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(name)) result.push_back(*entry);
  }
  result.push_back(const_cast<char*>(variable.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<char*> as_argv(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  return argv;
}

// errno, or 0 and the child's id.
int spawn(const std::vector<std::string>& command, char** environment, const sigset_t& mask, pid_t& child) {
  posix_spawnattr_t attributes;
  if (int error = posix_spawnattr_init(&attributes)) return error;
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &mask);
  std::vector<char*> argv = as_argv(command);
  int error = posix_spawnp(&child, argv[0], nullptr, &attributes, argv.data(), environment);
  posix_spawnattr_destroy(&attributes);
  return error;
}

struct Running {
  std::size_t index;
  pid_t child;
};

ChildEnd decode(int status) {
  if (WIFSIGNALED(status)) return {ChildEnd::Kind::kSignalled, WTERMSIG(status)};
  return {ChildEnd::Kind::kExited, WEXITSTATUS(status)};
}

// Takes note of the children that have ended; true when one of them failed.
bool reap(std::vector<Running>& running, std::vector<ChildEnd>& ends) {
  bool failed = false;
  std::erase_if(running, [&](const Running& r) {
    int status = 0;
    if (waitpid(r.child, &status, WNOHANG) != r.child) return false;
    ends[r.index] = decode(status);
    failed = failed || !ends[r.index].success();
    return true;
  });
  return failed;
}

}  // namespace

SignalBlock::SignalBlock() {
  sigprocmask(SIG_SETMASK, nullptr, &original_mask_);
  blocked_ = ending_signals(original_mask_);
  sigaddset(&blocked_, SIGCHLD);
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;  // where SIGCHLD is ignored, children leave no status
  sigaction(SIGCHLD, &by_default, &original_child_action_);
  sigprocmask(SIG_BLOCK, &blocked_, &original_mask_);
}

SignalBlock::~SignalBlock() {
  sigprocmask(SIG_SETMASK, &original_mask_, nullptr);
  sigaction(SIGCHLD, &original_child_action_, nullptr);
  if (taken_ != 0) raise(taken_);
}

int SignalBlock::wait() {
  int number = sigwaitinfo(&blocked_, nullptr);
  if (number > 0 && number != SIGCHLD) taken_ = number;
  return number;
}

std::vector<ChildEnd> run_children(const std::vector<std::vector<std::string>>& commands, const std::string& variable,
                                   SignalBlock& signals) {
  std::vector<char*> environment = environment_with(variable);
  std::vector<ChildEnd> ends(commands.size());
  std::vector<Running> running;
  std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  bool failed = false;
  for (std::size_t next = 0; !running.empty() || (next < commands.size() && !failed);) {
    if (next < commands.size() && !failed && running.size() < most) {
      pid_t child = 0;
      int error = spawn(commands[next], environment.data(), signals.original_mask(), child);
      if (error == 0) running.push_back({next, child});
      if (error != 0) ends[next] = {ChildEnd::Kind::kNotStarted, error};
      failed = failed || error != 0;
      ++next;
      continue;
    }
    int number = signals.wait();
    if (number > 0 && number != SIGCHLD) {
      for (const Running& r : running) kill(r.child, is_usual(number) ? number : SIGTERM);
    }
    failed = reap(running, ends) || failed || signals.taken() != 0;
  }
  return ends;
}

}  // namespace tool
