// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/window.h"

#include <algorithm>

#include <sys/mman.h>

#include "memory/range.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace enfold::memory {
namespace {

constexpr int kReservation = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

}  // namespace

Window::Window(AddressRange range) : range_(range), free_{range} {}

std::optional<AddressRange> Window::find(AddressRange bounds, std::uint64_t size, std::uint64_t alignment) const {
  for (const AddressRange& run : free_) {
    const AddressRange usable = intersect(run, bounds);
    const std::uint64_t lo = align_up(usable.lo, alignment);
    if (lo < usable.lo || lo > usable.hi || usable.hi - lo < size) continue;
    return AddressRange{lo, lo + size};
  }
  return std::nullopt;
}

std::optional<AddressRange> Window::allocate(AddressRange bounds, std::uint64_t size, std::uint64_t alignment) {
  const std::optional<AddressRange> run = find(bounds, size, alignment);
  if (run) take(*run);
  return run;
}

void Window::take(AddressRange run) {
  // Between n live runs lie at most n + 1 free ones; this makes n + 1 live runs, and every free() one less.
  if (free_.capacity() < live_count_ + 2) free_.reserve(2 * live_count_ + 2);
  const auto at = std::ranges::find_if(free_, [&](AddressRange r) { return contains(r, run); });
  const AddressRange below{at->lo, run.lo};
  const AddressRange above{run.hi, at->hi};
  if (size_of(below) != 0 && size_of(above) != 0) {
    *at = below;
    free_.insert(at + 1, above);
  } else if (size_of(below) != 0) {
    *at = below;
  } else if (size_of(above) != 0) {
    *at = above;
  } else {
    free_.erase(at);
  }
  ++live_count_;
}

void Window::free(AddressRange run) noexcept {
  const auto next = std::ranges::find_if(free_, [&](AddressRange r) { return r.lo >= run.hi; });
  const bool joins_next = next != free_.end() && next->lo == run.hi;
  const bool joins_previous = next != free_.begin() && (next - 1)->hi == run.lo;
  if (joins_previous && joins_next) {
    (next - 1)->hi = next->hi;
    free_.erase(next);
  } else if (joins_previous) {
    (next - 1)->hi = run.hi;
  } else if (joins_next) {
    next->lo = run.lo;
  } else {
    free_.insert(next, run);
  }
  --live_count_;
}

int reserve_addresses(System& system, AddressRange range) {
  return system.map(range, PROT_NONE, kReservation | MAP_FIXED_NOREPLACE, -1, 0);
}

bool restore_reservation(System& system, AddressRange range) noexcept {
  // A fresh mapping takes one call, and gives back what strict overcommit charged for the pages when they became
  // writable.
  if (system.map(range, PROT_NONE, kReservation | MAP_FIXED, -1, 0) == 0) return true;
  const bool discarded = system.discard(range) == 0;
  return system.protect(range, PROT_NONE) == 0 && discarded;
}

}  // namespace enfold::memory
