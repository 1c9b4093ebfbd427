// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold beside other ways to get objects running, in one run:
//
//   enfold-bench-peers --objects DIR [--out FILE] [--rounds N] [--seconds N] [--workloads A,B] [--peers A,B]
//
// DIR is what generate.py made. Each round measures every linker once before the next round begins, so that what else
// the machine does meets all of them alike. FILE gets a JSON object a line: workload, peer, round, and its metrics or
// its error. A linker that fails, crashes or takes longer than the limit is not asked again, nor for more sections; one
// that takes a quarter of the limit is asked twice.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "child.h"
#include "peer.h"
#include "workloads.h"

namespace enfold::bench {

std::vector<PeerKind> all_kinds() {
  std::vector<PeerKind> all;
  for (const auto& some : {enfold_kinds(), orc_kinds(), jitlink_kinds(), runtime_dyld_kinds(), external_kinds(),
                           ENFOLD_BENCH_TCC copy_kinds(), floor_kinds()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

namespace {

constexpr std::size_t kLive = 10'000, kChurn = 2000, kCounted = 200, kThreads = 8, kPerThread = 500;
constexpr std::size_t kProcesses = 10;  // for linkers that are processes

struct Arguments {
  std::string objects = "build/bench-objects", out;
  int rounds = 5, seconds = 12;
  std::set<std::string> workloads, peers;  // empty: all
};

std::set<std::string> split(const std::string& text) {
  std::set<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) words.insert(word);
  return words;
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view word = argv[i];
    const char* const value = argv[i + 1];
    if (word == "--objects")
      arguments.objects = value;
    else if (word == "--out")
      arguments.out = value;
    else if (word == "--rounds")
      arguments.rounds = std::max(1, std::atoi(value));
    else if (word == "--seconds")
      arguments.seconds = std::max(1, std::atoi(value));
    else if (word == "--workloads")
      arguments.workloads = split(value);
    else if (word == "--peers")
      arguments.peers = split(value);
    else
      std::exit((std::fprintf(stderr, "enfold-bench-peers: unknown option %s\n", argv[i]), 2));
  }
  return arguments;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result;
}

// "sections" of "sections-4000", which who fails at 2000 is not asked for; else the workload itself.
std::string family(const std::string& workload) { return workload.starts_with("sections-") ? "sections" : workload; }

// A measurement of one linker. Some say that there is nothing to measure.
using Measure = std::function<Metrics(const PeerKind&)>;
using Applies = std::function<bool(const PeerKind&)>;

class Run {
 public:
  explicit Run(Arguments arguments)
      : arguments_(std::move(arguments)),
        out_(arguments_.out.empty() ? stdout : std::fopen(arguments_.out.c_str(), "w")) {
    if (!out_) std::exit((std::perror(arguments_.out.c_str()), 1));
  }
  ~Run() { std::fclose(out_); }

  const Arguments& arguments() const { return arguments_; }
  bool wanted(const std::string& workload) const {
    return arguments_.workloads.empty() || arguments_.workloads.contains(workload) ||
           arguments_.workloads.contains(family(workload));
  }

  // All linkers, so many rounds. The one that begins is another each time.
  void measure(const std::string& workload, int rounds, const Measure& measure, const Applies& applies) {
    const std::vector<PeerKind> kinds = all_kinds();
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        const PeerKind& kind = kinds[(i + static_cast<std::size_t>(round) * 5) % kinds.size()];
        if (!arguments_.peers.empty() && !arguments_.peers.contains(kind.name)) continue;
        if (!applies(kind) || failed_.contains({family(workload), kind.name})) continue;
        if (round > 1 && slow_.contains({workload, kind.name})) continue;
        const auto start = Clock::now();
        record(workload, kind.name, round, run_in_child([&] { return measure(kind); }, arguments_.seconds));
        if (microseconds(start) > 1e6 * arguments_.seconds / 4) slow_.insert({workload, kind.name});
      }
    }
  }
  void count(const std::string& workload, const Measure& measure, const Applies& applies) {
    for (const PeerKind& kind : all_kinds()) {
      if (!arguments_.peers.empty() && !arguments_.peers.contains(kind.name)) continue;
      if (applies(kind)) record(workload, kind.name, 0, count_calls([&] { return measure(kind); }, arguments_.seconds));
    }
  }
  void record(const std::string& workload, const std::string& peer, int round, const Outcome& outcome) {
    std::fprintf(out_, R"({"workload": "%s", "peer": "%s", "round": %d)", workload.c_str(), peer.c_str(), round);
    if (!outcome.error.empty()) {
      failed_.insert({family(workload), peer});
      std::fprintf(out_, R"(, "error": "%s")", escaped(outcome.error).c_str());
    }
    std::fprintf(out_, R"(, "metrics": {)");
    const char* comma = "";
    for (const auto& [name, value] : outcome.metrics) {
      std::fprintf(out_, R"(%s"%s": %.10g)", std::exchange(comma, ", "), name.c_str(), value);
    }
    std::fprintf(out_, "}}\n");
    std::fflush(out_);
  }

 private:
  Arguments arguments_;
  std::FILE* out_;
  std::set<std::pair<std::string, std::string>> failed_, slow_;
};

bool runs_code(const PeerKind& kind) { return kind.runs_code; }
bool in_this_process(const PeerKind& kind) { return kind.runs_code && !kind.is_process; }
bool in_threads(const PeerKind& kind) { return in_this_process(kind) && kind.takes_threads; }
bool unwinds(const PeerKind& kind) { return kind.runs_code && kind.unwinds; }
bool any(const PeerKind&) { return true; }

void run_tiny(Run& run, const Copies& tiny) {
  const int rounds = run.arguments().rounds;
  if (run.wanted("tiny")) {
    run.measure(
        "tiny-live", rounds,
        [&](const PeerKind& kind) { return tiny_live(kind, tiny, kind.is_process ? kProcesses : kLive); }, runs_code);
    run.measure(
        "tiny-churn", rounds,
        [&](const PeerKind& kind) { return tiny_churn(kind, tiny, kind.is_process ? kProcesses : kChurn); }, runs_code);
    run.count(
        "tiny-link-calls", [&](const PeerKind& kind) { return tiny_link_calls(kind, tiny, kCounted); },
        in_this_process);
    run.count(
        "tiny-unload-calls", [&](const PeerKind& kind) { return tiny_unload_calls(kind, tiny, kCounted); },
        in_this_process);
  }
  if (run.wanted("threads")) {
    run.measure(
        "threads", rounds, [&](const PeerKind& kind) { return tiny_threads(kind, tiny, kThreads, kPerThread); },
        in_threads);
  }
}

void run_whole(Run& run, const Copies& tiny, const std::string& workload, int rounds, const Applies& applies) {
  if (!run.wanted(workload)) return;
  const Program program = load_program(run.arguments().objects, workload);
  run.measure(
      workload, rounds, [&](const PeerKind& kind) { return whole(kind, tiny, program); }, applies);
  if (family(workload) != workload) return;
  for (int round = 0; round < rounds; ++round) {
    run.record(workload + "-passes", "enfold", round,
               run_in_child([&] { return passes(program); }, run.arguments().seconds));
  }
}

int run_all(Run& run) {
  const std::string& directory = run.arguments().objects;
  const int rounds = run.arguments().rounds;
  const Copies tiny = make_copies(load_program(directory, "tiny"), kLive + 10);
  run_tiny(run, tiny);
  for (const char* workload : {"generated", "sqlite", "sqlite-sections", "lua"}) {
    run_whole(run, tiny, workload, rounds, any);
  }
  run_whole(run, tiny, "llvm", std::min(rounds, 5), any);
  if (run.wanted("throws")) {
    const Copies throwers = make_copies(load_program(directory, "thrower"), kLive);
    run.measure(
        "throws", std::min(rounds, 3),
        [&](const PeerKind& kind) { return throws(kind, throwers, kind.is_process ? kProcesses : kLive); }, unwinds);
  }
  if (run.wanted("calls")) {
    const Program program = load_program(directory, "calls");
    run.measure(
        "calls", rounds, [&](const PeerKind& kind) { return calls(kind, program); }, runs_code);
  }
  for (const char* count : {"1000", "2000", "4000", "8000", "16000", "32000", "64000"}) {
    run_whole(run, tiny, std::string("sections-") + count, std::min(rounds, 3), runs_code);
  }
  return 0;
}

}  // namespace
}  // namespace enfold::bench

int main(int argc, char** argv) {
  enfold::bench::Run run(enfold::bench::parse(argc, argv));
  try {
    return enfold::bench::run_all(run);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "enfold-bench-peers: error: %s\n", error.what());
    return 1;
  }
}
