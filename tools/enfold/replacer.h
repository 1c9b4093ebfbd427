// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The thread that puts new versions of a running program's set in the old one's place. It is a thread like the
// program's own, because initialisers of the new version run on it: it shares the program's descriptors, which the
// thread that watches files does not.
//
// The process may end at any time. stop() waits until no replacement is under way and lets none begin, so that exit
// handlers and destructors find the program in one piece.
#ifndef ENFOLD_TOOL_REPLACER_H_
#define ENFOLD_TOOL_REPLACER_H_

#include <enfold/enfold.h>
#include <sys/types.h>

#include <condition_variable>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "arguments.h"
#include "prepare.h"

namespace tool {

// Never destroyed: its thread ends with the process.
class Replacer {
 public:
  // Ownership: all is borrowed for ever. `set` is a handle of its own use from here on.
  Replacer(const LinkArguments& arguments, enfold::Session& session, enfold::LinkedSet& set,
           const enfold::LinkedSet* base);
  Replacer(const Replacer&) = delete;
  Replacer& operator=(const Replacer&) = delete;

  std::expected<void, std::string> start();

  // Links a new version and puts it in place: its statistics. Nothing once stop() was called.
  std::optional<std::expected<std::string, std::string>> replace(const Contents& contents);

  // Any thread, any number of times; in a forked child it does nothing, as there is no such thread.
  void stop();

 private:
  using Result = std::expected<std::string, std::string>;
  void run();
  Result link(const Contents& contents);

  const LinkArguments& arguments_;
  enfold::Session& session_;
  enfold::LinkedSet& set_;
  const enfold::LinkedSet* const base_;
  const pid_t process_;
  std::vector<enfold::LinkedSet> retired_;  // threads may be in their code for ever

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Contents> job_;
  std::optional<Result> result_;
  bool busy_ = false, stopped_ = false;
  std::thread::id thread_;
};

// exit() as the program gets it. Handlers that an unfinished replacement has registered run before any of ours; so the
// replacement has to be over when they begin. Of those who call the C library's exit by other ways, an exit handler
// that was registered in time stops the replacer.
[[noreturn]] void exit_when_idle(int status);

}  // namespace tool

#endif  // ENFOLD_TOOL_REPLACER_H_
