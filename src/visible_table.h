// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The definition that a session shows of each name. It shows as many names as it has sets, and more, and each is looked
// for when its set is bound, checked, shown and hidden. So the table is one array of hashes and definitions, probed in
// order: most answers take one line of it, and the definition's own name is read only where the hashes are the same.
#ifndef ENFOLD_VISIBLE_TABLE_H_
#define ENFOLD_VISIBLE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hashed_name.h"

namespace enfold {

struct ExportedSymbol;
struct SetRecord;

struct Visible {
  const ExportedSymbol* symbol = nullptr;
  SetRecord* set = nullptr;  // null: defined by address
};

// Ownership: symbols are borrowed until they are erased or another one takes their place.
// Threads: the caller's lock.
class VisibleTable {
 public:
  // Null: there is none. Good until the table changes.
  const Visible* find(const HashedName& name) const { return const_cast<VisibleTable*>(this)->find(name); }
  // Who changes what is found gives it another symbol of that name.
  Visible* find(const HashedName& name) {
    if (slots_.empty()) return nullptr;
    Visible& found = slots_[probe(name)].visible;
    return found.symbol != nullptr ? &found : nullptr;
  }

  // Room for so many more names, where that is more than there are: a large set makes it grow once.
  void expect(std::size_t count);

  // Gives memory back where there were many more names. Throws std::bad_alloc, and then nothing has changed.
  void shrink();

  // Not null: the name has that definition already, which stays. Throws std::bad_alloc, but not where as many were
  // erased before.
  const Visible* insert(const Visible& visible);

  // `found` is what find() gave of a name: it has no definition any more.
  void erase(const Visible& found) noexcept;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    Visible visible{};  // without a symbol: an empty slot
  };

  bool is_taken(std::size_t at) const { return slots_[at].visible.symbol != nullptr; }
  std::size_t behind(std::size_t at) const { return (at + 1) & mask_; }
  // The slot that has the name, or the empty one where it belongs. There are slots. Most names end at an empty one, and
  // none with their hash before.
  std::size_t probe(const HashedName& name) const {
    std::size_t at = name.hash & mask_;
    while (is_taken(at) && slots_[at].hash != name.hash) at = behind(at);
    return is_taken(at) ? compare(name, at) : at;
  }
  // The same from the slot `at` on.
  std::size_t compare(const HashedName& name, std::size_t at) const;
  void grow(std::size_t slot_count);

  std::vector<Slot> slots_;  // a power of two; at least a quarter of them empty
  std::size_t mask_ = 0;     // one less than there are, of which 0 are as many as 1
  std::size_t count_ = 0;
};

}  // namespace enfold

#endif  // ENFOLD_VISIBLE_TABLE_H_
