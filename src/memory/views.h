// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pages that may be read or executed but never written: two ways to change what they hold all the same.
//   forced write   pwrite to /proc/self/mem: the kernel writes, and makes a copy of a private page first, as for a
//                  debugger. A call a run of bytes. Hardened kernels refuse it.
//   page swap      a copy is made elsewhere, changed, protected as the original is, and moved over it by mremap: who
//                  reads meanwhile sees the old page or the new one. Works everywhere; costs a mapping a page.
#ifndef ENFOLD_MEMORY_VIEWS_H_
#define ENFOLD_MEMORY_VIEWS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <enfold/memory.h>

#include "lock.h"
#include "memory/system.h"

namespace enfold::memory {

// What is to be seen at an address.
struct Patch {
  std::uint64_t address = 0;
  std::span<const std::byte> bytes{};
};

// Threads: the caller holds the lock (lock(), unlock()) around all other functions: what is copied for a swap must not
// be written meanwhile.
// Errors: 0 or an errno value; a failing function has changed nothing that had to stay.
class Views {
 public:
  // Ownership: `system` is borrowed.
  explicit Views(System& system) : system_(system), page_size_(system.page_size()) {}
  ~Views() { trim(); }
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  void lock() { lock_.lock(); }
  void unlock() { lock_.unlock(); }

  // Bytes that nobody reads yet, of pages that are protected like `protection`, by whichever way works.
  int write(const Patch& patch, int protection);

  int force(const Patch& patch);

  // All patches or none, each seen as a whole by those who read meanwhile; `patches` by rising addresses.
  int swap(std::span<const Patch> patches, int protection);

  // Makes pages in use, writable and anonymous, executable where mprotect refuses to: by pages of a file in memory with
  // the same bytes, or by fresh ones that are written by force.
  int replace_by_file(AddressRange pages);
  int replace_by_force(AddressRange pages);

  // Closes what is kept open.
  void trim() noexcept;

 private:
  System& system_;
  const std::uint64_t page_size_;
  Lock lock_;
  int memory_file_ = -1;  // /proc/self/mem
  int opened_by_ = 0;     // the process: a child's descriptor is its parent's memory
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_VIEWS_H_
