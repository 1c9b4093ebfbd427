// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/name_index.h"

#include <bit>
#include <limits>
#include <utility>

#include "hashed_name.h"

namespace enfold::read {
namespace {

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

std::size_t slots_for(std::size_t count) { return std::bit_ceil(count + count / 2 + 8); }

}  // namespace

void NameIndex::reserve(std::size_t count) {
  entries_.reserve(count);
  if (slots_for(count) > slots_.size()) rehash(slots_for(count));
}

void NameIndex::rehash(std::size_t slot_count) {
  slots_.assign(slot_count, {});
  std::uint32_t number = 0;
  for (const Entry& entry : entries_) {
    const std::uint64_t hash = wide_hash_of(entry.view());
    slot_for(entry.view(), hash) = {.tag = tag_of(hash), .entry = ++number};
  }
}

// The slot that holds `name`, or the free one where it belongs. There is always a free one.
NameIndex::Slot& NameIndex::slot_for(std::string_view name, std::uint64_t hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.entry == 0) return slot;
    if (slot.tag == tag_of(hash) && entries_[slot.entry - 1].view() == name) return slot;
  }
}

bool NameIndex::add(std::string_view name, std::uint32_t number) {
  constexpr std::size_t kMax = std::numeric_limits<std::uint32_t>::max();
  if (name.size() > kMax || entries_.size() >= kMax - 1) return false;
  if (slots_for(entries_.size() + 1) > slots_.size()) rehash(slots_for(entries_.size() + 1));
  const std::uint64_t hash = wide_hash_of(name);
  Slot& slot = slot_for(name, hash);
  if (slot.entry != 0) return true;
  entries_.push_back({.name = name.data(), .length = static_cast<std::uint32_t>(name.size()), .number = number});
  slot = {.tag = tag_of(hash), .entry = static_cast<std::uint32_t>(entries_.size())};
  return true;
}

std::optional<std::uint32_t> NameIndex::find(std::string_view name) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint64_t hash = wide_hash_of(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot slot = slots_[i];
    if (slot.entry == 0) return std::nullopt;
    if (slot.tag != tag_of(hash)) continue;
    if (const Entry& entry = entries_[slot.entry - 1]; entry.view() == name) return entry.number;
  }
}

}  // namespace enfold::read
