// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "doing.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>

#include <execinfo.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace enfold::storm {
namespace {

constexpr int kShowCallers = SIGUSR2, kMostCallers = 40;

std::string& failure_head() {
  static std::string head;
  return head;
}

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

// It may wait for a lock of the dynamic linker that a hanging thread holds: the watchdog does not wait for it.
void show_callers(int) {
  const int error = errno;
  void* callers[kMostCallers];
  ::backtrace_symbols_fd(callers, ::backtrace(callers, kMostCallers), STDERR_FILENO);
  errno = error;
}

void print(const char* kind, int number, const Doing& doing) {
  const char* what = doing.what;
  if (doing.thread == 0) return;
  std::fprintf(stderr, "%s %d (process %d, thread %d): step %llu, session %d: %s for %lld ms\n", kind, number,
               static_cast<int>(doing.process), static_cast<int>(doing.thread),
               static_cast<unsigned long long>(doing.step), static_cast<int>(doing.place),
               what != nullptr ? what : "nothing", static_cast<long long>(now() - doing.since));
}

void print_callers(const char* kind, int number, const Doing& doing) {
  if (doing.thread == 0 || doing.what == nullptr) return;
  std::fprintf(stderr, "callers of %s %d:\n", kind, number);
  ::syscall(SYS_tgkill, static_cast<pid_t>(doing.process), static_cast<pid_t>(doing.thread), kShowCallers);
  ::usleep(300'000);
}

template <class Function>
void for_each_doing(Function function) {
  for (int i = 0; i < kMostThreads; ++i) {
    function("thread", i, doings().threads[i]);
    function("child of thread", i, doings().children[i]);
  }
}

[[noreturn]] void tell_hang(const char* kind, int number) {
  std::fprintf(stderr, "enfold-storm: hangs: %s: %s %d does not go on\n", failure_head().c_str(), kind, number);
  for_each_doing(print);
  for_each_doing(print_callers);
  for (const Doing& doing : doings().children) {
    if (doing.what != nullptr) ::kill(doing.process, SIGKILL);
  }
  std::_Exit(3);
}

}  // namespace

void Doing::begin(const char* now_what, int now_place) {
  process = ::getpid();
  thread = static_cast<pid_t>(::syscall(SYS_gettid));
  place = now_place;
  since = now();
  what = now_what;
}

Doings& doings() {
  static Doings* const shared = [] {
    void* at = ::mmap(nullptr, sizeof(Doings), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) std::abort();
    return new (at) Doings;
  }();
  return *shared;
}

void set_failure_head(std::string head) { failure_head() = std::move(head); }

void fail(const std::string& what) {
  std::fprintf(stderr, "enfold-storm: wrong: %s: %s\n", failure_head().c_str(), what.c_str());
  for_each_doing(print);
  std::_Exit(1);
}

Watchdog::Watchdog(int patience) {
  void* callers[1];
  ::backtrace(callers, 1);  // which opens a library when it is called first
  struct sigaction action {};
  action.sa_handler = show_callers;
  action.sa_flags = SA_RESTART;
  ::sigaction(kShowCallers, &action, nullptr);
  thread_ = std::thread([this, patience] { watch(patience); });
}

Watchdog::~Watchdog() {
  done_ = true;
  thread_.join();
}

void Watchdog::watch(int patience) {
  sigset_t alarms;
  ::sigemptyset(&alarms);
  ::sigaddset(&alarms, SIGALRM);
  ::pthread_sigmask(SIG_BLOCK, &alarms, nullptr);
  while (!done_) {
    ::usleep(50'000);
    for_each_doing([&](const char* kind, int number, const Doing& doing) {
      const std::int64_t since = doing.since;
      if (doing.what != nullptr && now() - since > std::int64_t{patience} * 1000) tell_hang(kind, number);
    });
  }
}

}  // namespace enfold::storm
