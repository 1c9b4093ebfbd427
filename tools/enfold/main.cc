// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold: link and run programs without a linked file.
#include <unistd.h>

#include <variant>

#include "arguments.h"
#include "commands.h"
#include "compile_service.h"
#include "static_tls.h"
#include "status.h"

// No exception handler, here or below: one that leaves the program must find none, and end in std::terminate as it does
// in any process.
int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == tool::kCompileServiceWord) return tool::serve_compilation(argc, argv);
  tool::restore_tunables();
  auto parsed = tool::parse_arguments(argc, argv);
  if (const auto* finished = std::get_if<tool::Finished>(&parsed)) {
    if (finished->status != 0) return tool::report(finished->text);
    return tool::write_all(STDOUT_FILENO, finished->text) ? 0 : tool::report("cannot write to standard output");
  }
  auto& arguments = std::get<tool::Arguments>(parsed);
  arguments.command_line = argv;
  return arguments.command == tool::Command::kRun ? tool::run(arguments) : tool::plan(arguments);
}
