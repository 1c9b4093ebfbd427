// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What it costs to show sets to debuggers: COUNT private sets of one object (compiled with -g) are linked, kept, and
// unloaded, in an order that has nothing to do with that of linking; with and without, at several counts. With a number
// of seconds, the last sets stay for as long, for a debugger to attach.
//
//   enfold-bench-debugger OBJECT [COUNT...] [hold=SECONDS]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <enfold/enfold.h>

namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

template <class T>
T must(enfold::Expected<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}

std::uint64_t resident_kib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

void measure(const std::vector<std::byte>& object, std::size_t count, enfold::Debugger debugger, unsigned hold) {
  enfold::SessionOptions options;
  options.debugger = debugger;
  const auto session = must(enfold::Session::create(std::move(options)));
  std::vector<enfold::LinkedSet> sets;
  sets.reserve(count);
  const std::uint64_t before = resident_kib();
  auto start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    enfold::ObjectSet set("set");
    set.options().visibility = enfold::Visibility::kPrivate;
    set.add_bytes(object, "object.o");
    sets.push_back(must(session->link(std::move(set))));
  }
  const double linked = microseconds_since(start) / static_cast<double>(count);
  const std::uint64_t resident = resident_kib() - before;
  if (hold != 0) sleep(hold);
  std::shuffle(sets.begin(), sets.end(), std::mt19937(1));
  start = Clock::now();
  sets.clear();
  const double unloaded = microseconds_since(start) / static_cast<double>(count);
  fmt::print("{:6} sets, {:5} shown: link {:6.2f} us, unload {:6.2f} us, {:6.2f} KiB resident, each\n", count,
             debugger == enfold::Debugger::kNone ? "not" : "", linked, unloaded,
             static_cast<double>(resident) / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print(stderr, "usage: enfold-bench-debugger OBJECT [COUNT...] [hold=SECONDS]\n"), 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  const std::vector<std::byte> object(bytes, bytes + text.size());
  std::vector<std::size_t> counts;
  unsigned hold = 0;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("hold=")) {
      hold = static_cast<unsigned>(std::atoi(argv[i] + 5));
    } else {
      counts.push_back(static_cast<std::size_t>(std::atol(argv[i])));
    }
  }
  if (counts.empty()) counts = {1'000, 10'000};
  for (const std::size_t count : counts) {
    if (hold == 0) measure(object, count, enfold::Debugger::kNone, 0);
    measure(object, count, enfold::Debugger::kWithDebugInformation, hold);
  }
}
