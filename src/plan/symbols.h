// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The symbol table of one link (gABI, "Symbol Table" and "Section Groups"). Locals bind by index inside their object
// and enter no table. Of several definitions of a global the strongest stays: global over common over weak, and the
// first of its kind; two strong ones are an error. A COMDAT group is kept once and dropped whole.
#ifndef ENFOLD_PLAN_SYMBOLS_H_
#define ENFOLD_PLAN_SYMBOLS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <enfold/error.h>

#include "large_memory.h"
#include "link_state.h"
#include "plan/link_once.h"

namespace enfold {

// A name as the table finds it. It takes a word, so that it has room where its symbol's address will be.
struct NameKey {
  std::uint32_t hash = 0;
  std::uint32_t size = 0;  // without a default version
};
static_assert(sizeof(NameKey) == sizeof(std::uint64_t));

// Notes the keys of an object's global symbols where their addresses will be: names are done with by then. Looks at the
// object alone. Errors: kMalformed, when the names are many times as long as their table is.
Expected<void> note_names(Object& object, Arena& arena);

// Are archives asked for the symbol: is it wanted and still undefined, or common?
inline bool is_open(const Global& global) {
  return (global.origin == Origin::kUndefined && global.wanted) || global.origin == Origin::kCommon;
}

class SymbolTable {
 public:
  explicit SymbolTable(LinkState& link) : link_(link) {}

  // Makes room for what objects with so many global symbols bring, as a rule.
  void reserve(std::size_t mention_count);

  // Enters the object's groups, definitions and references. Its names were noted.
  void add_object(ObjectIndex object);

  // A reference that no object makes: archives are asked for the symbol.
  void want(std::string_view name);

  GlobalIndex intern(std::string_view name);
  GlobalIndex find(std::string_view name) const;  // none when there is none

  // Globals that became wanted and undefined, or common, since the last call, while the link had archives.
  ScratchVector<GlobalIndex> take_wanted() {
    return std::exchange(wanted_, ScratchVector<GlobalIndex>(&link_.scratch));
  }
  // All that are open.
  std::vector<GlobalIndex> open_names() const;

  // Gives up the memory of names: none is looked for any more.
  void drop_names() { Slots(&link_.scratch).swap(slots_); }

  // Duplicate definitions found so far.
  std::vector<Error> take_errors() { return std::exchange(errors_, {}); }

 private:
  static constexpr std::uint32_t kEmpty = 0xffff'ffff;
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t index = kEmpty;
  };
  using Slots = ScratchVector<Slot>;
  static constexpr std::size_t kFewestSlots = 16;  // enough for a tiny set

  // Only archives are asked.
  void note_wanted(GlobalIndex id) {
    if (!link_.archives.empty()) wanted_.push_back(id);
  }
  GlobalIndex intern(std::string_view name, std::uint32_t hash);
  void resize(std::size_t slot_count);
  template <class HashAt>
  void look_ahead(std::size_t at, std::size_t count, HashAt hash_at) const;
  void add_groups(Object& object);
  void add_group(Object& object, const Group& group);
  [[gnu::cold]] void add_link_once(Object& object, const Group& group);
  GlobalIndex intern_signature(const Object& object, const Group& group);
  void add_symbol(ObjectIndex index, Object& object, SymbolIndex i);
  [[gnu::always_inline]] void add_mention(ObjectIndex index, Object& object, SymbolIndex i, GlobalIndex id);
  [[gnu::cold]] void add_versioned(ObjectIndex index, Object& object);
  GlobalIndex intern_version(std::string_view name, std::size_t mark);
  [[gnu::cold]] bool is_reported_elsewhere(const Global& global, ObjectIndex object, const Symbol& symbol) const;
  void define(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i);
  void merge_common(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i);
  void report_duplicate(const Global& global, ObjectIndex second);

  LinkState& link_;
  Slots slots_{&link_.scratch};  // one at least of two is empty
  ScratchVector<GlobalIndex> wanted_{&link_.scratch};
  std::vector<Error> errors_;
  std::unique_ptr<LinkOnce> link_once_;  // once there are sections of that kind
};

}  // namespace enfold

#endif  // ENFOLD_PLAN_SYMBOLS_H_
