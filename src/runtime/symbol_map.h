// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What lies where in a set, in few bytes: its sections with their objects, and its named symbols, local ones, too.
#ifndef ENFOLD_RUNTIME_SYMBOL_MAP_H_
#define ENFOLD_RUNTIME_SYMBOL_MAP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <enfold/describe.h>

#include "link_state.h"

namespace enfold {

struct SymbolMap {
  struct Section {
    std::uint64_t lo = 0, size = 0;
    std::uint32_t object = 0, name = 0;  // offsets in `names`
  };
  struct Symbol {
    std::uint64_t lo = 0, size = 0;  // size 0: unknown
    std::uint32_t name = 0;
  };
  std::vector<Section> sections;  // by address
  std::vector<Symbol> symbols;    // likewise
  std::string names;              // each ends with a zero
};

// The image has its addresses.
std::shared_ptr<const SymbolMap> map_symbols(const LinkState& link);

// Tells `note` object, section and symbol as far as they are known, and the range of the smallest of them.
void note_place(const SymbolMap& map, std::uint64_t address, AddressNote& note) noexcept;

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_SYMBOL_MAP_H_
