// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The symbol table of one link (gABI, "Symbol Table" and "Section Groups"). Locals bind by index inside their object
// and enter no table. Of several definitions of a global the strongest stays: global over common over weak, and the
// first of its kind; two strong ones are an error. A COMDAT group is kept once and dropped whole.
#ifndef ENFOLD_PLAN_SYMBOLS_H_
#define ENFOLD_PLAN_SYMBOLS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include <enfold/error.h>

#include "link_state.h"

namespace enfold {

class SymbolTable {
 public:
  explicit SymbolTable(LinkState& link) : link_(link) {}

  // Enters the object's groups, definitions and references.
  void add_object(ObjectIndex object);

  // A reference that no object makes: archives are asked for the symbol.
  void want(std::string_view name);

  GlobalIndex intern(std::string_view name);
  GlobalIndex find(std::string_view name) const;  // none when there is none

  // Globals that became wanted and undefined, or common, since the last call.
  std::pmr::vector<GlobalIndex> take_wanted() { return std::exchange(wanted_, {}); }
  // Where nobody is left to ask.
  void drop_wanted() { wanted_.clear(); }
  // All that are wanted and still undefined, or common.
  std::vector<GlobalIndex> open_names() const;

  // Duplicate definitions found so far.
  std::vector<Error> take_errors() { return std::exchange(errors_, {}); }

 private:
  static constexpr std::uint32_t kEmpty = 0xffff'ffff;
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t index = kEmpty;
  };

  std::uint32_t& slot_for(std::string_view name, std::uint64_t hash, bool group);
  void grow();
  void add_groups(Object& object);
  void discard(Object& object, const Group& group);
  void add_symbol(ObjectIndex index, Object& object, SymbolIndex i);
  void define(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i);
  void merge_common(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i);
  void report_duplicate(const Global& global, ObjectIndex second);

  LinkState& link_;
  std::pmr::vector<Slot> slots_{&link_.scratch};
  std::vector<std::string_view> groups_;  // signatures of kept COMDAT groups
  std::vector<std::uint64_t> group_hashes_;
  std::size_t used_ = 0;
  std::pmr::vector<GlobalIndex> wanted_{&link_.scratch};
  std::vector<Error> errors_;
};

}  // namespace enfold

#endif  // ENFOLD_PLAN_SYMBOLS_H_
