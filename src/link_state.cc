// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "link_state.h"

#include <algorithm>

namespace enfold {

std::string display_name(const Object& object, SymbolIndex symbol) {
  if (!object.symbols.contains(symbol)) return {};
  const Symbol& s = object.symbols[symbol];
  if (s.type == SymbolType::kSection && s.place == SymbolPlace::kSection) {
    return std::string(object.sections[s.section].name);
  }
  return std::string(object.symbol_name(s));
}

Place place_of(const Object& object, SectionIndex section, std::uint32_t relocation, const Fixup& fixup) {
  const Section& s = object.sections[section];
  return {.object = object.name,
          .section = std::string(s.name),
          .offset = fixup.offset,
          .symbol = display_name(object, fixup.symbol),
          .relocation = object.scheme->type_name(object.scheme->raw_type(s.relocations, relocation))};
}

std::optional<std::uint64_t> laid_offset(const Section& section, std::uint64_t offset) {
  if (section.pieces.empty()) return section.laid_size == 0 && section.size != 0 ? std::nullopt : std::optional(offset);
  const auto after = std::ranges::upper_bound(section.pieces, offset, {}, &Piece::from);
  if (after == section.pieces.begin()) return std::nullopt;
  const Piece& piece = *(after - 1);
  if (offset - piece.from >= piece.size) return std::nullopt;
  return piece.to + (offset - piece.from);
}

}  // namespace enfold
