// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Links the set given on the command line several times and prints what each pass took (median and fastest, by the
// passes' own timers) and what the link used.
//
//   enfold-bench [--rounds N] [--threads N] [--gc ROOT] FILE...
//
// Inputs are linked with undefined symbols bound to this process; nothing of them is called but initialisers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <enfold/enfold.h>

namespace {

using std::chrono::nanoseconds;

struct Arguments {
  int rounds = 11;
  unsigned threads = 0;
  std::string root;
  std::vector<std::string> files;
};

struct Measured {
  std::vector<std::string> order;
  std::map<std::string, std::vector<nanoseconds>> passes;
  std::vector<nanoseconds> link, unload;
};

[[noreturn]] void fail(const std::string& text) {
  fmt::print(stderr, "enfold-bench: error: {}\n", text);
  std::exit(1);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--rounds" && i + 1 < argc) {
      arguments.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--threads" && i + 1 < argc) {
      arguments.threads = static_cast<unsigned>(std::max(0, std::atoi(argv[++i])));
    } else if (word == "--gc" && i + 1 < argc) {
      arguments.root = argv[++i];
    } else {
      arguments.files.emplace_back(word);
    }
  }
  if (arguments.files.empty()) fail("usage: enfold-bench [--rounds N] [--threads N] [--gc ROOT] FILE...");
  return arguments;
}

enfold::ObjectSet make_set(const Arguments& arguments) {
  enfold::ObjectSet set("bench");
  for (const std::string& file : arguments.files) set.add_file(file);
  set.options().gc_sections = !arguments.root.empty();
  if (!arguments.root.empty()) set.options().roots = {arguments.root};
  return set;
}

nanoseconds since(std::chrono::steady_clock::time_point start) { return std::chrono::steady_clock::now() - start; }

void run_round(enfold::Session& session, const Arguments& arguments, Measured& measured, bool last) {
  auto start = std::chrono::steady_clock::now();
  auto linked = session.link(make_set(arguments));
  if (!linked) fail(linked.error().text());
  measured.link.push_back(since(start));
  for (const enfold::PassTime& pass : linked->plan().passes) {
    auto& times = measured.passes[std::string(pass.pass)];
    if (times.empty()) measured.order.emplace_back(pass.pass);
    times.push_back(pass.time);
  }
  if (last) {
    const enfold::Plan& plan = linked->plan();
    fmt::print("objects {}  sections {}  relocations {}  relaxed {}\n", plan.object_count, plan.section_count,
               plan.relocation_count, plan.relaxed_count);
    for (const enfold::PlannedSegment& s : plan.segments) {
      fmt::print("  {:<12} {:>12} bytes  {:>8} sections  {:>6} slots  {:>6} stubs\n", name(s.protection), s.size,
                 s.section_count, s.slot_count, s.stub_count);
    }
  }
  start = std::chrono::steady_clock::now();
  if (auto gone = linked->unload(); !gone) fail(gone.error().text());
  measured.unload.push_back(since(start));
}

void print_row(std::string_view name, std::vector<nanoseconds> times) {
  std::ranges::sort(times);
  fmt::print("{:<12} {:>12.1f} us median {:>12.1f} us fastest\n", name,
             static_cast<double>(times[times.size() / 2].count()) / 1e3,
             static_cast<double>(times.front().count()) / 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  enfold::SessionOptions options;
  options.detail = enfold::Detail::kSummary;
  options.thread_count = arguments.threads;
  auto session = enfold::Session::create(std::move(options));
  if (!session) fail(session.error().text());
  Measured measured;
  for (int i = 0; i < arguments.rounds; ++i) run_round(**session, arguments, measured, i + 1 == arguments.rounds);
  for (const std::string& pass : measured.order) print_row(pass, measured.passes[pass]);
  print_row("link", measured.link);
  print_row("unload", measured.unload);
}
