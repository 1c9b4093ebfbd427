// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `enfold run`: this process becomes the program. Between the last line of run() and the program's first there is
// nothing of ours left that the program could notice: no open file, no handler but those that --explain-crash asks for,
// no blocked signal, no buffered output, and no exception handler on the stack. What must live as long as the program
// (its session and set, its arguments) is never destroyed, so that no destructor of ours runs before the program's own
// at exit.
#include <dlfcn.h>
#include <enfold/enfold.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "explain_crash.h"
#include "library_variables.h"
#include "output.h"
#include "prepare.h"
#include "program_dlopen.h"
#include "progress.h"
#include "render_text.h"
#include "replacer.h"
#include "restart.h"
#include "sanitizers.h"
#include "start.h"
#include "status.h"
#include "watch.h"

namespace tool {
namespace {

using Entry = int(int, char**, char**);

// What the program needs of us until the process ends.
struct Kept {
  int argc = 0;
  char** argv = nullptr;  // as the kernel laid it
  std::unique_ptr<enfold::Session> session;
  std::optional<enfold::LinkedSet> base, set;
  Watch* watch = nullptr;  // with --watch
};

Kept* kept;  // a pointer has no destructor

// Before anything is read or compiled: this may be the last of this process.
void take_arguments(Arguments& arguments) {
  if (!arguments.start.is_programs) {
    start_anew(arguments.start, {.name = arguments.link.name, .program_arguments = arguments.program_arguments});
  }
  become_program(arguments.start, arguments.link.name, arguments.program_arguments.size());
  kept = new Kept;
  kept->argc = arguments.start.argc;
  kept->argv = arguments.start.argv;
}

enfold::HostFunction instead_of(const char* name, auto* function) {
  return {name, enfold::TargetAddr{reinterpret_cast<std::uint64_t>(function)}};
}

// Functions that the program has of us, in place of the C library's.
std::vector<enfold::HostFunction> functions_of_ours(const Arguments& arguments) {
  set_program_origin(arguments.link.name);
  std::vector<enfold::HostFunction> functions{instead_of("dlopen", &program_dlopen)};
  if (arguments.link.replaceable) functions.push_back(instead_of("exit", &exit_when_idle));
  return functions;
}

// Returns where the process lacks nothing, or cannot be started anew.
void start_with_what_lacked(const Arguments& arguments, const enfold::Error& error) {
  if (error.lacks()) restart_with(arguments, *error.lacks());
  std::vector<std::string> sanitizers = sanitizers_to_load(arguments.link, error);
  if (!sanitizers.empty()) restart_with(arguments, {.libraries = std::move(sanitizers)});
  const std::vector<std::string> variables = variables_out_of_reach(error);
  if (!variables.empty()) restart_with(arguments, {}, variables);
}

// Before sources are compiled.
void start_with_sanitizers(const Arguments& arguments) {
  std::vector<std::string> sanitizers = sanitizers_to_load(arguments.link);
  if (!sanitizers.empty()) restart_with(arguments, {.libraries = std::move(sanitizers)});
}

std::uint64_t static_size(const LinkArguments& arguments, const Contents& contents) {
  auto plan = kept->session->plan(make_set(arguments, contents));
  return plan && plan->threads.is_static ? plan->threads.size : 0;
}

// Where more sets than one come to need static storage, the want of it would be noticed when code of the first has run:
// the process is started anew before, where there may be too little.
void start_with_room(const Arguments& arguments, const Contents& contents) {
  constexpr std::uint64_t kEnough = 512;         // there is more, but libraries take of it, too
  constexpr std::uint64_t kVersions = 8;         // that may need blocks of their own
  constexpr std::uint64_t kMostExtra = 1 << 16;  // each thread's stack is shorter by it
  if (arguments.start.static_thread_storage != 0) return;
  if (!arguments.link.replaceable && arguments.link.base.empty()) return;
  std::uint64_t size = static_size(arguments.link, contents);
  if (arguments.link.replaceable) size += std::min(kVersions * size, kMostExtra);
  if (!arguments.link.base.empty()) {
    LinkArguments base = base_arguments(arguments.link);
    if (auto base_contents = read_contents(base)) size += static_size(base, *base_contents);
  }
  if (size > kEnough) restart_with(arguments, {.static_storage = {.size = size, .p2align = 0}});
}

std::expected<enfold::LinkedSet, std::string> link(const Arguments& arguments, Prepared prepared) {
  ProgressLine progress;
  enfold::SessionOptions options;
  options.runtime = enfold::make_process_runtime(functions_of_ours(arguments));
  options.argc = kept->argc;
  options.argv = kept->argv;
  options.list_data = true;  // of sets that are no shared objects
  options.detail = arguments.link.map_path ? enfold::Detail::kSections : enfold::Detail::kSummary;
  if (arguments.explain_crash) options.symbols = enfold::SymbolDetail::kAll;
  if (!arguments.link.replaceable)
    options.progress = [&](auto pass, auto done, auto total) { progress.update(pass, done, total); };
  auto session = open_session(arguments.link, std::move(options));
  if (!session) return std::unexpected(session.error().text());
  kept->session = std::move(*session);
  if (arguments.explain_crash) explain_crashes(*kept->session);  // initialisers may crash, too
  start_with_room(arguments, prepared.contents);
  auto base = link_base(arguments.link, *kept->session);
  if (!base) {
    start_with_what_lacked(arguments, base.error());
    return std::unexpected(base.error().text());
  }
  kept->base = std::move(*base);
  if (kept->base) prepared.set.share_with(*kept->base);
  reset_processor_state();
  errno = 0;
  auto linked = kept->session->link(std::move(prepared.set));
  if (linked) return std::move(*linked);
  start_with_what_lacked(arguments, linked.error());
  return std::unexpected(linked.error().text());
}

std::expected<void, std::string> start_watch(const Arguments& arguments) {
  if (!arguments.link.replaceable) return {};
  kept->watch = new Watch(arguments);
  return kept->watch->start();
}

// A program may leave its entry to a library that it names: test frameworks and lexers have a main.
Entry* find_in_libraries(const std::string& entry) {
  void* found = ::dlsym(RTLD_DEFAULT, entry.c_str());
  Dl_info where{}, own{};
  if (found == nullptr || ::dladdr(found, &where) == 0) return nullptr;
  const bool known = ::dladdr(reinterpret_cast<void*>(&find_in_libraries), &own) != 0;
  if (known && own.dli_fbase == where.dli_fbase) return nullptr;  // the tool's own
  return reinterpret_cast<Entry*>(found);
}

// Prints and writes what was asked for, and says where the live set starts.
std::expected<Entry*, std::string> describe(const Arguments& arguments, enfold::LinkedSet& set) {
  if (arguments.stats) write_all(STDERR_FILENO, render_stats(set, kept->session->memory_use()));
  if (arguments.link.map_path) {
    if (auto error = write_file(*arguments.link.map_path, render_map(set.plan()))) return std::unexpected(*error);
  }
  auto entry = set.function<Entry>(arguments.link.entry);
  if (entry) return *entry;
  if (Entry* found = find_in_libraries(arguments.link.entry)) return found;
  return std::unexpected(std::move(entry).error().with_cure("name the program's entry with --entry").text());
}

// The entry of the live set.
std::expected<Entry*, std::string> load(const Arguments& arguments) {
  if (auto started = start_watch(arguments); !started) return std::unexpected(std::move(started).error());
  auto prepared = prepare(arguments.link);
  if (!prepared) return std::unexpected(std::move(prepared).error());
  Contents contents = prepared->contents;
  auto linked = link(arguments, std::move(*prepared));
  if (!linked) return std::unexpected(std::move(linked).error());
  enfold::LinkedSet& set = kept->set.emplace(std::move(*linked));
  auto entry = describe(arguments, set);
  if (kept->watch == nullptr) kept->session->trim();  // the address space is the program's, too
  if (!entry || kept->watch == nullptr) return entry;
  auto* replacer = new Replacer(arguments.link, *kept->session, set, kept->base ? &*kept->base : nullptr);
  if (auto started = replacer->start(); !started) return std::unexpected(std::move(started).error());
  kept->watch->serve(*replacer, std::move(contents));
  return entry;
}

// What the program's initialisers throw does not come here: it ends the process where they are called.
std::expected<Entry*, std::string> load_if_memory_allows(Arguments& arguments) try {
  take_arguments(arguments);
  start_with_sanitizers(arguments);
  return load(arguments);
} catch (const std::bad_alloc&) {
  return std::unexpected(kNoMemory);
}

}  // namespace

int run(Arguments& arguments) {
  auto entry = load_if_memory_allows(arguments);
  if (!entry) return report(entry.error());
  reset_processor_state();
  errno = 0;
  exit_when_idle((*entry)(kept->argc, kept->argv, environ));
}

}  // namespace tool
