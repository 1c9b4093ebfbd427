// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_MEASURE_H_
#define ENFOLD_BENCH_PEERS_MEASURE_H_

// Clocks and the kernel's counts of this process.
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace enfold::bench {

using Clock = std::chrono::steady_clock;

inline double microseconds(Clock::time_point from) {
  return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
}

// Processor time of this process and of the children it waited for: what elapsed time would be on an idle processor.
double processor_microseconds();

// What a measurement found, by name, in the order found.
using Metrics = std::vector<std::pair<std::string, double>>;

// Bytes of memory, page faults and mappings of the process, and the most memory that a child of it had.
struct Footprint {
  std::uint64_t resident = 0, fault_count = 0, mapping_count = 0, child_peak = 0;
};
Footprint footprint();

std::uint64_t peak_resident();  // since reset_peak()
void reset_peak();

// Around what a tracing parent counts the system calls of; see count_calls().
void begin_counted_calls();
void end_counted_calls();

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_MEASURE_H_
