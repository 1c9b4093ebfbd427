// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small blocks come from the heap. Large ones, or ones of large alignment, are mappings of their own: those are zero
// without being touched, so that a section that claims gigabytes costs address space and no memory.
#include "runtime/thread_block_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

namespace enfold::runtime {
namespace {

constexpr std::uint64_t kMappedSize = std::uint64_t{1} << 20;  // from here on a block is mapped
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 46;     // with kMaxP2align it is far from overflowing
constexpr std::uint8_t kMaxP2align = 40;
constexpr std::uint64_t kMinAlignment = 16;  // the heap's: what smaller ones are raised to

std::uint64_t round_up(std::uint64_t size, std::uint64_t alignment) {
  return (size + alignment - 1) & ~(alignment - 1);
}

std::uint64_t page_size() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

bool is_mapped(std::uint64_t size, std::uint64_t alignment) { return std::max(size, alignment) >= kMappedSize; }

std::uint64_t map_aligned(std::uint64_t size, std::uint64_t alignment) noexcept {
  const std::uint64_t whole = round_up(std::max<std::uint64_t>(size, 1), page_size());
  const std::uint64_t slack = alignment > page_size() ? alignment : 0;
  void* const got = ::mmap(nullptr, whole + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) return 0;
  const auto start = reinterpret_cast<std::uint64_t>(got);
  const std::uint64_t block = slack != 0 ? round_up(start, alignment) : start;
  if (block != start) ::munmap(got, block - start);
  const std::uint64_t behind = start + slack - block;
  if (behind != 0) ::munmap(reinterpret_cast<void*>(block + whole), behind);
  return block;
}

std::uint64_t allocate(std::uint64_t size, std::uint64_t alignment) noexcept {
  const std::uint64_t raised = std::max(alignment, kMinAlignment);
  void* const block = std::aligned_alloc(raised, round_up(std::max<std::uint64_t>(size, 1), raised));
  if (block != nullptr) std::memset(block, 0, size);
  return reinterpret_cast<std::uint64_t>(block);
}

}  // namespace

Expected<void> check_thread_image(const ThreadImage& image) {
  if (image.bytes.size() > image.size) {
    return std::unexpected(Error(ErrorCode::kInvalidArgument, "a thread-local image is larger than its block"));
  }
  if (image.size <= kMaxSize && image.p2align <= kMaxP2align) return {};
  return std::unexpected(Error(
      ErrorCode::kMemory, fmt::format("thread-local storage of {} bytes, aligned to 2^{}, is larger than memory can be",
                                      image.size, image.p2align)));
}

std::uint64_t make_thread_block(const ThreadImage& image) noexcept {
  const std::uint64_t alignment = std::uint64_t{1} << image.p2align;
  const std::uint64_t block =
      is_mapped(image.size, alignment) ? map_aligned(image.size, alignment) : allocate(image.size, alignment);
  if (block != 0 && !image.bytes.empty()) {
    std::memcpy(reinterpret_cast<void*>(block), image.bytes.data(), image.bytes.size());
  }
  return block;
}

void free_thread_block(std::uint64_t block, std::uint64_t size, std::uint8_t p2align) noexcept {
  void* const start = reinterpret_cast<void*>(block);
  if (is_mapped(size, std::uint64_t{1} << p2align)) {
    ::munmap(start, round_up(std::max<std::uint64_t>(size, 1), page_size()));
  } else {
    std::free(start);
  }
}

}  // namespace enfold::runtime
