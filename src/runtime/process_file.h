// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file that a process and the child of a fork have each one of. The child's is made when it first has something to
// write: only then is it known that it goes on.
#ifndef ENFOLD_RUNTIME_PROCESS_FILE_H_
#define ENFOLD_RUNTIME_PROCESS_FILE_H_

#include <cerrno>
#include <mutex>
#include <string>
#include <utility>

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "fork.h"
#include "runtime/profiler.h"

namespace enfold::runtime {

// Never destroyed, because forks and the process's end may find it in use.
class ProcessFile : public Profile, private ForkAware {
 public:
  ProcessFile() { enlist(*this, ForkOrder::kRuntime); }

  // Makes the file if this process has none yet.
  Expected<void> open() {
    const std::scoped_lock lock(mutex_);
    return make_current();
  }

  Expected<void> add(std::span<const LinkedFunction> functions) final {
    const std::scoped_lock lock(mutex_);
    if (auto done = make_current(); !done) return done;
    if (functions.empty()) return {};
    if (!is_still_ours()) return std::unexpected(profile_error("write", path_.c_str(), EBADF));
    return append(file_, render(functions), path_.c_str());
  }

 protected:
  ~ProcessFile() = default;

  // A new file for this process; `before` is the parent's after a fork, else -1.
  virtual Expected<int> make(std::string& path, int before) = 0;
  virtual std::string render(std::span<const LinkedFunction> functions) = 0;

  // A program may have closed descriptors that it does not know, and opened a file of its own by that number.
  bool is_still_ours() const {
    struct stat now {};
    return fstat(file_, &now) == 0 && now.st_dev == made_.st_dev && now.st_ino == made_.st_ino;
  }

  bool is_current() const { return file_ >= 0 && process_ == getpid(); }
  int file() const { return file_; }
  const std::string& path() const { return path_; }
  std::mutex& mutex() { return mutex_; }

 private:
  Expected<void> make_current() {
    if (is_current()) return {};
    std::string path;
    const int before = is_still_ours() ? file_ : -1;
    Expected<int> made = make(path, before);
    if (!made) return std::unexpected(std::move(made).error());
    if (before >= 0) close(before);
    file_ = *made;
    path_ = std::move(path);
    process_ = getpid();
    fstat(file_, &made_);
    return {};
  }

  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override { mutex_.unlock(); }

  std::mutex mutex_;
  int file_ = -1;
  pid_t process_ = 0;
  struct stat made_ {};
  std::string path_;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_PROCESS_FILE_H_
