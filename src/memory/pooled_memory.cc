// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory provider of this process. Small blocks share pages (pool.h); large ones, and those that have to be in one
// piece, have pages of their own (page_block.h); both lie in the same windows. What the pool cannot serve, because the
// window is too full or the kernel refuses a second mapping, gets pages of its own.
//
// Locks, in the order they are taken: what views show; the pool; the windows.
#include "memory/pooled_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "fork.h"
#include "memory/address_map.h"
#include "memory/address_space.h"
#include "memory/code_changed.h"
#include "memory/cookie.h"
#include "memory/page_block.h"
#include "memory/pool.h"
#include "memory/private_memory.h"
#include "memory/range.h"
#include "memory/rewrite.h"
#include "memory/small_block.h"
#include "memory/views.h"

namespace enfold::memory {
namespace {

bool is_shown(const PoolShare& share) {
  return std::memcmp(reinterpret_cast<const void*>(share.base), share.working, share.size) == 0;
}

class PooledMemory final : public MemoryProvider, private ForkAware {
 public:
  PooledMemory(System& system, MemoryKind kind)
      : kind_(kind == MemoryKind::kAutomatic ? MemoryKind::kAliased : kind),
        system_(system),
        space_(system),
        views_(system),
        pool_(system, space_, kind_),
        pages_(system, space_, views_, kind_) {
    enlist(*this, ForkOrder::kMemory);
  }
  ~PooledMemory() override {
    delist(*this);
    trim();
  }
  PooledMemory(const PooledMemory&) = delete;
  PooledMemory& operator=(const PooledMemory&) = delete;

  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) override {
    return space_.locate(constraint, span);
  }

  Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                          std::span<const SegmentRequest> segments) override;
  Expected<void> hand_over(Block& block) override { return pages_.hand_over(block); }
  Expected<void> take_back(Block& block) override { return pages_.take_back(block); }
  Expected<void> seal(Block& block, SealStage stage) override;
  Expected<void> rewrite(std::span<const WordWrite> words) override {
    return memory::rewrite(views_, pool_, space_, words);
  }
  void release(Block& block) noexcept override;
  void trim() noexcept override;
  MemoryUse use() const override;

 private:
  void before_fork() override;
  void after_fork_in_parent() override;
  void after_fork_in_child() override;

  bool reserve_small(AddressRange within, std::span<const SegmentRequest> segments, Block& block);
  bool stage(PoolShares& shares, Cookie& cookie);
  Expected<void> show_all(const Block& block);
  Expected<void> finish_relro(Block& block);
  Expected<void> show(Cookie cookie, const PoolShare& share, PageClass pages);
  [[gnu::noinline]] Expected<void> force(Cookie cookie, const PoolShare& share, PageClass pages);
  std::uint64_t mapping_count(const MemoryUse& use) const;

  const MemoryKind kind_;
  System& system_;
  AddressSpace space_;
  Views views_;
  Pool pool_;
  PageBlocks pages_;
  std::uintptr_t generation_ = 0;  // forks that led here; changes while nobody else runs
};

// `within` says all that `constraint` does, but for one word.
Expected<Block> PooledMemory::reserve(const Constraint& constraint, AddressRange within,
                                      std::span<const SegmentRequest> segments) {
  if (constraint.for_loader) [[unlikely]] return pages_.reserve_for_loader(within, constraint.lead, segments);
  Expected<Block> block;
  const bool may_share = kind_ != MemoryKind::kStrict && !constraint.contiguous;
  if (!may_share || !reserve_small(within, segments, *block)) block = pages_.reserve(within, segments);
  return block;
}

// False: `block` means nothing.
bool PooledMemory::reserve_small(AddressRange within, std::span<const SegmentRequest> segments, Block& block) {
  PoolShares shares;
  if (!lay_out_small(segments, block, shares) || !pool_.grant(within, shares)) return false;
  Cookie cookie = Cookie::of_small(generation_);
  if (!stage(shares, cookie)) {
    pool_.take_back(shares);
    return false;
  }
  place_small(block, shares);
  block.cookie = cookie.raw();
  return true;
}

// Working memory for shares that have none.
bool PooledMemory::stage(PoolShares& shares, Cookie& cookie) {
  std::uint64_t size = 0;
  for (const PoolShare& share : shares.by_class) size += share.working == nullptr ? align_up(share.size, kGranule) : 0;
  if (size == 0) return true;
  Staging* staging = Staging::make(size, generation_);
  if (staging == nullptr) return false;
  std::byte* at = staging->bytes();
  for (PoolShare& share : shares.by_class) {
    if (share.working != nullptr) continue;
    share.working = at;
    at += align_up(share.size, kGranule);
  }
  cookie = Cookie::of_small(staging);
  return true;
}

