// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold: link and run programs without a linked file.
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <utility>
#include <variant>

#include "arguments.h"
#include "commands.h"
#include "compile_service.h"
#include "start.h"
#include "status.h"

namespace {

// Libraries that this file includes make objects before main(), where nobody can catch what they throw.
[[gnu::constructor(101)]] void expect_want_of_memory() {
  std::set_new_handler([] {
    std::set_new_handler(nullptr);
    std::_Exit(tool::report(tool::kNoMemory));
  });
}

using Parsed = std::variant<tool::Arguments, tool::Finished>;

Parsed parse(tool::Start start) try {
  start.words = tool::with_script_arguments(std::move(start.words));
  Parsed parsed = tool::parse_arguments(start.words);
  if (auto* arguments = std::get_if<tool::Arguments>(&parsed)) arguments->start = std::move(start);
  return parsed;
} catch (const std::bad_alloc&) {
  return tool::Finished{tool::kOwnError, tool::kNoMemory};
}

std::optional<tool::Start> start_of(int argc, char** argv) try {
  return tool::take_start(argc, argv);
} catch (const std::bad_alloc&) {
  return std::nullopt;
}

}  // namespace

// The program runs under no exception handler: one that leaves it must find none, and end in std::terminate as it does
// in any process.
int main(int argc, char** argv) {
  std::set_new_handler(nullptr);
  std::optional<tool::Start> start = start_of(argc, argv);
  if (!start) return tool::report(tool::kNoMemory);
  if (!start->words.empty() && start->words[0] == tool::kCompileServiceWord) {
    return tool::serve_compilation(argc, argv);
  }
  Parsed parsed = parse(std::move(*start));
  if (const auto* finished = std::get_if<tool::Finished>(&parsed)) {
    if (finished->status != 0) return tool::report(finished->text);
    return tool::write_all(STDOUT_FILENO, finished->text) ? 0 : tool::report("cannot write to standard output");
  }
  auto& arguments = std::get<tool::Arguments>(parsed);
  return arguments.command == tool::Command::kRun ? tool::run(arguments) : tool::plan(arguments);
}
