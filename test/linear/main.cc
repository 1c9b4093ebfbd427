// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What linear.py measures: enfold-linear instructions [LIST]... | enfold-linear memory [LIST]...
//
// Prints a line "LENGTH LIST" for each measurement, in their order, before it begins: of every list whose name contains
// one of the words. Instructions are counted by valgrind, between entry and exit of enfold_linear_counted(). For
// memory, each measurement is a process of its own, and its line ends with the highest resident size in KiB that it had
// beyond what it began with.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "lists.h"

extern "C" [[gnu::noinline]] void enfold_linear_counted(const enfold::linear::Work& work) {
  work();
  asm volatile("");  // returns here, so that its exit is seen
}

namespace enfold::linear {
namespace {

constexpr std::uint32_t kMemoryScale = 4;  // lists are so many times as long where memory is measured

// KiB; `key` is VmRSS or VmHWM, its highest so far.
long status(std::string_view key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::strtol(line.c_str() + key.size() + 1, nullptr, 10);
  }
  return 0;
}

// Of what is made to be measured, much goes to the heap, and gaps there would serve what is measured.
long memory_of(const List& list, std::uint32_t n) {
  const Work work = list.make(n);
  std::ofstream("/proc/self/clear_refs") << "5";  // Documentation/filesystems/proc.rst: the peak starts again
  const long before = status("VmRSS");
  work();
  return status("VmHWM") - before;
}

void measure_memory(const List& list, std::uint32_t n) {
  std::fflush(stdout);
  const pid_t child = fork();
  require(child >= 0, "no child process");
  if (child == 0) {
    std::printf("%u %s\t%ld\n", n, std::string(list.name).c_str(), memory_of(list, n));
    std::fflush(stdout);
    std::_Exit(0);
  }
  int state = 0;
  waitpid(child, &state, 0);
  require(WIFEXITED(state) && WEXITSTATUS(state) == 0, std::string(list.name) + ": the child failed");
}

void measure_instructions(const List& list, std::uint32_t n) {
  std::printf("%u %s\n", n, std::string(list.name).c_str());
  std::fflush(stdout);
  enfold_linear_counted(list.make(n));
}

int run(std::string_view what, std::span<char*> words) {
  const auto is_asked_for = [&](const List& list) {
    const auto names = [&](const char* word) { return list.name.find(word) != std::string_view::npos; };
    return words.empty() || std::ranges::any_of(words, names);
  };
  const bool memory = what == "memory";
  lists_in_objects().front().make(10)();  // what a process pays once
  for (const auto& lists : {lists_in_objects(), lists_of_tables(), lists_of_files(), lists_of_sets()}) {
    for (const List& list : lists) {
      if (!is_asked_for(list)) continue;
      for (const std::uint32_t times : {1u, 2u, 4u}) {
        if (memory) {
          measure_memory(list, list.least * times * kMemoryScale);
        } else {
          measure_instructions(list, list.least * times);
        }
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace enfold::linear

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: enfold-linear instructions|memory [LIST]...\n"), 2;
  return enfold::linear::run(argv[1], std::span(argv + 2, argv + argc));
}
