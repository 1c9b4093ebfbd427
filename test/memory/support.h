// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of the memory room share: the process's address map for comparison, and system calls that fail or are
// watched.
#ifndef ENFOLD_TEST_MEMORY_SUPPORT_H_
#define ENFOLD_TEST_MEMORY_SUPPORT_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/mman.h>

#include "memory/address_map.h"
#include "memory/range.h"
#include "memory/system.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ENFOLD_TEST_SHADOW_MEMORY 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ENFOLD_TEST_SHADOW_MEMORY 1
#endif

#if defined(__clang__)
#define ENFOLD_TEST_CALLS_RAW_CODE [[clang::no_sanitize("function")]]
#else
#define ENFOLD_TEST_CALLS_RAW_CODE
#endif

namespace enfold::memory {

// A sanitizer maps memory of its own at any time, and more of it than a limit leaves.
#if defined(ENFOLD_TEST_SHADOW_MEMORY)
inline constexpr bool kShadowMemory = true;
#else
inline constexpr bool kShadowMemory = false;
#endif

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

// The same to be compared: nothing where a sanitizer makes comparing futile.
inline std::vector<Mapping> settled_mappings() { return kShadowMemory ? std::vector<Mapping>{} : mappings_now(); }

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
  WatchedSystem() = default;
  WatchedSystem(const WatchedSystem&) = delete;
  WatchedSystem& operator=(const WatchedSystem&) = delete;

  std::atomic<int> calls = 0;
  std::atomic<int> file_reads = 0;
  std::atomic<std::uint64_t> reserved_size = 0;  // mapped and not yet unmapped
  std::atomic<int> open_files = 0;
  int fail_from = 0;        // 1: the first call; 0: none
  int fail_count = 1;       // how many in a row
  int failure = 0;          // the errno value they return
  bool fail_reads = false;  // reading files counts as a call, too

  ~WatchedSystem() override {
    for (const AddressRange& range : lost_) host_system().unmap(range);
  }

  // Bytes that were not unmapped because that call was to fail, and none was made for them again.
  std::uint64_t lost_size() const {
    std::uint64_t size = 0;
    for (const AddressRange& range : lost_) size += size_of(range);
    return size;
  }

  int map(AddressRange range, int protection, int flags, int file, std::int64_t offset) override {
    if (fails()) return failure;
    const int result = host_system().map(range, protection, flags, file, offset);
    if (result == 0 && (flags & MAP_FIXED) == 0) reserved_size += size_of(range);
    return after(result);
  }
  int unmap(AddressRange range) override {
    if (fails()) {
      forget(range);
      lost_.push_back(range);
      return failure;
    }
    if (!lost_.empty()) forget(range);
    const int result = host_system().unmap(range);
    if (result == 0) reserved_size -= size_of(range);
    return after(result);
  }
  int protect(AddressRange range, int protection) override {
    if (fails()) return failure;
    return after(host_system().protect(range, protection));
  }
  int advise(AddressRange range, int advice) override {
    if (fails()) return failure;
    return after(host_system().advise(range, advice));
  }
  int map_anywhere(std::uint64_t size, int protection, int flags, int file, std::uint64_t& address) override {
    if (fails()) return failure;
    const int result = host_system().map_anywhere(size, protection, flags, file, address);
    if (result == 0) reserved_size += size;
    return after(result);
  }
  int move(AddressRange from, std::uint64_t to) override {
    if (fails()) return failure;
    const int result = host_system().move(from, to);
    if (result == 0) reserved_size -= size_of(from);
    return after(result);
  }
  int create_file(const char* name, std::uint64_t size, int& file) override {
    if (fails()) return failure;
    const int result = host_system().create_file(name, size, file);
    if (result == 0) ++open_files;
    return after(result);
  }
  int open_file(const char* path, int flags, int& file) override {
    if (fails()) return failure;
    const int result = host_system().open_file(path, flags, file);
    if (result == 0) ++open_files;
    return after(result);
  }
  void close_file(int file) override {
    --open_files;
    host_system().close_file(file);
  }
  int write_at(int file, std::span<const std::byte> bytes, std::uint64_t offset) override {
    if (fails()) return failure;
    return after(host_system().write_at(file, bytes, offset));
  }
  int process_id() override { return host_system().process_id(); }
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

 protected:
  virtual void changed() {}

 private:
  // `range` is lost no more, or will be listed anew.
  void forget(AddressRange range) {
    std::vector<AddressRange> rest;
    for (const AddressRange& lost : lost_) {
      const AddressRange before{lost.lo, std::min(lost.hi, range.lo)}, behind{std::max(lost.lo, range.hi), lost.hi};
      if (before.lo < before.hi) rest.push_back(before);
      if (behind.lo < behind.hi) rest.push_back(behind);
    }
    lost_ = std::move(rest);
  }

  std::vector<AddressRange> lost_;  // disjoint

  bool fails() {
    const int call = ++calls;
    return fail_from != 0 && call >= fail_from && call < fail_from + fail_count;
  }
  int after(int result) {
    changed();
    return result;
  }
};

}  // namespace enfold::memory

#endif  // ENFOLD_TEST_MEMORY_SUPPORT_H_
