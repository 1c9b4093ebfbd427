// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "totals.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

namespace tool {
namespace {

using enfold::PlannedSegment;

std::uint64_t align_up(std::uint64_t n, std::uint64_t alignment) { return (n + alignment - 1) & ~(alignment - 1); }

// One segment after another, as they would lie.
std::uint64_t own_pages(const std::vector<PlannedSegment>& segments) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t size = 0, end = 0, pages_end = 0;
  std::optional<enfold::Protection> last;
  for (const PlannedSegment& s : segments) {
    if (s.size == 0) continue;
    if (last && *last != s.protection) end = align_up(end, page);
    last = s.protection;
    const std::uint64_t begin = align_up(end, std::uint64_t{1} << s.p2align);
    end = begin + s.size;
    const std::uint64_t first = std::max(begin & ~(page - 1), pages_end);
    pages_end = align_up(end, page);
    size += pages_end - first;
  }
  return size;
}

}  // namespace

Totals totals_of(const enfold::Plan& plan) {
  Totals t;
  for (const PlannedSegment& s : plan.segments) {
    t.size += s.size;
    t.written_size += s.written_size;
    t.slot_count += s.slot_count;
    t.slot_size += s.slot_size;
    t.stub_count += s.stub_count;
    t.stub_size += s.stub_size;
  }
  t.own_pages_size = own_pages(plan.segments);
  return t;
}

}  // namespace tool
