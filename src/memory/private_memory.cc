// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private anonymous pages, written where they will run and then flipped to their protection. A page is writable or
// executable at any time, never both; two protections never share a page; nothing is shared with other processes, so a
// fork is right without further ado. The price is a system call or two for each flip, and whole pages.
#include "memory/private_memory.h"

#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/mman.h>

#include "memory/address_space.h"
#include "memory/block.h"
#include "memory/range.h"

namespace enfold::memory {
namespace {

// Pages to be flipped by one mprotect.
struct Flip {
  AddressRange pages{};
  int protection = PROT_NONE;
};

bool sealed_at(Protection protection, SealStage stage) {
  if (protection == Protection::kReadWrite) return false;
  return (protection == Protection::kRelro) == (stage == SealStage::kRelro);
}

int final_protection(Protection protection) {
  return protection == Protection::kReadExecute ? PROT_READ | PROT_EXEC : PROT_READ;
}

// One flip for each run of pages that end up with the same protection.
std::vector<Flip> flips(const Block& block, SealStage stage, std::uint64_t page_size) {
  std::vector<Flip> flips;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size == 0 || !sealed_at(segment.protection, stage)) continue;
    const std::uint64_t lo = value(segment.base);
    const AddressRange pages{align_down(lo, page_size), align_up(lo + segment.size, page_size)};
    const int protection = final_protection(segment.protection);
    if (!flips.empty() && flips.back().protection == protection && pages.lo <= flips.back().pages.hi) {
      flips.back().pages.hi = pages.hi;
    } else {
      flips.push_back({pages, protection});
    }
  }
  return flips;
}

// Instruction fetch need not see what data stores wrote (it does on x86-64; AArch64 and RISC-V want to be told).
void flush_instructions(const Block& block) {
  for (const Block::Segment& segment : block.segments) {
    if (segment.protection != Protection::kReadExecute || segment.size == 0) continue;
    char* begin = reinterpret_cast<char*>(segment.working);
    __builtin___clear_cache(begin, begin + segment.size);
  }
}

Block make_block(std::span<const SegmentRequest> requests, const BlockLayout& layout, const Run& run) {
  Block block;
  block.segments.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::uint64_t base = run.range.lo + layout.offsets[i];
    block.segments.push_back({.base = TargetAddr{base},
                              .working = reinterpret_cast<std::byte*>(base),
                              .size = requests[i].size,
                              .protection = requests[i].protection});
  }
  block.extent = run.range;
  block.cookie = run.window;
  return block;
}

class PrivateMemory final : public MemoryProvider {
 public:
  explicit PrivateMemory(System& system) : system_(system), space_(system) {}

  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) override {
    return space_.locate(constraint, span);
  }

  Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                          std::span<const SegmentRequest> segments) override;
  Expected<void> seal(Block& block, SealStage stage) override;
  void release(Block& block) noexcept override;

 private:
  System& system_;
  AddressSpace space_;
};

// `within` says all that `constraint` does.
Expected<Block> PrivateMemory::reserve(const Constraint&, AddressRange within,
                                       std::span<const SegmentRequest> segments) {
  const std::optional<BlockLayout> layout = lay_out(segments, space_.page_size());
  if (!layout) return std::unexpected(Error(ErrorCode::kMemory, "the segments are larger than an address space"));
  Expected<Run> run = space_.acquire(within, layout->size, layout->alignment);
  if (!run) return std::unexpected(std::move(run).error());
  for (const AddressRange& stretch : layout->stretches) {
    const AddressRange pages{run->range.lo + stretch.lo, run->range.lo + stretch.hi};
    if (const int failure = system_.protect(pages, PROT_READ | PROT_WRITE)) {
      space_.release(*run);
      return std::unexpected(system_error("mprotect", pages, failure));
    }
  }
  return make_block(segments, *layout, *run);
}

Expected<void> PrivateMemory::seal(Block& block, SealStage stage) {
  if (stage == SealStage::kCode) flush_instructions(block);
  const std::vector<Flip> todo = flips(block, stage, space_.page_size());
  for (std::size_t i = 0; i < todo.size(); ++i) {
    const int failure = system_.protect(todo[i].pages, todo[i].protection);
    if (failure == 0) continue;
    for (std::size_t undone = i + 1; undone-- > 0;) system_.protect(todo[undone].pages, PROT_READ | PROT_WRITE);
    return std::unexpected(system_error("mprotect", todo[i].pages, failure));
  }
  return {};
}

void PrivateMemory::release(Block& block) noexcept {
  if (block.cookie == nullptr) return;
  space_.release({static_cast<Window*>(block.cookie), block.extent});
  block = {};
}

}  // namespace

std::shared_ptr<MemoryProvider> make_private_memory(System& system) { return std::make_shared<PrivateMemory>(system); }

}  // namespace enfold::memory

namespace enfold {

MemoryProvider::~MemoryProvider() = default;

Expected<void> MemoryProvider::rewrite(std::span<const WordWrite>) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the memory provider cannot change words of sealed segments")
                             .with_cure("use one of make_memory()'s"));
}

std::string_view name(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kAutomatic: return "auto";
    case MemoryKind::kAliased: return "alias";
    case MemoryKind::kForced: return "forced";
    case MemoryKind::kStrict: break;
  }
  return "strict";
}

Expected<std::shared_ptr<MemoryProvider>> make_memory(MemoryKind) { return make_private_memory(); }

std::shared_ptr<MemoryProvider> make_private_memory() { return memory::make_private_memory(memory::host_system()); }

}  // namespace enfold
