// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_WORKLOADS_H_
#define ENFOLD_BENCH_PEERS_WORKLOADS_H_

// What is measured. Each of these runs in a process of its own, after the linker has linked, called and unloaded
// something small, so that what a process pays once is not in the figures.
#include <cstddef>

#include "measure.h"
#include "objects.h"
#include "peer.h"

namespace enfold::bench {

// Units of all metrics: names end in _us (microseconds), _ns, or say what is counted; memory is in bytes.

// `count` copies of a tiny object are linked one by one, called, and unloaded in random order.
Metrics tiny_live(const PeerKind& kind, const Copies& tiny, std::size_t count);
// One at a time is linked, called and unloaded.
Metrics tiny_churn(const PeerKind& kind, const Copies& tiny, std::size_t count);
// The system calls of `count` links, or of as many unloadings; to be traced.
Metrics tiny_link_calls(const PeerKind& kind, const Copies& tiny, std::size_t count);
Metrics tiny_unload_calls(const PeerKind& kind, const Copies& tiny, std::size_t count);
// As tiny_churn, by several threads at once.
Metrics tiny_threads(const PeerKind& kind, const Copies& tiny, std::size_t thread_count, std::size_t count);

// A program is linked, called and unloaded, and linked once more.
Metrics whole(const PeerKind& kind, const Copies& tiny, const Program& program);
// What enfold's passes take of that.
Metrics passes(const Program& program);

// Calls that linked code makes, by what it calls.
Metrics calls(const PeerKind& kind, const Program& program);

// Calls and throws through `count` live copies.
Metrics throws(const PeerKind& kind, const Copies& throwers, std::size_t count);

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_WORKLOADS_H_
