// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fakes.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace enfold::test {
namespace {

constexpr std::uint64_t kPage = 4096, kMostWritten = 64 << 20;

std::uint64_t align_up(std::uint64_t n, std::uint64_t alignment) { return (n + alignment - 1) / alignment * alignment; }

}  // namespace

Expected<Block> FakeMemory::reserve(const Constraint&, AddressRange, std::span<const SegmentRequest> segments) {
  for (const SegmentRequest& segment : segments) {
    if (segment.written_size > kMostWritten) return std::unexpected(Error(ErrorCode::kMemory, "too much to write"));
  }
  Block block;
  block.extent.lo = next_;
  for (const SegmentRequest& segment : segments) {
    const std::uint64_t base = align_up(next_, std::max(kPage, std::uint64_t{1} << segment.p2align));
    Chunk& chunk = chunks_.emplace_back(Chunk{base, std::vector<std::byte>(segment.written_size)});
    block.segments.push_back({.base = TargetAddr{base},
                              .working = chunk.bytes.data(),
                              .size = segment.size,
                              .protection = segment.protection});
    next_ = base + segment.size;
  }
  block.extent.hi = next_ = align_up(next_, kPage);
  return block;
}

std::span<const std::byte> FakeMemory::at(std::uint64_t address, std::uint64_t size) const {
  for (const Chunk& chunk : chunks_) {
    if (address >= chunk.base && address + size <= chunk.base + chunk.bytes.size()) {
      return std::span(chunk.bytes).subspan(address - chunk.base, size);
    }
  }
  throw std::out_of_range("nothing was written there");
}

std::uint64_t FakeMemory::word_at(std::uint64_t address) const {
  std::uint64_t word = 0;
  std::memcpy(&word, at(address, sizeof word).data(), sizeof word);
  return word;
}

FakeProcess::FakeProcess(std::uint64_t base, std::optional<AddressRange> window)
    : memory(std::make_shared<FakeMemory>(base, window)) {
  SessionOptions options;
  options.detail = Detail::kSummary;
  options.memory = memory;
  options.runtime = runtime;
  options.detail = Detail::kSections;
  session = std::move(Session::create(std::move(options)).value());
}

}  // namespace enfold::test
