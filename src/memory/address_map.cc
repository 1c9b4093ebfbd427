// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/address_map.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include <link.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace enfold::memory {
namespace {

constexpr std::uint64_t kLowest = 64 << 10;           // Linux' default vm.mmap_min_addr
constexpr std::uint64_t kGuard = 1 << 20;             // beside anything; the kernel keeps as much below a stack
constexpr std::uint64_t kHeapRoom = 256 << 20;        // when brk is in the way, malloc turns to mmap
constexpr std::uint64_t kLeastStackRoom = 128 << 20;  // the kernel's own minimum between stack and mappings
constexpr std::uint64_t kMostStackRoom = 1 << 30;     // for "unlimited"
constexpr std::uint64_t kUserSpaceEnd = 1ull << 63;   // no architecture of ours gives user code the upper half

// Takes a number and the character after it off the front of `text`.
template <class Number>
bool take_number(std::string_view& text, int base, char end, Number& number) {
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  const auto size = static_cast<std::size_t>(rest - text.data());
  if (failure != std::errc{} || size >= text.size() || text[size] != end) return false;
  text.remove_prefix(size + 1);
  return true;
}

// Takes a word and the spaces after it off the front of `text`.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.find_first_not_of(' ', word.size()), text.size()));
  return word;
}

std::optional<Mapping> parse_line(std::string_view line) {
  Mapping mapping;
  if (!take_number(line, 16, '-', mapping.range.lo)) return std::nullopt;
  if (!take_number(line, 16, ' ', mapping.range.hi)) return std::nullopt;
  const std::string_view permissions = take_word(line);
  if (permissions.size() != 4 || mapping.range.lo >= mapping.range.hi) return std::nullopt;
  mapping.readable = permissions[0] == 'r';
  mapping.writable = permissions[1] == 'w';
  mapping.executable = permissions[2] == 'x';
  mapping.shared = permissions[3] == 's';
  for (int skipped = 0; skipped < 3; ++skipped) take_word(line);  // offset, device, inode
  mapping.path = line;
  return mapping;
}

// What must stay free above `mapping`.
std::uint64_t room_above(const Mapping& mapping) { return mapping.path == "[heap]" ? kHeapRoom : kGuard; }

// What must stay free below `mapping`.
std::uint64_t room_below(const Mapping& mapping, const Limits& limits) {
  if (mapping.path != "[stack]") return kGuard;
  return std::clamp(limits.stack, kLeastStackRoom, kMostStackRoom) + kGuard;
}

// vm.mmap_min_addr, but at least the usual 64 KiB: null pointers with offsets are to fault.
std::uint64_t read_lowest(System& system) {
  std::string text;
  std::uint64_t lowest = 0;
  if (system.read_file("/proc/sys/vm/mmap_min_addr", text) != 0) return kLowest;
  std::string_view rest = text;
  return take_number(rest, 10, '\n', lowest) ? std::max(lowest, kLowest) : kLowest;
}

int list_object(dl_phdr_info* info, std::size_t, void* data) {
  AddressRange range{kUserSpaceEnd, 0};
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD) continue;
    const std::uint64_t lo = info->dlpi_addr + header.p_vaddr;
    range = {std::min(range.lo, lo), std::max(range.hi, lo + header.p_memsz)};
  }
  if (range.lo >= range.hi) return 0;
  Mapping object{.range = range, .readable = true};
  object.path = info->dlpi_name;
  static_cast<std::vector<Mapping>*>(data)->push_back(std::move(object));
  return 0;
}

// Notes what of `range` is taken, a unit at a time: the kernel maps nothing over what is there.
void probe(System& system, AddressRange range, std::vector<Mapping>& found) {
  constexpr std::uint64_t kUnit = 16 << 20;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  for (std::uint64_t lo = range.lo / kUnit * kUnit; lo < range.hi; lo += kUnit) {
    const AddressRange unit{std::max(lo, kLowest), lo + kUnit};
    if (system.map(unit, PROT_NONE, kFlags, -1, 0) == 0) {
      system.unmap(unit);
    } else {
      found.push_back({.range = unit});
    }
  }
}

// Where there is no /proc: what the dynamic linker has loaded, and what else lies within reach of it or below 2 GiB.
std::vector<Mapping> probe_mappings(System& system) {
  constexpr std::uint64_t kReach = 1ull << 31;
  std::vector<Mapping> found;
  ::dl_iterate_phdr(list_object, &found);
  AddressRange libraries{kUserSpaceEnd, 0};
  for (const Mapping& object : found) {
    if (!object.path.starts_with('/')) continue;
    libraries = {std::min(libraries.lo, object.range.lo), std::max(libraries.hi, object.range.hi)};
  }
  probe(system, {0, kReach}, found);
  if (libraries.lo < libraries.hi) {
    probe(system, {libraries.lo - std::min(libraries.lo, kReach), libraries.hi + kReach}, found);
  }
  std::ranges::sort(found, {}, [](const Mapping& m) { return m.range.lo; });
  return found;
}

}  // namespace

std::vector<Mapping> parse_mappings(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    std::optional<Mapping> mapping = parse_line(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    if (mapping && mapping->range.hi <= kUserSpaceEnd) mappings.push_back(*std::move(mapping));
  }
  // The kernel lists them in order; a map that changes between two reads may repeat or overlap one.
  std::ranges::sort(mappings, {}, [](const Mapping& m) { return m.range.lo; });
  return mappings;
}

std::uint64_t AddressMap::mapped_size() const {
  std::uint64_t size = 0;
  for (const Mapping& mapping : mappings) size += mapping.range.hi - mapping.range.lo;
  return size;
}

std::vector<AddressRange> AddressMap::gaps() const {
  std::vector<AddressRange> gaps;
  std::uint64_t used = lowest;  // end of what lies below
  std::uint64_t lo = lowest;    // the same with its room
  for (const Mapping& mapping : mappings) {
    // The break may lie inside the gap: a heap that was never used has no mapping, and starts at a random distance
    // above the executable.
    const bool breaks_in_gap = program_break + kGuard > used && program_break < mapping.range.lo;
    if (program_break != 0 && breaks_in_gap) lo = std::max(lo, program_break + kHeapRoom);
    const std::uint64_t room = room_below(mapping, limits);
    if (mapping.range.lo > room && lo < mapping.range.lo - room) gaps.push_back({lo, mapping.range.lo - room});
    used = std::max(used, mapping.range.hi);
    lo = std::max(lo, mapping.range.hi + room_above(mapping));
  }
  return gaps;
}

Expected<AddressMap> read_address_map(System& system) {
  constexpr const char* kPath = "/proc/self/maps";
  AddressMap map;
  std::string text;
  const int unread = system.read_file(kPath, text);
  if (unread != 0 && unread != ENOENT) return std::unexpected(system_error("read", kPath, unread));
  map.mappings = unread == 0 ? parse_mappings(text) : probe_mappings(system);
  if (map.mappings.empty()) return std::unexpected(Error(ErrorCode::kMemory, "/proc/self/maps lists no mapping"));
  if (const int failure = system.limits(map.limits)) {
    return std::unexpected(system_error("getrlimit", "RLIMIT_AS and RLIMIT_STACK", failure));
  }
  map.lowest = read_lowest(system);
  map.program_break = system.program_break();
  return map;
}

}  // namespace enfold::memory
