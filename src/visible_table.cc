// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "visible_table.h"

#include <algorithm>
#include <bit>

#include "large_memory.h"
#include "runtime/set_record.h"

namespace enfold {
namespace {

constexpr std::size_t kLeast = 64;

}  // namespace

std::size_t VisibleTable::compare(const HashedName& name, std::size_t at) const {
  for (; is_taken(at); at = behind(at)) {
    if (slots_[at].hash == name.hash && slots_[at].visible.symbol->name == name.text) break;
  }
  return at;
}

const Visible* VisibleTable::insert(const Visible& visible) {
  if ((count_ + 1) * 4 > (mask_ + 1) * 3) grow(std::max(kLeast, slots_.size() * 2));
  const HashedName name = visible.symbol->hashed_name();
  Slot& slot = slots_[probe(name)];
  if (slot.visible.symbol != nullptr) return &slot.visible;
  slot = {name.hash, visible};
  ++count_;
  return nullptr;
}

void VisibleTable::expect(std::size_t count) {
  if (count <= count_) return;
  const std::size_t slot_count = std::bit_ceil((count_ + count) * 4 / 3 + 1);
  if (slot_count > slots_.size()) grow(slot_count);
}

void VisibleTable::shrink() {
  const std::size_t enough = std::max(kLeast, std::bit_ceil(count_ * 4 / 3 + 1));
  if (enough <= slots_.size() / 2) grow(enough);
}

void VisibleTable::grow(std::size_t slot_count) {
  std::vector<Slot> larger;
  larger.reserve(slot_count);
  bring_in(larger.data(), slot_count * sizeof(Slot));
  larger.resize(slot_count);
  mask_ = slot_count - 1;
  for (const Slot& slot : slots_) {
    if (slot.visible.symbol == nullptr) continue;
    std::size_t at = slot.hash & mask_;
    while (larger[at].visible.symbol != nullptr) at = (at + 1) & mask_;
    larger[at] = slot;
  }
  const std::size_t size = slots_.size() * sizeof(Slot);
  if (size >= kLargePage) give_up_pages(slots_.data(), size);  // which the allocator may keep
  slots_.swap(larger);
}

// Whoever was displaced past the slot moves up, so that no probe stops short of him.
void VisibleTable::erase(const Visible& found) noexcept {
  const auto offset = reinterpret_cast<const std::byte*>(&found) - reinterpret_cast<const std::byte*>(slots_.data());
  std::size_t hole = static_cast<std::size_t>(offset) / sizeof(Slot);
  for (std::size_t at = behind(hole); is_taken(at); at = behind(at)) {
    const std::size_t displaced = (at - slots_[at].hash) & mask_;
    if (displaced < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  --count_;
}

}  // namespace enfold
