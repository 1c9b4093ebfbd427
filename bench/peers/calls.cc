// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <limits>

#include "warm_up.h"
#include "workloads.h"

namespace enfold::bench {
namespace {

constexpr long kCalls = 2'000'000;
constexpr int kTries = 5;  // of which the fastest tells: what else the machine did is not the linker's

CALLS_LINKED_CODE double each_ns(void* entry, long kind) {
  double us = std::numeric_limits<double>::max();
  for (int i = 0; i < kTries; ++i) {
    const auto start = Clock::now();
    if (reinterpret_cast<long (*)(long)>(entry)(4 * kCalls + kind) != kCalls) throw Failure("linked code is wrong");
    us = std::min(us, microseconds(start));
  }
  return 1000 * us / kCalls;
}

}  // namespace

Metrics calls(const PeerKind& kind, const Program& program) {
  const auto peer = kind.make();
  peer->prepare(program.objects);
  const Linking linked = peer->link(program.objects, program.entry);
  return {{"own_ns", each_ns(linked.entry, 0)},
          {"other_ns", each_ns(linked.entry, 1)},
          {"library_ns", each_ns(linked.entry, 2)}};
}

}  // namespace enfold::bench
