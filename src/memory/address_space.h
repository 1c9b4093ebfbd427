// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The windows of one memory provider: finds the one that a constraint asks for, opens it when the first block goes in,
// closes it when the last comes out. What is mapped inside a run is the provider's business.
//
// Planning asks for a place first and takes it later, so locate() names a range and reserves nothing, and acquire()
// stays inside the range it is given whatever happened in between: when some of it has been mapped by others, or the
// kernel refuses so large a reservation, a smaller window inside the same range serves as well.
#ifndef ENFOLD_MEMORY_ADDRESS_SPACE_H_
#define ENFOLD_MEMORY_ADDRESS_SPACE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <enfold/error.h>
#include <enfold/memory.h>

#include "lock.h"
#include "memory/address_map.h"
#include "memory/system.h"
#include "memory/window.h"

namespace enfold::memory {

// Pages of a window, without access until the provider gives it.
struct Run {
  Window* window = nullptr;
  AddressRange range{};
  bool anonymous = true;  // false: pages of files have been mapped there
};

// Threads: all functions may be called from several threads at once. The lock is held while a window is looked for,
// opened or closed, and never while pages change their protection.
class AddressSpace {
 public:
  // Ownership: `system` is borrowed for the object's life. Windows with live runs stay mapped after it.
  explicit AddressSpace(System& system) : system_(system), page_size_(system.page_size()) {}

  std::uint64_t page_size() const { return page_size_; }

  // See MemoryProvider::locate. `span` includes whatever alignment beyond a page may cost.
  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span);

  // `size` bytes, a multiple of the page size, inside `within`. Where there is room for it, the run begins and ends at
  // multiples of `unit`, a power of two.
  Expected<Run> acquire(AddressRange within, std::uint64_t size, std::uint64_t alignment, std::uint64_t unit = 1);

  // Takes the pages away, whatever they have become.
  void release(Run run) noexcept;

  // `size` bytes at a multiple of `alignment` with `lead` bytes in front, all inside `within`, reserved, and in no window.
  // They are somebody else's from hand_over() on; forget() takes the reservation away, if it is there still.
  Expected<AddressRange> acquire_apart(AddressRange within, std::uint64_t lead, std::uint64_t size,
                                       std::uint64_t alignment);
  Expected<void> hand_over(AddressRange range);
  void forget(AddressRange range, bool handed_over) noexcept;

  // Tries again to take away what the kernel would not let go of, and gives up what is free at the ends of windows.
  void trim() noexcept;

  // Whether `address` lies in a run that has been acquired.
  bool is_taken(std::uint64_t address) const;

  std::vector<MemoryUse::Window> use() const;

  // Around a fork: nobody changes a window meanwhile.
  void lock() { lock_.lock(); }
  void unlock() { lock_.unlock(); }

 private:
  // What kNearLibraries meant when the address map was last read.
  struct Neighbourhood {
    std::uint64_t reach = 0;
    std::optional<AddressRange> hull{};       // the libraries
    std::optional<AddressRange> allowed{};    // in reach of them
    std::uint64_t refused_size = kUnlimited;  // no window for this many bytes could be opened there
  };

  // The last answer of locate() that was part of a window, good until a run is taken or a window closed: sets of one
  // size are located by the thousand.
  struct Answer {
    Constraint constraint{};
    std::uint64_t size = 0;  // 0: none
    AddressRange part{};
  };

  // All with the lock held.
  Expected<AddressRange> look_for(const Constraint& constraint, std::uint64_t span);
  Expected<AddressRange> look_apart(const Constraint& constraint, std::uint64_t span);
  Expected<AddressRange> locate_low(std::uint64_t span);
  Expected<AddressRange> locate_near(AddressRange target, std::uint64_t reach, std::uint64_t span);
  Expected<AddressRange> locate_near_libraries(std::uint64_t reach, std::uint64_t span);
  std::optional<AddressRange> site_near_libraries(const AddressMap& map, std::uint64_t reach, std::uint64_t span);
  std::optional<AddressRange> existing(AddressRange allowed, std::uint64_t span);
  AddressRange with_neighbours(AddressRange part, AddressRange allowed) const;
  std::optional<AddressRange> extendable(AddressRange allowed, std::uint64_t size);
  bool is_unused(AddressRange range);
  bool extend(AddressRange within, std::uint64_t size);
  std::optional<AddressRange> reopenable(AddressRange allowed, std::uint64_t size);
  std::optional<Run> allocate(AddressRange within, std::uint64_t size, std::uint64_t alignment);
  std::optional<Run> allocate(AddressRange within, std::uint64_t size, std::uint64_t alignment, std::uint64_t unit);
  int open(AddressRange within, std::uint64_t size);
  int open_exactly(AddressRange range);
  int open_between_others(AddressRange within, std::uint64_t size);
  bool close(Window* window) noexcept;
  void keep_stuck(const Run& run) noexcept;

  System& system_;
  const std::uint64_t page_size_;
  mutable Lock lock_;
  std::vector<std::unique_ptr<Window>> windows_;  // by age
  Neighbourhood near_;
  Answer answer_;
  std::vector<AddressRange> apart_;     // in no window
  std::vector<Run> stuck_;              // released, and still not as a reservation is
  std::optional<AddressRange> closed_;  // where the last window was that has been closed
};

// Gives a run back unless it is kept: for what may throw meanwhile.
class RunGuard {
 public:
  RunGuard(AddressSpace& space, const Run& run) : space_(space), run_(run) {}
  RunGuard(const RunGuard&) = delete;
  RunGuard& operator=(const RunGuard&) = delete;
  ~RunGuard() {
    if (!kept_) space_.release(run_);
  }
  void keep() { kept_ = true; }

 private:
  AddressSpace& space_;
  Run run_;
  bool kept_ = false;
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_ADDRESS_SPACE_H_
