// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "link_state.h"

#include <algorithm>

namespace enfold {

std::optional<read::SharedSymbol> find_in(const Library& library, const Global& global) {
  if (!global.versioned) return library.symbols.find(global.name);
  const std::size_t mark = global.name.find('@');
  return library.symbols.find(global.name.substr(0, mark), global.name.substr(mark + 1));
}

std::string exact_name(const Global& global, const read::SharedSymbol& found) {
  const bool known = global.versioned || found.version.empty() || found.type == read::SharedSymbolType::kTls;
  return known ? std::string(global.name) : std::string(global.name).append("@").append(found.version);
}

std::string display_name(const Object& object, SymbolIndex symbol) {
  if (!object.symbols.contains(symbol)) return {};
  const Symbol& s = object.symbols[symbol];
  if (s.type == SymbolType::kSection && s.place == SymbolPlace::kSection) {
    return std::string(object.section_name(object.sections[s.section]));
  }
  return std::string(object.symbol_name(s));
}

Place place_in(const Object& object, const Section& section, std::uint64_t offset) {
  Place place;
  place.object = object.name;
  place.section = object.section_name(section);
  place.offset = offset;
  return place;
}

Place place_of(const Object& object, SectionIndex section, std::uint32_t relocation, const Fixup& fixup) {
  const Section& s = object.sections[section];
  return {.object = std::string(object.name),
          .section = std::string(object.section_name(s)),
          .offset = fixup.offset,
          .symbol = display_name(object, fixup.symbol),
          .relocation = object.scheme->type_name(object.scheme->raw_type(s, relocation))};
}

namespace {

// Of the section's pieces: the last that begins at or before the offset; none where there is none such.
std::size_t piece_before(const Section& section, std::uint64_t offset) {
  const std::span<const Piece> pieces = section.pieces();
  const auto after = std::ranges::upper_bound(pieces, offset, {}, &Piece::from);
  return static_cast<std::size_t>(after - pieces.begin()) - 1;
}

std::optional<std::uint64_t> offset_in(const Section& section, std::size_t piece, std::uint64_t offset) {
  if (piece >= section.pieces().size()) return std::nullopt;
  const Piece& found = section.pieces()[piece];
  if (offset - found.from >= found.size) return std::nullopt;
  return found.to + (offset - found.from);
}

bool is_gone(const Section& section) { return section.laid_size() == 0 && section.size != 0; }

}  // namespace

std::optional<std::uint64_t> laid_offset(const Section& section, std::uint64_t offset) {
  if (section.pieces().empty()) return is_gone(section) ? std::nullopt : std::optional(offset);
  return offset_in(section, piece_before(section, offset), offset);
}

std::optional<std::uint64_t> LaidOffsets::seek(std::uint64_t offset) {
  if (pieces_.empty()) return laid_offset(section_, offset);
  const std::size_t piece = piece_before(section_, offset);
  if (piece < pieces_.size()) at_ = piece;
  return offset_in(section_, piece, offset);
}

}  // namespace enfold
