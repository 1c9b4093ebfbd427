// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "link_state.h"

#include <algorithm>

#include "workers.h"

namespace enfold {

unsigned threads_for_symbols(const LinkState& link) {
  constexpr std::uint64_t kWorthOfThread = 20'000;
  return threads_for(link.symbol_count, kWorthOfThread, link.thread_count);
}

std::string display_name(const Object& object, SymbolIndex symbol) {
  if (!object.symbols.contains(symbol)) return {};
  const Symbol& s = object.symbols[symbol];
  if (s.type == SymbolType::kSection && s.place == SymbolPlace::kSection) {
    return std::string(object.section_name(object.sections[s.section]));
  }
  return std::string(object.symbol_name(s));
}

Place place_of(const Object& object, SectionIndex section, std::uint32_t relocation, const Fixup& fixup) {
  const Section& s = object.sections[section];
  return {.object = object.name,
          .section = std::string(object.section_name(s)),
          .offset = fixup.offset,
          .symbol = display_name(object, fixup.symbol),
          .relocation = object.scheme->type_name(object.scheme->raw_type(s.relocations, relocation))};
}

std::optional<std::uint64_t> laid_offset(const Section& section, std::uint64_t offset) {
  const std::span<const Piece> pieces = section.pieces();
  if (pieces.empty()) return section.laid_size == 0 && section.size != 0 ? std::nullopt : std::optional(offset);
  const auto after = std::ranges::upper_bound(pieces, offset, {}, &Piece::from);
  if (after == pieces.begin()) return std::nullopt;
  const Piece& piece = *(after - 1);
  if (offset - piece.from >= piece.size) return std::nullopt;
  return piece.to + (offset - piece.from);
}

}  // namespace enfold
