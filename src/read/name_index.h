// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names to numbers, filled in one pass and then only asked. A linker asks every archive and library for every symbol
// that is still undefined, and mostly in vain, so a miss costs one probe of an 8-byte slot and touches no string.
#ifndef ENFOLD_READ_NAME_INDEX_H_
#define ENFOLD_READ_NAME_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace enfold::read {

// Ownership: names are borrowed. Threads: `find` from any number of threads once filled.
class NameIndex {
 public:
  // Room for `count` names, so that the table is laid out once.
  void reserve(std::size_t count);

  // The first number given for a name stays. Names of 4 GiB and more, and names beyond 2^32 - 2, are refused (false).
  [[nodiscard]] bool add(std::string_view name, std::uint32_t number);

  std::optional<std::uint32_t> find(std::string_view name) const;

  std::size_t size() const { return entries_.size(); }

  // Calls visit(name, number) for each, in the order in which they were added.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Entry& entry : entries_) visit(entry.view(), entry.number);
  }

 private:
  struct Entry {
    const char* name;
    std::uint32_t length;
    std::uint32_t number;
    std::string_view view() const { return {name, length}; }
  };
  struct Slot {
    std::uint32_t tag = 0;    // high half of the hash; the low half chose the slot
    std::uint32_t entry = 0;  // index + 1; 0 is a free slot
  };

  Slot& slot_for(std::string_view name, std::uint64_t hash);
  void rehash(std::size_t slot_count);

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most two thirds full
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_NAME_INDEX_H_
