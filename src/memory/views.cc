// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/views.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>

#include "memory/page_swap.h"
#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

const std::byte* pointer(std::uint64_t address) { return reinterpret_cast<const std::byte*>(address); }

std::span<const std::byte> bytes_of(AddressRange range) { return {pointer(range.lo), size_of(range)}; }

}  // namespace

int Views::write(const Patch& patch, int protection) {
  // A kernel may take the bytes and not write them where it was told to.
  const auto shown = [&] { return std::memcmp(pointer(patch.address), patch.bytes.data(), patch.bytes.size()) == 0; };
  if (force(patch) == 0 && shown()) return 0;
  return swap({&patch, 1}, protection);
}

int Views::force(const Patch& patch) {
  // Asked each time: a child that _Fork() or clone() made has run no handler.
  const int process = system_.process_id();
  if (opened_by_ != process) {
    trim();
    if (const int failure = system_.open_file("/proc/self/mem", O_RDWR, memory_file_)) {
      memory_file_ = -1;
      return failure;
    }
    opened_by_ = process;
  }
  return system_.write_at(memory_file_, patch.bytes, patch.address);
}

int Views::swap(std::span<const Patch> patches, int protection) {
  PageSwap swap(system_, page_size_);
  if (const int failure = swap.prepare(patches, protection)) return failure;
  return swap.commit();
}

int Views::replace_by_file(AddressRange pages) {
  int file = -1;
  if (const int failure = system_.create_file("enfold", size_of(pages), file)) return failure;
  int failure = system_.write_at(file, bytes_of(pages), 0);
  if (failure == 0) failure = system_.map(pages, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, 0);
  system_.close_file(file);
  return failure;
}

int Views::replace_by_force(AddressRange pages) {
  std::uint64_t at = 0;
  if (const int failure = system_.map_anywhere(size_of(pages), PROT_READ | PROT_WRITE, kAnonymous, -1, at)) {
    return failure;
  }
  const AddressRange copy{at, at + size_of(pages)};
  std::memcpy(reinterpret_cast<void*>(at), pointer(pages.lo), size_of(pages));
  int failure = system_.map(pages, PROT_READ | PROT_EXEC, kAnonymous | MAP_FIXED, -1, 0);
  if (failure == 0) failure = force({.address = pages.lo, .bytes = bytes_of(copy)});
  // Back to what it was: writable, and with its bytes.
  if (failure != 0 && system_.map(pages, PROT_READ | PROT_WRITE, kAnonymous | MAP_FIXED, -1, 0) == 0) {
    std::memcpy(reinterpret_cast<void*>(pages.lo), pointer(at), size_of(pages));
  }
  system_.unmap(copy);
  return failure;
}

void Views::trim() noexcept {
  opened_by_ = 0;
  if (memory_file_ >= 0) system_.close_file(std::exchange(memory_file_, -1));
}

}  // namespace enfold::memory
