// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <random>
#include <thread>

#include "warm_up.h"
#include "workloads.h"

namespace enfold::bench {
namespace {

using Function = long(long, long);

long expected(long a, long b) {
  const long n = a * 3 + b * 5 + (a ^ b) + ((a & 15) << (b & 7)) + ((b & 31) * (a | 1));
  return std::labs(n - 100) + (n >> 3) * (a - b);
}

CALLS_LINKED_CODE void call(void* entry, long a) {
  if (reinterpret_cast<Function*>(entry)(a, 3) != expected(a, 3)) throw Failure("linked code returned something else");
}

Linking link(Peer& peer, const Copies& tiny, std::size_t i) { return peer.link({&tiny.objects[i], 1}, tiny.names[i]); }

void churn(Peer& peer, const Copies& tiny, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) {
    const Linking one = link(peer, tiny, i);
    call(one.entry, static_cast<long>(i));
  }
}

// As `count` sets cost, one.
double each(double whole, std::size_t count) { return whole / static_cast<double>(count); }
double more(std::uint64_t now, std::uint64_t before) { return static_cast<double>(now) - static_cast<double>(before); }

}  // namespace

Metrics tiny_live(const PeerKind& kind, const Copies& tiny, std::size_t count) {
  const auto peer = kind.make();
  peer->prepare({tiny.objects.data(), count + kWarmUpCount});
  warm_up(*peer, tiny);
  std::vector<Linking> live(count);
  const Footprint before = footprint();
  double cpu_before = processor_microseconds();
  auto start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) live[i] = link(*peer, tiny, i + kWarmUpCount);
  const double link_us = microseconds(start);
  const double link_cpu_us = processor_microseconds() - cpu_before;
  const Footprint after = footprint();
  start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) call(live[i].entry, static_cast<long>(i));
  const double call_us = microseconds(start);
  std::shuffle(live.begin(), live.end(), std::mt19937(7));
  cpu_before = processor_microseconds();
  start = Clock::now();
  for (Linking& one : live) one.code.reset();
  const double unload_us = microseconds(start);
  const double unload_cpu_us = processor_microseconds() - cpu_before;
  return {{"sets", static_cast<double>(count)},
          {"link_us", each(link_us, count)},
          {"link_cpu_us", each(link_cpu_us, count)},
          {"first_call_us", each(call_us, count)},
          {"unload_us", each(unload_us, count)},
          {"unload_cpu_us", each(unload_cpu_us, count)},
          {"resident", each(more(after.resident, before.resident), count)},
          {"mappings", more(after.mapping_count, before.mapping_count)},
          {"faults", each(more(after.fault_count, before.fault_count), count)}};
}

Metrics tiny_churn(const PeerKind& kind, const Copies& tiny, std::size_t count) {
  const auto peer = kind.make();
  peer->prepare({tiny.objects.data(), count + kWarmUpCount});
  warm_up(*peer, tiny);
  const Footprint before = footprint();
  const double cpu_before = processor_microseconds();
  const auto start = Clock::now();
  churn(*peer, tiny, kWarmUpCount, count);
  const double us = microseconds(start);
  const double cpu_us = processor_microseconds() - cpu_before;
  const Footprint after = footprint();
  return {{"sets", static_cast<double>(count)},
          {"churn_us", each(us, count)},
          {"churn_cpu_us", each(cpu_us, count)},
          {"faults", each(more(after.fault_count, before.fault_count), count)}};
}

Metrics tiny_link_calls(const PeerKind& kind, const Copies& tiny, std::size_t count) {
  const auto peer = kind.make();
  warm_up(*peer, tiny);
  std::vector<Linking> live(count);
  begin_counted_calls();
  for (std::size_t i = 0; i < count; ++i) live[i] = link(*peer, tiny, i + kWarmUpCount);
  end_counted_calls();
  return {};
}

Metrics tiny_unload_calls(const PeerKind& kind, const Copies& tiny, std::size_t count) {
  const auto peer = kind.make();
  warm_up(*peer, tiny);
  std::vector<Linking> live(count);
  for (std::size_t i = 0; i < count; ++i) live[i] = link(*peer, tiny, i + kWarmUpCount);
  begin_counted_calls();
  for (Linking& one : live) one.code.reset();
  end_counted_calls();
  return {};
}

Metrics tiny_threads(const PeerKind& kind, const Copies& tiny, std::size_t thread_count, std::size_t count) {
  const auto peer = kind.make();
  warm_up(*peer, tiny);
  std::vector<std::exception_ptr> failures(thread_count);
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < thread_count; ++t) {
      threads.emplace_back([&, t] {
        try {
          churn(*peer, tiny, kWarmUpCount + t * count, count);
        } catch (...) {
          failures[t] = std::current_exception();
        }
      });
    }
  }
  const double us = microseconds(start);
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return {{"threads", static_cast<double>(thread_count)}, {"churn_us", each(us, thread_count * count)}};
}

}  // namespace enfold::bench
