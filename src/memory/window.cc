// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/window.h"

#include <algorithm>
#include <bit>

#include <sys/mman.h>

#include "memory/range.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace enfold::memory {
namespace {

constexpr int kReservation = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

}  // namespace

Window::Window(AddressRange range) : range_(range), limit_(range.hi), free_{range} { starts_.fill(range.lo); }

// The first free run that starts at `address` or above.
std::vector<AddressRange>::iterator Window::first_from(std::uint64_t address) {
  return std::ranges::lower_bound(free_, address, {}, &AddressRange::lo);
}

std::optional<AddressRange> Window::find(AddressRange bounds, std::uint64_t size, std::uint64_t alignment) {
  const auto power = static_cast<std::size_t>(std::bit_width(size) - 1);
  std::uint64_t first = range_.hi;  // the first run of 2^power bytes or more
  std::optional<AddressRange> found;
  for (auto run = first_from(starts_[power]); run != free_.end() && !found; ++run) {
    if (size_of(*run) >> power != 0) first = std::min(first, run->lo);
    const AddressRange usable = intersect(*run, bounds);
    const std::uint64_t lo = align_up(usable.lo, alignment);
    if (lo < usable.lo || lo > usable.hi || usable.hi - lo < size) continue;
    found = AddressRange{lo, lo + size};
  }
  starts_[power] = first;
  return found;
}

std::optional<AddressRange> Window::allocate(AddressRange bounds, std::uint64_t size, std::uint64_t alignment) {
  const std::optional<AddressRange> run = find(bounds, size, alignment);
  if (run) take(*run);
  return run;
}

void Window::take(AddressRange run) {
  // Between n live runs lie at most n + 1 free ones; this makes n + 1 live runs, and every free() one less.
  if (free_.capacity() < live_count_ + 2) free_.reserve(2 * live_count_ + 2);
  const auto at = first_from(run.lo + 1) - 1;
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
  taken_ += size_of(run);
}

void Window::free(AddressRange run) noexcept {
  const std::uint64_t lo = join(run);
  for (std::uint64_t& start : starts_) start = std::min(start, lo);
  --live_count_;
  taken_ -= size_of(run);
}

// Returns where the free run that `run` has become part of starts.
std::uint64_t Window::join(AddressRange run) noexcept {
  const auto next = first_from(run.hi);
  const bool joins_next = next != free_.end() && next->lo == run.hi;
  const bool joins_previous = next != free_.begin() && (next - 1)->hi == run.lo;
  if (joins_previous) {
    AddressRange& previous = *(next - 1);
    previous.hi = joins_next ? next->hi : run.hi;
    if (joins_next) free_.erase(next);
    return (next - 1)->lo;
  }
  if (joins_next) {
    next->lo = run.lo;
  } else {
    free_.insert(next, run);
  }
  return run.lo;
}

void Window::extend(AddressRange more) noexcept {
  range_.hi = more.hi;
  limit_ = std::max(limit_, more.hi);
  const std::uint64_t lo = join(more);
  for (std::uint64_t& start : starts_) start = std::min(start, lo);
}

void Window::trim(System& system) noexcept {
  if (live_count_ == 0) return;
  if (!free_.empty() && free_.back().hi == range_.hi && system.unmap(free_.back()) == 0) {
    range_.hi = free_.back().lo;
    free_.pop_back();
  }
  if (!free_.empty() && free_.front().lo == range_.lo && system.unmap(free_.front()) == 0) {
    range_.lo = free_.front().hi;
    free_.erase(free_.begin());
  }
}

bool Window::is_free(std::uint64_t address) const {
  const auto above = std::ranges::upper_bound(free_, address, {}, &AddressRange::lo);
  return above != free_.begin() && address < (above - 1)->hi;
}

int reserve_addresses(System& system, AddressRange range) {
  return system.map(range, PROT_NONE, kReservation | MAP_FIXED_NOREPLACE, -1, 0);
}

bool restore_reservation(System& system, AddressRange range, bool anonymous) noexcept {
  // A fresh mapping takes one call, and gives back what strict overcommit charged for the pages when they became
  // writable.
  if (system.map(range, PROT_NONE, kReservation | MAP_FIXED, -1, 0) == 0) return true;
  const bool discarded = system.advise(range, MADV_DONTNEED) == 0;
  return system.protect(range, PROT_NONE) == 0 && discarded && anonymous;
}

}  // namespace enfold::memory
