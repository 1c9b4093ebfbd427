// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/address_space.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <new>
#include <utility>

#include <fmt/core.h>

#include "memory/placement.h"
#include "memory/range.h"

namespace enfold::memory {
namespace {

using Kind = Constraint::Kind;

// Where a signed 32-bit field holds an address: not among the null pointers, and with room above for addends.
constexpr AddressRange kLow{64 << 10, (1ull << 31) - (16 << 20)};

// Where a block may lie that nothing is in reach of anyway: not in the low addresses, which others need.
constexpr AddressRange kAnywhere{1ull << 32, 1ull << 63};

// Of addresses that are offered together: all of a block is in reach of all of it.
constexpr std::uint64_t kMostAtOnce = 1ull << 30;

bool ask_the_same(const Constraint& a, const Constraint& b) {
  return a.kind == b.kind && a.target == b.target && a.reach == b.reach;
}

Error no_room(std::uint64_t span, AddressRange allowed) {
  return Error(ErrorCode::kMemory,
               fmt::format("no room for {} bytes of address space in [{:#x}, {:#x})", span, allowed.lo, allowed.hi));
}

// Whoever asked has to ask where again.
Error taken_by_others(AddressRange range) {
  return Error(ErrorCode::kInUse,
               fmt::format("others of the process have come to lie in [{:#x}, {:#x}) meanwhile", range.lo, range.hi));
}

Error out_of_all_reach(AddressRange target, std::uint64_t reach) {
  return Error(ErrorCode::kMemory,
               fmt::format("no address reaches all of [{:#x}, {:#x}) over {} bytes", target.lo, target.hi, reach));
}

// An address in this library: in a static executable, what its neighbourhood is the neighbourhood of.
std::uint64_t own_code() { return reinterpret_cast<std::uint64_t>(&own_code); }

Expected<AddressRange> site_or_error(const AddressMap& map, const SiteRequest& request, std::uint64_t span) {
  if (auto site = choose_site(map, request)) return *site;
  return std::unexpected(no_room(span, request.allowed));
}

}  // namespace

Expected<AddressRange> AddressSpace::locate(const Constraint& constraint, std::uint64_t span) {
  if (span > size_of(kAnywhere) / 2) return std::unexpected(no_room(span, kAnywhere));
  const std::uint64_t size = align_up(std::max<std::uint64_t>(span, 1), page_size_);
  const std::scoped_lock lock(lock_);
  if (constraint.for_loader) [[unlikely]] return look_apart(constraint, size + constraint.lead);
  if (answer_.size == size && ask_the_same(answer_.constraint, constraint)) return answer_.part;
  Expected<AddressRange> range = look_for(constraint, span);
  const auto holds = [&](const auto& w) { return size_of(intersect(w->range(), *range)) != 0; };
  if (range && std::ranges::any_of(windows_, holds)) answer_ = {.constraint = constraint, .size = size, .part = *range};
  return range;
}

Expected<AddressRange> AddressSpace::look_for(const Constraint& constraint, std::uint64_t span) {
  const std::uint64_t reach = effective_reach(constraint);
  switch (constraint.kind) {
    case Kind::kLow:
      return locate_low(span);
    case Kind::kNear:
      return locate_near(constraint.target, reach, span);
    case Kind::kNearLibraries:
      break;
  }
  return locate_near_libraries(reach, span);
}

Expected<AddressRange> AddressSpace::locate_low(std::uint64_t span) {
  if (auto range = existing(kLow, span)) return *range;
  Expected<AddressMap> map = read_address_map(system_);
  if (!map) return std::unexpected(std::move(map).error());
  SiteRequest request = default_sizes(Kind::kLow, 0, span);
  request.allowed = kLow;
  request.anchor = {kLow.hi, kLow.hi};  // the top: a non-PIE executable's heap grows from the bottom
  return site_or_error(*map, request, span);
}

Expected<AddressRange> AddressSpace::locate_near(AddressRange target, std::uint64_t reach, std::uint64_t span) {
  const std::optional<AddressRange> allowed = reachable(target, reach);
  if (!allowed) {
    return std::unexpected(out_of_all_reach(target, reach));
  }
  if (auto range = existing(*allowed, span)) return *range;
  Expected<AddressMap> map = read_address_map(system_);
  if (!map) return std::unexpected(std::move(map).error());
  SiteRequest request = default_sizes(Kind::kNear, reach, span);
  request.allowed = *allowed;
  request.anchor = target;
  return site_or_error(*map, request, span);
}

Expected<AddressRange> AddressSpace::locate_near_libraries(std::uint64_t reach, std::uint64_t span) {
  const bool known = near_.reach == reach;
  if (known && near_.allowed) {
    if (auto range = existing(*near_.allowed, span)) return *range;
  }
  if (known && span >= near_.refused_size) {
    if (auto range = existing(kAnywhere, span)) return *range;
  }
  Expected<AddressMap> map = read_address_map(system_);
  if (!map) return std::unexpected(std::move(map).error());
  if (auto site = site_near_libraries(*map, reach, span)) return *site;
  near_.refused_size = std::min(near_.refused_size, span);
  if (auto range = existing(kAnywhere, span)) return *range;
  SiteRequest request = default_sizes(Kind::kNearLibraries, reach, span);
  request.allowed = kAnywhere;
  request.anchor = near_.hull.value_or(AddressRange{kAnywhere.hi, kAnywhere.hi});
  return site_or_error(*map, request, span);
}

std::optional<AddressRange> AddressSpace::site_near_libraries(const AddressMap& map, std::uint64_t reach,
                                                              std::uint64_t span) {
  near_ = {.reach = reach, .hull = library_hull(map, reach, own_code())};
  if (near_.hull) near_.allowed = reachable(*near_.hull, reach);
  if (!near_.allowed) return std::nullopt;
  if (auto range = existing(*near_.allowed, span)) return range;
  SiteRequest request = default_sizes(Kind::kNearLibraries, reach, span);
  request.allowed = *near_.allowed;
  request.anchor = *near_.hull;
  return choose_site(map, request);
}

// The part of a window that lies inside `allowed` and has a free run of `span` bytes.
std::optional<AddressRange> AddressSpace::existing(AddressRange allowed, std::uint64_t span) {
  const std::uint64_t size = align_up(std::max<std::uint64_t>(span, 1), page_size_);
  for (const auto& window : windows_) {
    const AddressRange part = intersect(window->range(), allowed);
    if (window->find(part, size, page_size_)) return with_neighbours(part, allowed);
  }
  if (auto range = extendable(allowed, size)) return range;
  return reopenable(allowed, size);
}

// Small sets share pages in windows beside it, too.
AddressRange AddressSpace::with_neighbours(AddressRange part, AddressRange allowed) const {
  for (const auto& window : windows_) {
    const AddressRange other = intersect(window->range(), allowed);
    const AddressRange both{std::min(part.lo, other.lo), std::max(part.hi, other.hi)};
    if (size_of(other) != 0 && size_of(both) <= kMostAtOnce) part = both;
  }
  return part;
}

// A window that trim() has cut, together with what was cut off: small sets then go on sharing the pages that it has.
// Where something has come to lie there since, with as much as is left, by halves.
std::optional<AddressRange> AddressSpace::extendable(AddressRange allowed, std::uint64_t size) {
  for (const auto& window : windows_) {
    AddressRange cut = window->cut_off();
    while (size_of(cut) >= size && !is_unused(cut)) cut.hi = cut.lo + align_down(size_of(cut) / 2, page_size_);
    window->cut_off_until(cut.hi);
    if (size_of(intersect(cut, allowed)) < size) continue;
    return with_neighbours(intersect({window->range().lo, cut.hi}, allowed), allowed);
  }
  return std::nullopt;
}

// Reserving it and giving it up again is the proof, and cheap.
bool AddressSpace::is_unused(AddressRange range) {
  return reserve_addresses(system_, range) == 0 && system_.unmap(range) == 0;
}

// False: nothing has changed.
bool AddressSpace::extend(AddressRange within, std::uint64_t size) {
  for (const auto& window : windows_) {
    const AddressRange more = window->cut_off();
    if (size_of(more) < size || !contains(within, more)) continue;
    window->make_room();
    if (reserve_addresses(system_, more) != 0) continue;
    window->extend(more);
    return true;
  }
  return false;
}

// The place of the last window closed, when nothing has come to lie there since. Where sets come and go one at a time
// this spares them reading the address map each time: opening the window and closing it again is the proof, and cheap.
std::optional<AddressRange> AddressSpace::reopenable(AddressRange allowed, std::uint64_t size) {
  if (!closed_ || !contains(allowed, *closed_) || size_of(*closed_) < size) return std::nullopt;
  const AddressRange range = *closed_;
  closed_.reset();
  if (open_exactly(range) != 0) return std::nullopt;
  close(windows_.back().get());  // and should that fail, it is a window like others
  return range;
}

Expected<Run> AddressSpace::acquire(AddressRange within, std::uint64_t size, std::uint64_t alignment,
                                    std::uint64_t unit) {
  within = {align_up(within.lo, page_size_), align_down(within.hi, page_size_)};
  const std::scoped_lock lock(lock_);
  answer_ = {};
  if (auto run = allocate(within, size, alignment, unit)) return *run;
  if (size_of(within) < size) return std::unexpected(no_room(size, within));
  if (extend(within, size)) {
    if (auto run = allocate(within, size, alignment, unit)) return *run;
  }
  const std::uint64_t slack = alignment > kWindowUnit ? alignment : 0;
  if (const int failure = open(within, std::min(size + slack, size_of(within)))) {
    return std::unexpected(failure == EEXIST ? taken_by_others(within) : system_error("mmap", within, failure));
  }
  if (auto run = allocate(within, size, alignment, unit)) return *run;
  close(windows_.back().get());
  return std::unexpected(no_room(size, within));
}

std::optional<Run> AddressSpace::allocate(AddressRange within, std::uint64_t size, std::uint64_t alignment) {
  for (const auto& window : windows_) {
    if (auto range = window->allocate(within, size, alignment)) return Run{window.get(), *range};
  }
  return std::nullopt;
}

std::optional<Run> AddressSpace::allocate(AddressRange within, std::uint64_t size, std::uint64_t alignment,
                                          std::uint64_t unit) {
  if (auto run = allocate(within, align_up(size, unit), std::max(alignment, unit))) return run;
  return allocate(within, size, alignment);
}

// Opens a window inside `within` with room for `size` bytes: all of it, or what the kernel grants. Returns 0 or the
// first errno value.
int AddressSpace::open(AddressRange within, std::uint64_t size) {
  const int failure = open_exactly(within);
  if (failure == EEXIST) return open_between_others(within, size);
  if (failure != ENOMEM) return failure;
  for (std::uint64_t part = size_of(within) / 2; part > size; part /= 2) {
    if (open_exactly({within.hi - align_up(part, kWindowUnit), within.hi}) == 0) return 0;
  }
  return open_exactly({within.hi - size, within.hi}) == 0 ? 0 : failure;
}

// The same where something has been mapped inside `within` since it was located; other threads may go on doing so.
int AddressSpace::open_between_others(AddressRange within, std::uint64_t size) {
  constexpr int kTries = 4;
  for (int tries = 0; tries < kTries; ++tries) {
    Expected<AddressMap> map = read_address_map(system_);
    if (!map) break;
    const std::optional<AddressRange> site = choose_site(*map, {.allowed = within,
                                                                .anchor = {within.hi, within.hi},
                                                                .wanted = size_of(within),
                                                                .least = size,
                                                                .needed = size});
    if (!site) break;
    if (open_exactly(*site) == 0) return 0;
  }
  return EEXIST;
}

int AddressSpace::open_exactly(AddressRange range) {
  // A vector that cannot grow must not cost a mapping.
  auto window = std::make_unique<Window>(range);
  windows_.reserve(windows_.size() + 1);
  if (const int failure = reserve_addresses(system_, range)) return failure;
  windows_.push_back(std::move(window));
  return 0;
}

bool AddressSpace::close(Window* window) noexcept {
  answer_ = {};
  if (system_.unmap(window->range()) != 0) return false;
  closed_ = window->range();
  std::erase_if(windows_, [&](const auto& w) { return w.get() == window; });
  near_.refused_size = kUnlimited;
  return true;
}

void AddressSpace::release(Run run) noexcept {
  {
    const std::scoped_lock lock(lock_);
    if (run.window->live_count() == 1 && close(run.window)) return;
  }
  const bool restored = restore_reservation(system_, run.range, run.anonymous);
  const std::scoped_lock lock(lock_);
  if (!restored) return keep_stuck(run);  // not free, and its window stays
  answer_ = {};
  run.window->free(run.range);
  if (run.window->live_count() == 0) close(run.window);
}

// Where there is no memory to remember it, nobody tries again.
void AddressSpace::keep_stuck(const Run& run) noexcept try {
  stuck_.push_back(run);
} catch (const std::bad_alloc&) {
}

// As a window is looked for, but what is reserved already does not serve.
Expected<AddressRange> AddressSpace::look_apart(const Constraint& constraint, std::uint64_t span) {
  Expected<AddressMap> map = read_address_map(system_);
  if (!map) return std::unexpected(std::move(map).error());
  const std::uint64_t reach = effective_reach(constraint);
  SiteRequest request = default_sizes(constraint.kind, reach, span);
  if (constraint.kind == Kind::kLow) {
    request.allowed = kLow;
    request.anchor = {kLow.hi, kLow.hi};
    return site_or_error(*map, request, span);
  }
  const bool near = constraint.kind == Kind::kNear;
  request.anchor = near ? constraint.target
                        : library_hull(*map, reach, own_code()).value_or(AddressRange{kAnywhere.hi, kAnywhere.hi});
  if (const std::optional<AddressRange> allowed = reachable(request.anchor, reach)) {
    request.allowed = *allowed;
    if (near) return site_or_error(*map, request, span);
    if (const auto site = choose_site(*map, request)) return *site;
  } else if (near) {
    return std::unexpected(out_of_all_reach(request.anchor, reach));
  }
  request.allowed = kAnywhere;
  return site_or_error(*map, request, span);
}

Expected<AddressRange> AddressSpace::acquire_apart(AddressRange within, std::uint64_t lead, std::uint64_t size,
                                                   std::uint64_t alignment) {
  constexpr int kTries = 4;
  const std::scoped_lock lock(lock_);
  apart_.reserve(apart_.size() + 1);
  AddressRange free = within;
  bool taken = false;
  for (int tries = 0;; ++tries) {
    if (size_of(free) < lead + size || align_down(free.hi - size, alignment) < free.lo + lead) break;
    const std::uint64_t at = align_down(free.hi - size, alignment);
    const AddressRange range{at - lead, at + size};
    const int failure = reserve_addresses(system_, range);
    if (failure == 0) {
      apart_.push_back(range);
      return range;
    }
    if (failure != EEXIST) return std::unexpected(system_error("mmap", range, failure));
    taken = true;
    if (tries == kTries) break;
    Expected<AddressMap> map = read_address_map(system_);
    if (!map) return std::unexpected(std::move(map).error());
    const std::uint64_t needed = lead + size + (alignment > page_size_ ? alignment : 0);
    const AddressRange end{within.hi, within.hi};
    const std::optional<AddressRange> site = choose_site(
        *map, {.allowed = within, .anchor = end, .wanted = needed, .least = needed, .needed = needed});
    if (!site) break;
    free = *site;
  }
  return std::unexpected(taken ? taken_by_others(within) : no_room(lead + size, within));
}

Expected<void> AddressSpace::hand_over(AddressRange range) {
  if (const int failure = system_.unmap(range)) return std::unexpected(system_error("munmap", range, failure));
  return {};
}

void AddressSpace::forget(AddressRange range, bool handed_over) noexcept {
  const std::scoped_lock lock(lock_);
  if (!handed_over && system_.unmap(range) != 0) return;  // it stays, and nobody has it
  std::erase(apart_, range);
}

void AddressSpace::trim() noexcept {
  std::vector<Run> stuck;
  {
    const std::scoped_lock lock(lock_);
    stuck.swap(stuck_);
  }
  for (const Run& run : stuck) release(run);
  const std::scoped_lock lock(lock_);
  answer_ = {};
  for (const auto& window : windows_) window->trim(system_);
}

bool AddressSpace::is_taken(std::uint64_t address) const {
  const std::scoped_lock lock(lock_);
  const auto has = [&](AddressRange range) { return range.lo <= address && address < range.hi; };
  if (std::ranges::any_of(apart_, has)) return true;
  const auto holds = [&](const auto& w) { return has(w->range()); };
  const auto window = std::ranges::find_if(windows_, holds);
  return window != windows_.end() && !(*window)->is_free(address);
}

std::vector<MemoryUse::Window> AddressSpace::use() const {
  const std::scoped_lock lock(lock_);
  std::vector<MemoryUse::Window> all;
  for (const auto& window : windows_) all.push_back({.range = window->range(), .taken = window->taken()});
  for (const AddressRange& range : apart_) all.push_back({.range = range, .taken = size_of(range)});
  return all;
}

}  // namespace enfold::memory
