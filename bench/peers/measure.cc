// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "measure.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "child.h"

namespace enfold::bench {
namespace {

std::uint64_t kibibytes(const char* file, const std::string& key) {
  std::ifstream stream(file);
  std::string word;
  std::uint64_t value = 0;
  while (stream >> word) {
    if (word == key && stream >> value) return value * 1024;
  }
  return 0;
}

std::uint64_t count_mappings() {
  std::ifstream stream("/proc/self/maps");
  return static_cast<std::uint64_t>(std::count(std::istreambuf_iterator<char>(stream), {}, '\n'));
}

std::uint64_t fault_count() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_minflt);
}

}  // namespace

double processor_microseconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& t : {usage.ru_utime, usage.ru_stime}) {
      sum += static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    }
  }
  return sum;
}

Footprint footprint() {
  Footprint now{.fault_count = fault_count()};
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  now.child_peak = static_cast<std::uint64_t>(children.ru_maxrss) * 1024;
  now.resident = kibibytes("/proc/self/smaps_rollup", "Rss:");
  now.mapping_count = count_mappings();
  return now;
}

std::uint64_t peak_resident() { return kibibytes("/proc/self/status", "VmHWM:"); }

void reset_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

// Numbers that no system call has.
void begin_counted_calls() { syscall(kFirstMark); }
void end_counted_calls() { syscall(kLastMark); }

}  // namespace enfold::bench
