// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of the memory room share: the process's address map for comparison, and system calls that fail or are
// watched.
#ifndef ENFOLD_TEST_MEMORY_SUPPORT_H_
#define ENFOLD_TEST_MEMORY_SUPPORT_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "memory/address_map.h"
#include "memory/range.h"
#include "memory/system.h"

namespace enfold::memory {

// The process's mappings, less the heap, which the test's own allocations move.
inline std::vector<Mapping> mappings_now() {
  std::string text;
  host_system().read_file("/proc/self/maps", text);
  std::vector<Mapping> mappings = parse_mappings(text);
  std::erase_if(mappings, [](const Mapping& m) { return m.path == "[heap]"; });
  return mappings;
}

inline const Mapping* mapping_at(const std::vector<Mapping>& mappings, std::uint64_t address) {
  const auto at =
      std::ranges::find_if(mappings, [&](const Mapping& m) { return m.range.lo <= address && address < m.range.hi; });
  return at == mappings.end() ? nullptr : &*at;
}

// Whether anything is mapped in `range`.
inline bool anything_in(AddressRange range) {
  return std::ranges::any_of(mappings_now(), [&](const Mapping& m) { return size_of(intersect(m.range, range)) != 0; });
}

inline SegmentRequest segment(Protection protection, std::uint64_t size, std::uint8_t p2align = 0) {
  return {.protection = protection, .size = size, .p2align = p2align};
}

// One of each kind.
inline std::vector<SegmentRequest> image() {
  return {segment(Protection::kReadExecute, 5000, 4), segment(Protection::kRead, 300, 3),
          segment(Protection::kRelro, 64, 3), segment(Protection::kReadWrite, 20000, 5)};
}

// locate() and reserve(), as a link does them.
inline Expected<Block> reserve(MemoryProvider& memory, const Constraint& constraint,
                               const std::vector<SegmentRequest>& segments) {
  std::uint64_t span = 0;
  for (const SegmentRequest& s : segments) span += s.size + (std::uint64_t{1} << s.p2align) + host_system().page_size();
  Expected<AddressRange> within = memory.locate(constraint, span);
  if (!within) return std::unexpected(std::move(within).error());
  return memory.reserve(constraint, *within, segments);
}

inline constexpr Constraint kNearLibraries{.reach = 1ull << 31};
inline constexpr Constraint kLow{.kind = Constraint::Kind::kLow, .reach = 1ull << 31};

// Hands every call on, counts those that change something, and makes chosen ones fail.
class WatchedSystem : public System {
 public:
  int calls = 0;
  int fail_from = 0;        // 1: the first call; 0: none
  int fail_count = 1;       // how many in a row
  int failure = 0;          // the errno value they return
  bool fail_reads = false;  // reading files counts as a call, too

  int map(AddressRange range, int protection, int flags, int file, std::int64_t offset) override {
    if (fails()) return failure;
    return after(host_system().map(range, protection, flags, file, offset));
  }
  int unmap(AddressRange range) override {
    if (fails()) return failure;
    return after(host_system().unmap(range));
  }
  int protect(AddressRange range, int protection) override {
    if (fails()) return failure;
    return after(host_system().protect(range, protection));
  }
  int discard(AddressRange range) override {
    if (fails()) return failure;
    return after(host_system().discard(range));
  }
  int read_file(const char* path, std::string& text) override {
    if (fail_reads && fails()) return failure;
    ++file_reads;
    return host_system().read_file(path, text);
  }
  int limits(Limits& limits) override {
    if (fail_reads && fails()) return failure;
    return host_system().limits(limits);
  }
  std::uint64_t program_break() override { return host_system().program_break(); }
  std::uint64_t page_size() override { return host_system().page_size(); }

  int file_reads = 0;

 protected:
  virtual void changed() {}

 private:
  bool fails() {
    ++calls;
    return fail_from != 0 && calls >= fail_from && calls < fail_from + fail_count;
  }
  int after(int result) {
    changed();
    return result;
  }
};

}  // namespace enfold::memory

#endif  // ENFOLD_TEST_MEMORY_SUPPORT_H_
