// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles sources while the program runs. Children, their signals, the environment, the working directory and the
// dispositions are the program's then, so another enfold process runs the compilers: with what was inherited before the
// program began, and as nobody's child. It sends the objects through a pipe; a second pipe tells it when the program's
// process has ended, however that came about, and then it ends the compilers and cleans up.
#ifndef ENFOLD_TOOL_COMPILE_SERVICE_H_
#define ENFOLD_TOOL_COMPILE_SERVICE_H_

#include <signal.h>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "compile.h"

namespace tool {

class CompileService {
 public:
  // Before the program begins. Sources and flags are relative to `directory`.
  explicit CompileService(std::string directory);

  // As compile() does. Threads: one at a time, with signals blocked.
  std::expected<std::vector<std::vector<std::byte>>, std::string> compile(const std::vector<std::string>& sources,
                                                                          const CompileOptions& options) const;

 private:
  std::string directory_;
  std::vector<std::string> environment_;
  sigset_t mask_{};
  sigset_t not_ignored_{};
};

// The other process: main() of a command line that starts with this word.
inline constexpr std::string_view kCompileServiceWord = "--compile-service";
int serve_compilation(int argc, char** argv);

}  // namespace tool

#endif  // ENFOLD_TOOL_COMPILE_SERVICE_H_
