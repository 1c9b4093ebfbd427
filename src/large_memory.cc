// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "large_memory.h"

#include <cstdint>
#include <new>

#include <sys/mman.h>

#include "align.h"

#include "memory/system.h"

namespace enfold {
namespace {

constexpr std::size_t kWorthCall = 4 * kSmallPage;  // so few faults cost little more

std::size_t whole_pages(std::size_t size) { return align_up(size, kLargePage); }

}  // namespace

void* map_large(std::size_t size) {
  size = whole_pages(size);
  const std::size_t with_slack = size + kLargePage;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const got = ::mmap(nullptr, with_slack, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (got == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(got);
  const std::size_t lead = -reinterpret_cast<std::uintptr_t>(begin) & (kLargePage - 1);
  if (lead != 0) ::munmap(begin, lead);
  ::munmap(begin + lead + size, kLargePage - lead);
  ::madvise(begin + lead, size, MADV_HUGEPAGE);  // where the system has none, small ones do
  return begin + lead;
}

void unmap_large(void* memory, std::size_t size) noexcept { ::munmap(memory, whole_pages(size)); }

void prefer_large_page(void* memory) noexcept { ::madvise(memory, kLargePage, MADV_HUGEPAGE); }

void refuse_large_page(void* memory, std::size_t size) noexcept { ::madvise(memory, size, MADV_NOHUGEPAGE); }

void give_up_pages(void* memory, std::size_t size) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = align_up(begin, kSmallPage), end = (begin + size) / kSmallPage * kSmallPage;
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

void bring_in(void* memory, std::size_t size) noexcept {
  auto* const begin = static_cast<std::byte*>(memory);
  const std::size_t lead = reinterpret_cast<std::uintptr_t>(begin) & (kSmallPage - 1);
  if (lead + size > kWorthCall) ::madvise(begin - lead, lead + size, memory::kPopulateWrite);
}

}  // namespace enfold
