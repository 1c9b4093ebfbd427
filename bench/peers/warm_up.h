// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_WARM_UP_H_
#define ENFOLD_BENCH_PEERS_WARM_UP_H_

#include "objects.h"
#include "peer.h"

// Linked code has no type that UndefinedBehaviorSanitizer's check of indirect calls could know.
#if defined(__clang__)
#define CALLS_LINKED_CODE [[clang::no_sanitize("function")]]
#else
#define CALLS_LINKED_CODE
#endif

namespace enfold::bench {

// The first copies of a tiny object are for this.
inline constexpr std::size_t kWarmUpCount = 4;

inline void warm_up(Peer& peer, const Copies& tiny) {
  for (std::size_t i = 0; i < kWarmUpCount; ++i) peer.link({&tiny.objects[i], 1}, tiny.names[i]);
}

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_WARM_UP_H_