Expected<void> PooledMemory::seal(Block& block, SealStage stage) {
  if (!Cookie(block.cookie).is_small()) return pages_.seal(block, stage);
  return stage == SealStage::kCode ? show_all(block) : finish_relro(block);
}

// Slots are shown with the code, too: resolvers of indirect functions, which run between the stages, may read them.
Expected<void> PooledMemory::show_all(const Block& block) {
  const Cookie cookie(block.cookie);
  PoolShares shares = shares_of(block);
  const std::scoped_lock lock(views_);
  if (auto done = show(cookie, shares.of(PageClass::kCode), PageClass::kCode); !done) return done;
  if (auto done = show(cookie, shares.of(PageClass::kConstant), PageClass::kConstant); !done) return done;
  code_changed(shares.of(PageClass::kCode).range());
  return {};
}

Expected<void> PooledMemory::finish_relro(Block& block) {
  const Cookie cookie(block.cookie);
  if (const PoolShare relro = relro_of(block); relro.size != 0) {
    const std::scoped_lock lock(views_);
    if (auto done = show(cookie, relro, PageClass::kConstant); !done) return done;
  }
  if (Staging* staging = cookie.staging()) std::free(staging);
  block.cookie = Cookie::of_small(generation_).raw();
  return {};
}

// Makes the run view show what was written: for what was written through an alias it mostly does.
Expected<void> PooledMemory::show(Cookie cookie, const PoolShare& share, PageClass pages) {
  if (share.working == nullptr || (cookie.generation() == generation_ && is_shown(share))) return {};
  return force(cookie, share, pages);
}

Expected<void> PooledMemory::force(Cookie cookie, const PoolShare& share, PageClass pages) {
  const bool staged = cookie.staging() != nullptr && cookie.staging()->holds(share.working);
  if (!staged && cookie.generation() != generation_) {
    return std::unexpected(Error(ErrorCode::kMemory, "the process forked while the set was being linked"));
  }
  if (!staged) pool_.note_divergence(share.base);
  const int failure =
      views_.write({.address = share.base, .bytes = {share.working, share.size}}, final_protection(pages));
  if (failure != 0) return std::unexpected(system_error("a forced write", share.range(), failure));
  return {};
}

void PooledMemory::release(Block& block) noexcept {
  if (block.cookie == nullptr) return;
  if (const Cookie cookie(block.cookie); cookie.is_small()) {
    if (Staging* staging = cookie.staging()) std::free(staging);
    pool_.take_back(shares_of(block));
  } else {
    pages_.release(block);
  }
  block.segments.clear();
  block.extent = {};
  block.cookie = nullptr;
}

void PooledMemory::trim() noexcept {
  pool_.trim();
  space_.trim();
  const std::scoped_lock lock(views_);
  views_.trim();
}

MemoryUse PooledMemory::use() const {
  MemoryUse use;
  use.windows = space_.use();
  pool_.count(use);
  pages_.count(use);
  use.mapping_count = mapping_count(use);
  return use;
}

// 0 where the address map cannot be read.
std::uint64_t PooledMemory::mapping_count(const MemoryUse& use) const {
  const Expected<AddressMap> map = read_address_map(system_);
  if (!map) return 0;
  std::vector<AddressRange> ours = pool_.aliases();
  for (const MemoryUse::Window& window : use.windows) ours.push_back(window.range);
  return static_cast<std::uint64_t>(std::ranges::count_if(map->mappings, [&](const Mapping& mapping) {
    return std::ranges::any_of(ours, [&](AddressRange range) { return size_of(intersect(range, mapping.range)) != 0; });
  }));
}

void PooledMemory::before_fork() {
  views_.lock();
  pool_.lock();
  space_.lock();
}

void PooledMemory::after_fork_in_parent() {
  space_.unlock();
  pool_.freeze_in_parent();
  pool_.unlock();
  views_.unlock();
}

void PooledMemory::after_fork_in_child() {
  ++generation_;
  space_.unlock();
  pool_.freeze_in_child();
  pool_.unlock();
  views_.unlock();
}

}  // namespace

std::shared_ptr<MemoryProvider> make_pooled_memory(System& system, MemoryKind kind) {
  return std::make_shared<PooledMemory>(system, kind);
}

std::shared_ptr<MemoryProvider> make_private_memory(System& system) {
  return make_pooled_memory(system, MemoryKind::kStrict);
}

}  // namespace enfold::memory
