// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "background.h"
#include "status.h"

namespace tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kNamesShown = 3;

// A table of descriptors for this thread alone, with nothing in it but standard error: what the program opens and
// closes and what the watch does are no concern of each other's. Both calls do the first half; sandboxes refuse one or
// other.
bool leave_descriptors() {
  if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_UNSHARE) != 0) {
    if (::unshare(CLONE_FILES) != 0) return false;
    for (int descriptor = 3, end = static_cast<int>(::sysconf(_SC_OPEN_MAX)); descriptor < end; ++descriptor) {
      ::close(descriptor);
    }
  }
  int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0) return false;
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  if (::fcntl(STDERR_FILENO, F_GETFD) < 0) ::dup2(nothing, STDERR_FILENO);
  return true;
}

bool equal(const Contents& a, const Contents& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x == y || (x && y && *x == *y); });
}

}  // namespace

Watch::Watch(const Arguments& arguments)
    : arguments_(arguments.link), stats_(arguments.stats), compiler_(arguments.link.directory) {
  for (std::size_t i = 0; i < arguments_.inputs.size(); ++i) {
    const Input::Kind kind = arguments_.inputs[i].kind;
    if (kind == Input::Kind::kFile || kind == Input::Kind::kSource) inputs_.push_back(i);
  }
}

std::expected<void, std::string> Watch::start() {
  std::optional<std::string> failure;
  auto started = start_background_thread("enfold-watch", [&] { run(failure); });
  if (!started) return started;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ready_; });
  if (failure) return std::unexpected(*failure);
  return {};
}

void Watch::serve(Replacer& replacer, Contents contents) {
  std::unique_lock lock(mutex_);
  running_ = newest_ = std::move(contents);
  replacer_ = &replacer;
  changed_.notify_all();
}

std::optional<FileWatch> Watch::open_files(std::string& failure) const {
  if (!leave_descriptors()) {
    failure = fmt::format("a table of descriptors of its own: {}", std::strerror(errno));
    return std::nullopt;
  }
  std::vector<std::string> paths;
  for (std::size_t i : inputs_) paths.push_back(path_of(arguments_, arguments_.inputs[i].text));
  auto files = FileWatch::open(std::move(paths));
  if (files) return std::move(*files);
  failure = std::move(files).error();
  return std::nullopt;
}

// `failure` is there until `ready_` is set.
void Watch::run(std::optional<std::string>& failure) {
  std::string why;
  std::optional<FileWatch> files = open_files(why);
  std::unique_lock lock(mutex_);
  if (!files) failure = "cannot watch: " + why;
  ready_ = true;
  changed_.notify_all();
  if (!files) return;
  changed_.wait(lock, [&] { return replacer_ != nullptr; });
  lock.unlock();
  follow(*files);
}

void Watch::follow(FileWatch& files) {
  for (;;) {
    std::set<std::size_t> changed = files.wait();
    if (changed.empty()) return say("no more changes can be seen");
    for (std::size_t i : changed) stale_.insert(inputs_[i]);
    relink();
  }
}

std::string Watch::changed_names() const {
  std::vector<std::string> names;
  for (std::size_t i : stale_) names.push_back(arguments_.inputs[i].text);
  std::size_t shown = std::min(names.size(), kNamesShown);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

// What is not there now may be when the next file changes.
void Watch::relink() try {
  Clock::time_point start = Clock::now();
  std::string names = changed_names();
  if (auto error = refresh()) return say("not relinked: " + *error);
  if (equal(newest_, running_)) return say(fmt::format("{}: unchanged (version {})", names, version_));
  auto result = replacer_->replace(newest_);
  if (!result) return;  // the process ends
  if (!*result) return say("not relinked: " + result->error());
  running_ = newest_;
  ++version_;
  auto time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  if (stats_) write_all(STDERR_FILENO, **result);
  say(fmt::format("relinked {} in {} ms (version {})", names, time.count(), version_));
} catch (const std::bad_alloc&) {
  write_all(STDERR_FILENO, "enfold: watch: not relinked: out of memory\n");
}

// Brings what is stale into newest_; what fails stays stale.
std::optional<std::string> Watch::refresh() {
  if (auto error = compile_changed()) return error;
  while (!stale_.empty()) {
    std::size_t i = *stale_.begin();
    auto content = read_content(arguments_, arguments_.inputs[i]);
    if (!content) return std::move(content).error();
    newest_[i] = std::move(*content);
    stale_.erase(stale_.begin());
  }
  return std::nullopt;
}

std::optional<std::string> Watch::compile_changed() {
  std::vector<std::size_t> inputs;
  std::vector<std::string> sources;
  for (std::size_t i : stale_) {
    if (arguments_.inputs[i].kind != Input::Kind::kSource) continue;
    inputs.push_back(i);
    sources.push_back(arguments_.inputs[i].text);
  }
  if (sources.empty()) return std::nullopt;
  auto objects = compiler_.compile(sources, compile_options(arguments_));
  if (!objects) return std::move(objects).error();
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    newest_[inputs[k]] = std::make_shared<const Bytes>(std::move((*objects)[k]));
    stale_.erase(inputs[k]);
  }
  return std::nullopt;
}

void Watch::say(const std::string& text) const {
  write_all(STDERR_FILENO, "enfold: watch: " + printable_lines(text) + "\n");
}

}  // namespace tool
