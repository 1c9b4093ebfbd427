// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of its own that links sets, for debuggers and profilers to look at. Its arguments are what it does, in
// order; checkpoint() is called by "stop":
//
//   memory=KIND debugger=none|debug|all profiler=none|map|jitdump   before all others
//   link:NAME:FILE[,FILE...]  linkr:NAME:FILE (replaceable)  replace:NAME:FILE  unload:NAME
//   call:NAME:SYMBOL:N  fork  wait (for a line of standard input)  stop  take:FILE (closes all descriptors, and makes FILE by each number)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

namespace {

[[gnu::noinline]] void checkpoint() { asm volatile("" ::: "memory"); }

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}

template <class T>
T must(enfold::Expected<T> result) {
  if (!result) fail(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

struct Script {
  enfold::SessionOptions options;
  std::unique_ptr<enfold::Session> session;
  std::map<std::string, enfold::LinkedSet> sets;
  std::vector<enfold::LinkedSet> retired;

  bool option(const std::string& word) {
    if (word == "debugger=none") return options.debugger = enfold::Debugger::kNone, true;
    if (word == "debugger=debug") return options.debugger = enfold::Debugger::kWithDebugInformation, true;
    if (word == "debugger=all") return options.debugger = enfold::Debugger::kAll, true;
    if (word == "profiler=map") return options.profiler = enfold::Profiler::kPerfMap, true;
    if (word == "profiler=jitdump") return options.profiler = enfold::Profiler::kJitDump, true;
    if (word == "memory=alias") return memory(enfold::MemoryKind::kAliased);
    if (word == "memory=forced") return memory(enfold::MemoryKind::kForced);
    if (word == "memory=strict") return memory(enfold::MemoryKind::kStrict);
    return false;
  }

  bool memory(enfold::MemoryKind kind) {
    options.memory = must(enfold::make_memory(kind));
    return true;
  }

  enfold::ObjectSet objects(const std::string& name, const std::string& files, bool replaceable) {
    enfold::ObjectSet set(name);
    for (const std::string& file : split(files, ',')) {
      file.ends_with(".a") ? set.add_archive(file, true) : set.add_file(file);
    }
    if (replaceable) set.options().replaceable = enfold::Replaceable::kByOthers;
    set.options().gc_sections = std::getenv("GC_ROOT") != nullptr;
    if (set.options().gc_sections) set.options().roots.emplace_back(std::getenv("GC_ROOT"));
    return set;
  }

  void call(const std::string& name, const std::string& symbol, int argument) {
    const auto function = must(sets.at(name).function<int(int)>(symbol));
    std::printf("%s(%d) = %d\n", symbol.c_str(), argument, function(argument));
    std::fflush(stdout);
  }

  // The child goes on with the rest of the script; its parent waits for it.
  void fork_and_follow() {
    const pid_t child = ::fork();
    if (child == 0) return;
    int status = 0;
    ::waitpid(child, &status, 0);
    std::printf("child %d ended with %d\n", static_cast<int>(child), status);
    std::exit(status == 0 ? 0 : 1);
  }

  void step(const std::vector<std::string>& words) {
    const std::string& what = words.front();
    if (what == "stop") {
      checkpoint();
    } else if (what == "fork") {
      fork_and_follow();
    } else if (what == "take") {
      for (int fd = 3; fd < 64; ++fd) ::close(fd);
      for (int fd = 3; fd < 64; ++fd) ::open(words.at(1).c_str(), O_CREAT | O_RDWR | O_APPEND, 0600);
    } else if (what == "wait") {
      std::printf("waiting\n"), std::fflush(stdout);
      while (std::getchar() != '\n' && !std::feof(stdin)) continue;
    } else if (what == "link" || what == "linkr") {
      sets.insert_or_assign(words.at(1), must(session->link(objects(words[1], words.at(2), what == "linkr"))));
    } else if (what == "replace") {
      retired.push_back(must(session->replace(sets.at(words.at(1)), objects(words[1], words.at(2), true))));
    } else if (what == "unload") {
      must(sets.at(words.at(1)).unload());
    } else if (what == "call") {
      call(words.at(1), words.at(2), std::stoi(words.at(3)));
    } else {
      fail("what is '" + what + "'?");
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  Script script;
  int i = 1;
  while (i < argc && script.option(argv[i])) ++i;
  script.session = must(enfold::Session::create(std::move(script.options)));
  for (; i < argc; ++i) script.step(split(argv[i], ':'));
}
