// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/placement.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kDefaultReach = 1ull << 31;
constexpr std::uint64_t kGreatestReach = 1ull << 46;
constexpr std::uint64_t kGreatestWindow = 1ull << 30;
constexpr std::uint64_t kLowWindow = 256 << 20;

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "libm.so.6", "ld-linux-x86-64.so.2", "plugin.so (deleted)": what the dynamic linker maps.
bool is_library(const Mapping& mapping) {
  if (!mapping.path.starts_with('/')) return false;
  const std::string_view name = file_name(mapping.path);
  const std::size_t at = name.find(".so");
  if (at == std::string_view::npos) return false;
  const std::string_view rest = name.substr(at + 3);
  return rest.empty() || rest[0] == '.' || rest[0] == ' ';
}

bool is_c_library(const Mapping& mapping) {
  const std::string_view name = file_name(mapping.path);
  return name.starts_with("libc.so") || name.starts_with("libc-2.") || name.starts_with("libc.musl-") ||
         name.starts_with("ld-musl-");
}

AddressRange hull(AddressRange a, AddressRange b) { return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)}; }

// All mappings of the file that `address` lies in.
std::optional<AddressRange> file_around(const AddressMap& map, std::uint64_t address) {
  const auto at = std::ranges::find_if(map.mappings,
                                       [&](const Mapping& m) { return m.range.lo <= address && address < m.range.hi; });
  if (at == map.mappings.end()) return std::nullopt;
  AddressRange range = at->range;
  for (const Mapping& mapping : map.mappings) {
    if (mapping.path == at->path && !mapping.path.empty()) range = hull(range, mapping.range);
  }
  return range;
}

// Takes neighbours into `core`, the nearer one first, until the next would make it larger than `limit`.
AddressRange grow(AddressRange core, const std::vector<AddressRange>& libraries, std::uint64_t limit) {
  auto above = std::ranges::find_if(libraries, [&](AddressRange r) { return r.lo >= core.hi; });
  auto below = std::ranges::find_if(libraries, [&](AddressRange r) { return r.hi > core.lo; });
  for (;;) {
    const bool can_rise = above != libraries.end() && above->hi - core.lo <= limit;
    const bool can_fall = below != libraries.begin() && core.hi - (below - 1)->lo <= limit;
    if (!can_rise && !can_fall) return core;
    if (can_rise && (!can_fall || above->lo - core.hi <= core.lo - (below - 1)->hi)) {
      core.hi = (above++)->hi;
    } else {
      core.lo = (--below)->lo;
    }
  }
}

// The best place for `size` bytes in one gap.
std::optional<AddressRange> place(AddressRange gap, AddressRange anchor, std::uint64_t size) {
  const std::uint64_t lo = align_up(gap.lo, kWindowUnit);
  const std::uint64_t hi = align_down(gap.hi, kWindowUnit);
  if (hi <= lo || hi - lo < size) return std::nullopt;
  if (hi <= anchor.hi) return AddressRange{hi - size, hi};
  return AddressRange{lo, lo + size};
}

// Just below the anchor first, then further down, then just above it and up.
std::optional<AddressRange> nearest(const std::vector<AddressRange>& gaps, AddressRange anchor, std::uint64_t size) {
  const auto split = std::ranges::find_if(gaps, [&](AddressRange gap) { return gap.hi > anchor.hi; });
  for (auto gap = split; gap != gaps.begin();) {
    if (auto site = place(*--gap, anchor, size)) return site;
  }
  for (auto gap = split; gap != gaps.end(); ++gap) {
    if (auto site = place(*gap, anchor, size)) return site;
  }
  return std::nullopt;
}

// Bytes of address space that RLIMIT_AS still grants.
std::uint64_t headroom(const AddressMap& map) {
  if (map.limits.address_space == kUnlimited) return kUnlimited;
  const std::uint64_t used = map.mapped_size();
  return used < map.limits.address_space ? map.limits.address_space - used : 0;
}

}  // namespace

std::uint64_t effective_reach(const Constraint& constraint) {
  return constraint.reach == 0 ? kDefaultReach : std::min(constraint.reach, kGreatestReach);
}

std::optional<AddressRange> reachable(AddressRange anchor, std::uint64_t reach) {
  const std::uint64_t safe = reach - reach / 128;  // addends may point somewhat past either end
  if (size_of(anchor) >= safe) return std::nullopt;
  return AddressRange{anchor.hi > safe ? anchor.hi - safe : 0, anchor.lo + safe};
}

std::optional<AddressRange> library_hull(const AddressMap& map, std::uint64_t reach, std::uint64_t code) {
  std::vector<AddressRange> libraries;
  std::optional<AddressRange> core;
  for (const Mapping& mapping : map.mappings) {
    if (!is_library(mapping)) continue;
    libraries.push_back(mapping.range);
    if (!is_c_library(mapping)) continue;
    const AddressRange with = core ? hull(*core, mapping.range) : mapping.range;
    if (!core || size_of(with) <= reach / 4) core = with;  // dlmopen makes second copies, anywhere
  }
  if (libraries.empty()) return file_around(map, code);
  if (!core) core = libraries.back();
  return grow(*core, libraries, reach / 4);
}

SiteRequest default_sizes(Constraint::Kind kind, std::uint64_t reach, std::uint64_t span) {
  const std::uint64_t wanted =
      kind == Constraint::Kind::kLow ? kLowWindow : std::min(reach / 2, kGreatestWindow);  // a window reaches itself
  return {.wanted = align_down(wanted, kWindowUnit),
          .least = std::max(align_down(wanted / 16, kWindowUnit), kWindowUnit),
          .needed = std::max(align_up(span, kWindowUnit), kWindowUnit)};
}

std::optional<AddressRange> choose_site(const AddressMap& map, const SiteRequest& request) {
  std::vector<AddressRange> gaps = map.gaps();
  for (AddressRange& gap : gaps) gap = intersect(gap, request.allowed);
  std::erase_if(gaps, [](AddressRange gap) { return size_of(gap) == 0; });
  const std::uint64_t room = headroom(map);
  for (std::uint64_t size = request.wanted; size > request.needed && size >= request.least; size /= 2) {
    size = align_down(size, kWindowUnit);
    if (size > room / 2) continue;  // the program wants to live, too
    if (auto site = nearest(gaps, request.anchor, size)) return site;
  }
  if (request.needed > room) return std::nullopt;
  return nearest(gaps, request.anchor, request.needed);
}

}  // namespace enfold::memory
