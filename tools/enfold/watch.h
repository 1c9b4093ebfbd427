// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `enfold run --watch`: the program runs, and whenever one of its files changes, a new version of it takes the running
// one's place. A thread watches the files, reads and compiles them; another one links (replacer.h). The program's
// process stays the program's: the watching thread has descriptors, signals and (no) children apart from it.
#ifndef ENFOLD_TOOL_WATCH_H_
#define ENFOLD_TOOL_WATCH_H_

#include <chrono>
#include <condition_variable>
#include <expected>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arguments.h"
#include "compile_service.h"
#include "file_watch.h"
#include "prepare.h"
#include "replacer.h"

namespace tool {

// Never destroyed: its thread ends with the process.
class Watch {
 public:
  // Ownership: borrowed for ever.
  explicit Watch(const Arguments& arguments);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Watches from here on: before the files are read.
  std::expected<void, std::string> start();
  // Has `replacer` replace what was linked of `contents`.
  void serve(Replacer& replacer, Contents contents);

 private:
  void run(std::optional<std::string>& failure);
  std::optional<FileWatch> open_files(std::string& failure) const;
  void follow(FileWatch& files);
  void relink();
  std::optional<std::string> refresh();
  std::optional<std::string> compile_changed();
  std::string changed_names() const;
  void say(const std::string& text) const;

  const LinkArguments& arguments_;
  const bool stats_;
  const CompileService compiler_;
  std::vector<std::size_t> inputs_;  // those that are watched

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  Replacer* replacer_ = nullptr;
  Contents running_, newest_;
  std::set<std::size_t> stale_;  // inputs that have changed and are not in newest_ yet
  unsigned version_ = 1;
};

}  // namespace tool

#endif  // ENFOLD_TOOL_WATCH_H_
