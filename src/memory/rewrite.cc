// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/rewrite.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/mman.h>

namespace enfold::memory {
namespace {

using Word = std::uint64_t;

std::atomic_ref<Word> word_at(std::uint64_t address) {
  return std::atomic_ref<Word>(*reinterpret_cast<Word*>(address));
}

// What a reader of the run view sees; no compiler may know better.
Word shown(TargetAddr address) { return *reinterpret_cast<const volatile Word*>(value(address)); }

// One word on its way.
struct Change {
  WordWrite write{};
  std::size_t index = 0;    // among the words given: the last for an address stays
  std::uint64_t alias = 0;  // 0: none
  Word old = 0;             // in the alias
};

Expected<Change> find(Pool& pool, const AddressSpace& space, const WordWrite& word) {
  const std::uint64_t lo = value(word.address);
  const auto refused = [&](const char* why) {
    return std::unexpected(Error(ErrorCode::kMemory, fmt::format("the word at {:#x} cannot be changed: {}", lo, why)));
  };
  if (lo % sizeof(Word) != 0) return refused("it is not aligned");
  if (const auto place = pool.find({lo, lo + sizeof(Word)})) {
    if (place->pages != PageClass::kConstant) return refused("it is not in RELRO");
    return Change{.write = word, .alias = place->alias};
  }
  if (!space.is_taken(lo)) return refused("it is not in a block");
  return Change{.write = word};
}

Expected<std::vector<Change>> find_all(Pool& pool, const AddressSpace& space, std::span<const WordWrite> words) {
  std::vector<Change> changes;
  changes.reserve(words.size());
  for (const WordWrite& word : words) {
    Expected<Change> change = find(pool, space, word);
    if (!change) return std::unexpected(std::move(change).error());
    change->index = changes.size();
    changes.push_back(*change);
  }
  std::ranges::sort(changes, {}, [](const Change& c) { return std::pair(c.write.address, c.index); });
  return changes;
}

// Stores what can be stored. Returns the words that are not seen thereby.
std::vector<Patch> store(std::span<Change> changes) {
  std::vector<Patch> rest;
  for (Change& change : changes) {
    if (change.alias != 0) {
      change.old = word_at(change.alias).exchange(change.write.value, std::memory_order_acq_rel);
      if (shown(change.write.address) == change.write.value) continue;
    }
    rest.push_back({.address = value(change.write.address), .bytes = std::as_bytes(std::span(&change.write.value, 1))});
  }
  return rest;
}

void undo(std::span<const Change> changes) {
  for (std::size_t i = changes.size(); i-- > 0;) {
    if (changes[i].alias != 0) word_at(changes[i].alias).store(changes[i].old, std::memory_order_release);
  }
}

}  // namespace

Expected<void> rewrite(Views& views, Pool& pool, const AddressSpace& space, std::span<const WordWrite> words) {
  const std::scoped_lock lock(views);
  Expected<std::vector<Change>> changes = find_all(pool, space, words);
  if (!changes) return std::unexpected(std::move(changes).error());
  const std::vector<Patch> rest = store(*changes);
  if (rest.empty()) return {};
  if (const int failure = views.swap(rest, PROT_READ)) {
    undo(*changes);
    return std::unexpected(system_error("the exchange of pages", {rest.front().address, rest.back().address}, failure));
  }
  for (const Patch& patch : rest) pool.note_divergence(patch.address);
  return {};
}

}  // namespace enfold::memory
