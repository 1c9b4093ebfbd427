// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "child.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

namespace enfold::bench {
namespace {

// What the child leaves behind: a line "NAME VALUE" for each metric, "error TEXT" at its end if there is one, and what
// any linker printed.
struct Files {
  int results = memfd_create("results", 0);
  int output = memfd_create("output", 0);
  ~Files() {
    close(results);
    close(output);
  }
};

std::string contents(int file) {
  std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

// In the child: what linkers print is kept, and time is up after so many seconds.
void prepare_child(const Files& files, int seconds) {
  dup2(files.output, 1);
  dup2(files.output, 2);
  alarm(static_cast<unsigned>(seconds));
}

[[noreturn]] void start_anew(const std::vector<std::string>& arguments) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv("/proc/self/exe", words.data());
  std::perror("execv");
  _exit(1);
}

// What a linker complains of first is what was wrong.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')).substr(0, 300); }

std::string fate(int status, int seconds, const std::string& output) {
  std::string text;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    text = "not done after " + std::to_string(seconds) + " s";
  } else if (WIFSIGNALED(status)) {
    text = std::string("killed: ") + strsignal(WTERMSIG(status));
  } else if (WEXITSTATUS(status) != 0) {
    text = "exited with status " + std::to_string(WEXITSTATUS(status));
  }
  if (!text.empty() && !output.empty()) text += " (" + output + ")";
  return text;
}

Outcome outcome(int status, int seconds, const Files& files) {
  Outcome result;
  std::istringstream lines(contents(files.results));
  std::string name;
  while (lines >> name) {
    if (name == "error") {
      std::getline(lines >> std::ws, result.error, '\0');
      break;
    }
    double value = 0;
    lines >> value;
    result.metrics.emplace_back(name, value);
  }
  const std::string output = first_line(contents(files.output));
  if (const std::string text = fate(status, seconds, output); !text.empty()) {
    result.error = text;
  } else if (!result.error.empty() && !output.empty()) {
    result.error = result.error.substr(0, 300) + " (" + output + ")";
  }
  return result;
}

// Lets a stopped child run to its end, and counts the system calls that it enters between the marks.
int trace(pid_t child, std::uint64_t& count) {
  int status = 0;
  bool entering = false, counting = false;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  long deliver = 0;
  while (ptrace(PTRACE_SYSCALL, child, nullptr, deliver) == 0 && waitpid(child, &status, 0) == child) {
    if (!WIFSTOPPED(status)) return status;
    deliver = 0;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      deliver = WSTOPSIG(status);
      continue;
    }
    entering = !entering;
    if (!entering) continue;
    user_regs_struct registers{};
    ptrace(PTRACE_GETREGS, child, nullptr, &registers);
    const auto number = static_cast<long>(registers.orig_rax);
    if (number == kLastMark) counting = false;
    if (counting) ++count;
    if (number == kFirstMark) counting = true;
  }
  return status;
}

}  // namespace

[[noreturn]] void be_child(const Work& work, int results) {
  std::ostringstream text;
  text.precision(10);
  try {
    for (const auto& [name, value] : work()) text << name << ' ' << value << '\n';
  } catch (const std::exception& error) {
    text << "error " << error.what() << '\n';
  }
  const std::string bytes = text.str();
  const ssize_t written = write(results, bytes.data(), bytes.size());
  _exit(written == static_cast<ssize_t>(bytes.size()) ? 0 : 1);  // no exit handlers: some linkers' crash
}

Outcome run_in_child(std::vector<std::string> arguments, int seconds) {
  const Files files;
  arguments.push_back(std::to_string(files.results));
  const pid_t child = fork();
  if (child == 0) {
    prepare_child(files, seconds);
    start_anew(arguments);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return outcome(status, seconds, files);
}

Outcome count_calls(const Work& work, int seconds) {
  const Files files;
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    prepare_child(files, seconds);
    be_child(work, files.results);
  }
  std::uint64_t count = 0;
  Outcome result = outcome(trace(child, count), seconds, files);
  result.metrics = {{"calls", static_cast<double>(count)}};
  return result;
}

}  // namespace enfold::bench
