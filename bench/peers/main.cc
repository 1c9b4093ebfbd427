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

constexpr const char* kOne = "--one";  // see measure_one()
constexpr std::size_t kLive = 10'000, kChurn = 2000, kCounted = 200, kThreads = 8, kPerThread = 500;
constexpr std::size_t kProcesses = 10;  // for linkers that are processes, or take few

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
  for (int i = 1; i < argc; i += 2) {
    const std::string_view word = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : "";
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

bool runs_code(const PeerKind& kind) { return kind.runs_code; }
bool in_this_process(const PeerKind& kind) { return kind.runs_code && !kind.is_process; }
bool takes_few(const PeerKind& kind) { return kind.is_process || kind.takes_few; }
bool in_threads(const PeerKind& kind) { return in_this_process(kind) && kind.takes_threads; }
bool unwinds(const PeerKind& kind) { return kind.runs_code && kind.unwinds; }
bool any(const PeerKind&) { return true; }
bool is_enfold(const PeerKind& kind) { return kind.name == "enfold"; }

// A measurement of each linker that it applies to, from the objects in `directory`.
struct Workload {
  std::string name;
  bool (*applies)(const PeerKind& kind) = any;
  std::function<Metrics(const PeerKind& kind, const std::string& directory)> measure;
  int most_rounds = 1000;
  bool counts_calls = false;  // by tracing
  std::string option{};       // that chooses it; empty: its name
};

Copies tiny_copies(const std::string& directory) { return make_copies(load_program(directory, "tiny"), kLive + 10); }

std::size_t live_count(const PeerKind& kind) { return takes_few(kind) ? kProcesses : kLive; }

void add_tiny(std::vector<Workload>& all) {
  all.push_back({.name = "tiny-live",
                 .applies = runs_code,
                 .measure = [](const PeerKind& kind, const std::string& dir) {
                   return tiny_live(kind, tiny_copies(dir), live_count(kind));
                 }});
  all.push_back({.name = "tiny-churn",
                 .applies = runs_code,
                 .measure = [](const PeerKind& kind, const std::string& dir) {
                   return tiny_churn(kind, tiny_copies(dir), takes_few(kind) ? kProcesses : kChurn);
                 }});
  all.push_back({.name = "tiny-link-calls",
                 .applies = in_this_process,
                 .measure = [](const PeerKind& kind,
                               const std::string& dir) { return tiny_link_calls(kind, tiny_copies(dir), kCounted); },
                 .counts_calls = true});
  all.push_back({.name = "tiny-unload-calls",
                 .applies = in_this_process,
                 .measure = [](const PeerKind& kind,
                               const std::string& dir) { return tiny_unload_calls(kind, tiny_copies(dir), kCounted); },
                 .counts_calls = true});
  for (Workload& workload : all) workload.option = "tiny";
  all.push_back({.name = "threads",
                 .applies = in_threads,
                 .measure = [](const PeerKind& kind, const std::string& dir) {
                   return tiny_threads(kind, tiny_copies(dir), kThreads, kPerThread);
                 }});
}

void add_whole(std::vector<Workload>& all, const std::string& name, bool (*applies)(const PeerKind&), int most_rounds,
               const std::string& option) {
  all.push_back({.name = name,
                 .applies = applies,
                 .measure = [name](const PeerKind& kind, const std::string& dir) {
                   return whole(kind, tiny_copies(dir), load_program(dir, name));
                 },
                 .most_rounds = most_rounds,
                 .option = option});
  if (option != name) return;
  all.push_back({.name = name + "-passes",
                 .applies = is_enfold,
                 .measure = [name](const PeerKind&, const std::string& dir) { return passes(load_program(dir, name)); },
                 .most_rounds = most_rounds,
                 .option = option});
}

std::vector<Workload> all_workloads() {
  std::vector<Workload> all;
  add_tiny(all);
  for (const char* name : {"generated", "sqlite", "sqlite-sections", "lua"}) add_whole(all, name, any, 1000, name);
  add_whole(all, "llvm", any, 5, "llvm");
  all.push_back({.name = "throws",
                 .applies = unwinds,
                 .measure = [](const PeerKind& kind, const std::string& dir) {
                   return throws(kind, make_copies(load_program(dir, "thrower"), kLive), live_count(kind));
                 },
                 .most_rounds = 3});
  all.push_back({.name = "calls",
                 .applies = runs_code,
                 .measure = [](const PeerKind& kind,
                               const std::string& dir) { return calls(kind, load_program(dir, "calls")); }});
  for (const char* count : {"1000", "2000", "4000", "8000", "16000", "32000", "64000"}) {
    add_whole(all, std::string("sections-") + count, runs_code, 3, "sections");
  }
  for (Workload& workload : all) {
    if (workload.option.empty()) workload.option = workload.name;
  }
  return all;
}

class Run {
 public:
  explicit Run(Arguments arguments)
      : arguments_(std::move(arguments)),
        out_(arguments_.out.empty() ? stdout : std::fopen(arguments_.out.c_str(), "w")) {
    if (!out_) std::exit((std::perror(arguments_.out.c_str()), 1));
  }
  ~Run() { std::fclose(out_); }

  // All linkers, so many rounds. The one that begins is another each time.
  void measure(const Workload& workload) {
    if (!arguments_.workloads.empty() && !arguments_.workloads.contains(workload.option)) return;
    const std::vector<PeerKind> kinds = all_kinds();
    const int rounds = workload.counts_calls ? 1 : std::min(arguments_.rounds, workload.most_rounds);
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        const PeerKind& kind = kinds[(i + static_cast<std::size_t>(round) * 5) % kinds.size()];
        if (!arguments_.peers.empty() && !arguments_.peers.contains(kind.name)) continue;
        if (!workload.applies(kind) || failed_.contains({workload.option, kind.name})) continue;
        if (round > 1 && slow_.contains({workload.name, kind.name})) continue;
        measure(workload, kind, round);
      }
    }
  }

 private:
  void measure(const Workload& workload, const PeerKind& kind, int round) {
    const auto start = Clock::now();
    if (workload.counts_calls) {
      record(workload, kind.name, round,
             count_calls([&] { return workload.measure(kind, arguments_.objects); }, arguments_.seconds));
    } else {
      const std::vector<std::string> one = {"enfold-bench-peers", kOne, arguments_.objects, workload.name, kind.name};
      record(workload, kind.name, round, run_in_child(one, arguments_.seconds));
    }
    if (microseconds(start) > 1e6 * arguments_.seconds / 4) slow_.insert({workload.name, kind.name});
  }

  void record(const Workload& workload, const std::string& peer, int round, const Outcome& outcome) {
    std::fprintf(out_, R"({"workload": "%s", "peer": "%s", "round": %d)", workload.name.c_str(), peer.c_str(), round);
    if (!outcome.error.empty()) {
      failed_.insert({workload.option, peer});
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

  Arguments arguments_;
  std::FILE* out_;
  std::set<std::pair<std::string, std::string>> failed_, slow_;
};

// The process that measures one workload of one linker: FIRST DIR WORKLOAD PEER FILE
[[noreturn]] void measure_one(char** argv) {
  const std::string directory = argv[2], workload = argv[3], peer = argv[4];
  be_child(
      [&] {
        for (const Workload& one : all_workloads()) {
          if (one.name != workload) continue;
          for (const PeerKind& kind : all_kinds()) {
            if (kind.name == peer) return one.measure(kind, directory);
          }
        }
        throw Failure("there is no such measurement");
      },
      std::atoi(argv[5]));
}

}  // namespace
}  // namespace enfold::bench

int main(int argc, char** argv) {
  if (argc == 6 && std::string_view(argv[1]) == enfold::bench::kOne) enfold::bench::measure_one(argv);
  try {
    enfold::bench::Run run(enfold::bench::parse(argc, argv));
    for (const enfold::bench::Workload& workload : enfold::bench::all_workloads()) run.measure(workload);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "enfold-bench-peers: error: %s\n", error.what());
    return 1;
  }
}
