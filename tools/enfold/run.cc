// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `enfold run`: this process becomes the program. Between the last line of run() and the program's first there is
// nothing of ours left that the program could notice: no open file, no handler, no blocked signal, no buffered output,
// and no exception handler on the stack. What must live as long as the program (its session and set, its arguments) is
// leaked on purpose, so that no destructor of ours runs before the program's own at exit.
#include <enfold/enfold.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "output.h"
#include "prepare.h"
#include "progress.h"
#include "render_text.h"
#include "status.h"

namespace tool {
namespace {

using Entry = int(int, char**, char**);

// The program's argument vector, as the kernel hands one over: null-terminated, writable, alive until the end.
std::vector<char*>& make_argv(const Arguments& arguments) {
  auto& words = *new std::vector<std::string>(arguments.program_arguments);
  words.insert(words.begin(), arguments.link.name);
  auto& argv = *new std::vector<char*>;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

// What error() and the C library's own messages call the program.
void take_name(char* name) {
  program_invocation_name = name;
  std::string_view path(name);
  program_invocation_short_name = name + (path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

enfold::Expected<enfold::LinkedSet> link(const Arguments& arguments, Prepared prepared, int argc, char** argv) {
  ProgressLine progress;
  enfold::SessionOptions options;
  options.argc = argc;
  options.argv = argv;
  options.detail = arguments.link.map_path ? enfold::Detail::kSections : enfold::Detail::kSummary;
  options.progress = [&](auto pass, auto done, auto total) { progress.update(pass, done, total); };
  auto session = open_session(arguments.link, std::move(options));
  if (!session) return std::unexpected(std::move(session).error());
  return session->release()->link(std::move(prepared.set));
}

// The entry of the live set; the set stays live for good.
std::expected<Entry*, std::string> load(const Arguments& arguments, int argc, char** argv) {
  auto prepared = prepare(arguments.link);
  if (!prepared) return std::unexpected(std::move(prepared).error());
  take_name(argv[0]);
  auto linked = link(arguments, std::move(*prepared), argc, argv);
  if (!linked) return std::unexpected(linked.error().text());
  auto& set = *new enfold::LinkedSet(std::move(*linked));
  if (arguments.stats) write_all(STDERR_FILENO, render_stats(set.plan()));
  if (arguments.link.map_path) {
    if (auto error = write_file(*arguments.link.map_path, render_map(set.plan()))) return std::unexpected(*error);
  }
  auto entry = set.function<Entry>(arguments.link.entry);
  if (!entry) return std::unexpected(std::move(entry).error().with_cure("name the program's entry with --entry").text());
  return *entry;
}

}  // namespace

int run(const Arguments& arguments) {
  std::vector<char*>& argv = make_argv(arguments);
  int argc = static_cast<int>(argv.size()) - 1;
  auto entry = load(arguments, argc, argv.data());
  if (!entry) return report(entry.error());
  errno = 0;
  std::exit((*entry)(argc, argv.data(), environ));
}

}  // namespace tool
