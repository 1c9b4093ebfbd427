// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_CHILD_H_
#define ENFOLD_BENCH_PEERS_CHILD_H_

// Each measurement runs in a process of its own, started anew: all linkers begin in the same state, with a heap of
// their own, and one that crashes, exits or does not come back costs only its own figure.
#include <functional>
#include <string>
#include <vector>

#include "measure.h"

namespace enfold::bench {

inline constexpr long kFirstMark = 1'000'001, kLastMark = 1'000'002;

struct Outcome {
  Metrics metrics;
  std::string error;  // what it said, or what became of it; empty when all went well
};

// Starts this program with those arguments and, behind them, the number of the file that it is to leave its metrics in.
Outcome run_in_child(std::vector<std::string> arguments, int seconds);

using Work = std::function<Metrics()>;

// What such a process does: writes down the metrics or the error, and ends.
[[noreturn]] void be_child(const Work& work, int results);

// The system calls that `work` makes between begin_counted_calls() and end_counted_calls(), seen by tracing it; not the
// ones of processes and threads that it starts. Its times mean nothing.
Outcome count_calls(const Work& work, int seconds);

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_CHILD_H_
