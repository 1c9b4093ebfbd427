// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "background.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t kMost = 8;
std::array<std::atomic<pid_t>, kMost> own_threads;  // those that were started here
std::atomic<std::size_t> own_count;

void note_thread() {
  const std::size_t i = own_count.fetch_add(1);
  if (i < kMost) own_threads[i] = ::gettid();
}

bool is_own(pid_t thread) {
  return std::ranges::any_of(own_threads, [&](const auto& own) { return own == thread; });
}

// "1234 (name) S ...": a main thread that has ended stays until the process does, as a zombie.
bool has_ended(const char* thread) {
  std::array<char, 512> text;
  const std::string path = std::string("/proc/self/task/") + thread + "/stat";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  const std::string_view stat(text.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  const std::size_t name_end = stat.rfind(')');
  return name_end == stat.npos || stat.substr(name_end).starts_with(") Z") || stat.substr(name_end).starts_with(") X");
}

}  // namespace

std::expected<void, std::string> start_background_thread(const char* name, std::function<void()> work) {
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  std::expected<void, std::string> started;
  try {
    std::thread thread([work = std::move(work)] {
      note_thread();
      work();
    });
    pthread_setname_np(thread.native_handle(), name);
    thread.detach();
  } catch (const std::system_error& error) {
    started = std::unexpected(std::string("cannot start a thread: ") + std::strerror(error.code().value()));
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

bool are_alone() {
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return false;
  bool alone = true;
  while (const dirent* entry = ::readdir(tasks)) {
    const pid_t thread = std::atoi(entry->d_name);  // "." and "..": 0
    alone = alone && (thread == 0 || is_own(thread) || has_ended(entry->d_name));
  }
  ::closedir(tasks);
  return alone;
}

}  // namespace tool
