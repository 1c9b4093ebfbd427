// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_CHILD_H_
#define ENFOLD_BENCH_PEERS_CHILD_H_

// Each measurement runs in a process of its own, forked from one that holds the objects and has linked nothing: all
// linkers start from the same state, and one that crashes, exits or does not come back costs only its own figure.
#include <functional>
#include <string>

#include "measure.h"

namespace enfold::bench {

inline constexpr long kFirstMark = 1'000'001, kLastMark = 1'000'002;

struct Outcome {
  Metrics metrics;
  std::string error;  // what it said, or what became of it; empty when all went well
};

using Work = std::function<Metrics()>;

Outcome run_in_child(const Work& work, int seconds);

// The system calls that `work` makes between begin_counted_calls() and end_counted_calls(), seen by tracing it; not the
// ones of processes and threads that it starts. Its times mean nothing.
Outcome count_calls(const Work& work, int seconds);

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_CHILD_H_
