// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/sift.h"

#include <algorithm>

#include "workers.h"

namespace enfold {
namespace {

constexpr std::size_t kObjectsPerRun = 16;

// A relocation takes some 10 ns and comes with 100 to 150 bytes of its object: so much takes longer than a thread does.
constexpr std::uint64_t kWorthOfThread = std::uint64_t{4} << 20;

}  // namespace

unsigned threads_to_sift(const LinkState& link) {
  std::uint64_t size = 0;
  for (const Object& object : link.objects) size += object.file.size();
  return threads_for(size, kWorthOfThread, link.thread_count);
}

std::vector<SiftedObjects> sift_in_parallel(LinkState& link, unsigned thread_count) {
  std::vector<SiftedObjects> runs((link.objects.size() + kObjectsPerRun - 1) / kObjectsPerRun);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].first = index_of<ObjectIndex>(i * kObjectsPerRun);
    runs[i].last = index_of<ObjectIndex>(std::min(link.objects.size(), (i + 1) * kObjectsPerRun));
  }
  link.workers.for_each_part(runs.size(), thread_count, [&](std::size_t i) {
    SiftedObjects& run = runs[i];
    SiftedCount count;
    for (std::uint32_t o = raw(run.first); o < raw(run.last); ++o) {
      sift(link, link.objects[o], count, [&](const Notable& notable) { run.notables.push_back(notable); });
    }
    run.count = count;
  });
  return runs;
}

}  // namespace enfold
