// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "file_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "background.h"

namespace tool {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kComplete = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr unsigned kGone = IN_MOVE_SELF;
constexpr int kQuiet = 30;            // milliseconds without a change that end a run of them
constexpr int kLongestRun = 20;       // runs of that
constexpr int kLookAgainAfter = 250;  // milliseconds, for a directory that is gone

// Where a file lies under the name that was given, and where a symbolic link leads to.
std::vector<fs::path> places(const std::string& path) {
  std::vector<fs::path> result{path};
  std::error_code error;
  fs::path target = fs::canonical(path, error);
  if (!error && target != result.front()) result.push_back(std::move(target));
  return result;
}

bool is_readable(int descriptor, int timeout) {
  pollfd poll{.fd = descriptor, .events = POLLIN, .revents = 0};
  int n = 0;
  while ((n = ::poll(&poll, 1, timeout)) < 0 && errno == EINTR) {
  }
  return n != 0;
}

// The watch's threads take no signals, and a program whose own threads have all called pthread_exit has none that
// would. Then those that wait come here, and the next ones, too.
void take_signals_of_nobody() {
  if (!are_alone()) return;
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// Waits for changes, or so long, and looks after signals that the process has been sent and nobody takes.
bool has_events(int descriptor, int timeout, int signals) {
  std::array<pollfd, 2> polled{{{.fd = descriptor, .events = POLLIN, .revents = 0},
                                {.fd = signals, .events = POLLIN, .revents = 0}}};
  for (int left = timeout;;) {
    const int n = ::poll(polled.data(), polled.size(), left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || polled[0].revents != 0) return n != 0;
    take_signals_of_nobody();
    if (is_readable(descriptor, kLookAgainAfter)) return true;  // the program may have blocked the signal itself
    if (timeout >= 0) return false;
  }
}

}  // namespace

std::expected<FileWatch, std::string> FileWatch::open(std::vector<std::string> paths) {
  int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor < 0) return std::unexpected(fmt::format("inotify: {}", std::strerror(errno)));
  sigset_t all;
  sigfillset(&all);
  FileWatch watch(descriptor, ::signalfd(-1, &all, SFD_CLOEXEC), std::move(paths));
  watch.find_directories();
  if (!watch.incomplete_) return watch;
  return std::unexpected(fmt::format("a file's directory cannot be watched: {}", std::strerror(errno)));
}

FileWatch::FileWatch(FileWatch&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      signals_(std::exchange(other.signals_, -1)),
      paths_(std::move(other.paths_)),
      directories_(std::move(other.directories_)),
      incomplete_(other.incomplete_) {}

FileWatch::~FileWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (signals_ >= 0) ::close(signals_);
}

// Watches what is not watched yet: at first all, later where links lead to elsewhere and directories are made anew.
// Files of a directory that was found again may have changed.
std::set<std::size_t> FileWatch::find_directories() {
  std::set<std::size_t> found;
  std::map<int, Directory> directories;
  bool again = incomplete_;
  incomplete_ = false;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    for (const fs::path& place : places(paths_[i])) {
      std::string directory = place.parent_path();
      int watch = ::inotify_add_watch(descriptor_, directory.c_str(), kComplete | kGone | IN_ONLYDIR);
      incomplete_ = incomplete_ || watch < 0;
      if (watch < 0) continue;
      if (again && !directories_.contains(watch)) found.insert(i);
      Directory& entry = directories[watch];
      entry.path = std::move(directory);
      entry.files.emplace(place.filename(), i);
    }
  }
  directories_ = std::move(directories);
  return found;
}

std::set<std::size_t> FileWatch::all() const {
  std::set<std::size_t> result;
  for (std::size_t i = 0; i < paths_.size(); ++i) result.insert(i);
  return result;
}

void FileWatch::take(int watch, unsigned mask, const std::string& name, std::set<std::size_t>& changed) {
  if ((mask & IN_Q_OVERFLOW) != 0) changed = all();
  auto directory = directories_.find(watch);
  if (directory == directories_.end()) return;
  if ((mask & kGone) != 0) ::inotify_rm_watch(descriptor_, watch);
  if ((mask & IN_IGNORED) != 0) {
    directories_.erase(directory);
    incomplete_ = true;
    return;
  }
  auto [begin, end] = directory->second.files.equal_range(name);
  for (auto file = begin; file != end; ++file) changed.insert(file->second);
}

// False when there will be none.
bool FileWatch::read_events(std::set<std::size_t>& changed) {
  alignas(inotify_event) std::array<char, 1 << 14> buffer;
  ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  for (ssize_t at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    take(event->wd, event->mask, event->len == 0 ? std::string() : std::string(event->name), changed);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
  return size != 0;
}

std::set<std::size_t> FileWatch::wait() {
  std::set<std::size_t> changed;
  while (changed.empty()) {
    if (has_events(descriptor_, incomplete_ ? kLookAgainAfter : -1, signals_) && !read_events(changed)) return {};
    changed.merge(find_directories());
  }
  for (int run = 0; run < kLongestRun && is_readable(descriptor_, kQuiet); ++run) {
    if (!read_events(changed)) return {};
    changed.merge(find_directories());
  }
  return changed;
}

}  // namespace tool
