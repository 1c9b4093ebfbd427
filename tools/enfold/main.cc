// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold: link and run programs without a linked file.
#include <unistd.h>

#include <utility>
#include <variant>

#include "arguments.h"
#include "commands.h"
#include "compile_service.h"
#include "start.h"
#include "status.h"

// No exception handler, here or below: one that leaves the program must find none, and end in std::terminate as it does
// in any process.
int main(int argc, char** argv) {
  tool::Start start = tool::take_start(argc, argv);
  if (!start.words.empty() && start.words[0] == tool::kCompileServiceWord) return tool::serve_compilation(argc, argv);
  auto parsed = tool::parse_arguments(start.words);
  if (const auto* finished = std::get_if<tool::Finished>(&parsed)) {
    if (finished->status != 0) return tool::report(finished->text);
    return tool::write_all(STDOUT_FILENO, finished->text) ? 0 : tool::report("cannot write to standard output");
  }
  auto& arguments = std::get<tool::Arguments>(parsed);
  arguments.start = std::move(start);
  return arguments.command == tool::Command::kRun ? tool::run(arguments) : tool::plan(arguments);
}
