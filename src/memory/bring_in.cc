// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/bring_in.h"

#include <sys/mman.h>

#include "memory/range.h"

namespace enfold::memory {
namespace {

// A large page is had by touching it where all of it is writable; what is beyond `written` goes back.
int bring_in_part(System& system, AddressRange page, AddressRange written, AddressRange block) {
  const AddressRange spare{block.hi, page.hi};
  if (size_of(spare) != 0 && system.protect(spare, PROT_READ | PROT_WRITE) != 0) return 0;
  const std::uint64_t small = system.page_size();
  if (system.advise(page, MADV_HUGEPAGE) == 0) system.advise({page.lo, page.lo + small}, kPopulateWrite);
  const AddressRange rest{written.hi, page.hi};
  if (size_of(rest) != 0) system.advise(rest, MADV_DONTNEED);
  return size_of(spare) != 0 ? system.protect(spare, PROT_NONE) : 0;
}

}  // namespace

int bring_in_block(System& system, AddressRange written, AddressRange block, AddressRange run) {
  const AddressRange whole{align_up(written.lo, kLargePage), align_down(written.hi, kLargePage)};
  const bool large = size_of(whole) != 0 && system.advise(whole, MADV_HUGEPAGE) == 0;
  const AddressRange rest{large ? whole.hi : written.lo, written.hi};
  const AddressRange last{align_down(rest.hi, kLargePage), align_up(rest.hi, kLargePage)};
  const bool in_part = size_of(rest) >= kWorthLargePage && last.lo <= rest.lo && contains(run, last);
  if (in_part) return bring_in_part(system, last, written, block);
  if (size_of(rest) != 0) system.advise(rest, kPopulateWrite);
  return 0;
}

}  // namespace enfold::memory
