// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/symbol_map.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "apply/addresses.h"
#include "name_tables.h"
#include "plan/needs.h"
#include "runtime/describe.h"

namespace enfold {
namespace {

class Mapper {
 public:
  explicit Mapper(const LinkState& link) : link_(link) {}

  std::shared_ptr<const SymbolMap> run() {
    map_->names.push_back('\0');
    for (const Object& object : link_.objects) add_object(object);
    for (const Need& need : link_.needs) add_need(need);
    std::ranges::sort(map_->sections, {}, &SymbolMap::Section::lo);
    // Of several at one address the last is found: a global one, as objects have those behind their local ones.
    std::ranges::sort(map_->symbols, {}, [](const SymbolMap::Symbol& s) { return std::pair(s.lo, s.name); });
    map_->sections.shrink_to_fit();
    map_->symbols.shrink_to_fit();
    map_->names.shrink_to_fit();
    return map_;
  }

 private:
  void add_object(const Object& object) {
    const std::uint32_t name = keep(object.name);
    for (const Section& section : object.sections) {
      if (!is_laid_out(section)) continue;
      map_->sections.push_back({.lo = value(address_of(link_, section)),
                                .size = section.laid_size(),
                                .object = name,
                                .name = keep_once(object.section_name(section))});
    }
    for (std::uint32_t i = 0; i < object.symbols.size(); ++i) add_symbol(object, SymbolIndex{i});
  }

  void add_symbol(const Object& object, SymbolIndex index) {
    const Symbol& symbol = object.symbols[index];
    if (symbol.place != SymbolPlace::kSection || !is_laid_out(object.sections[symbol.section])) return;
    if (symbol.type == SymbolType::kSection || symbol.type == SymbolType::kFile) return;
    const std::string_view name = object.symbol_name(symbol);
    if (name.empty()) return;
    map_->symbols.push_back(
        {.lo = symbol_address(link_, object, symbol), .size = object.size_of(index), .name = keep(name)});
  }

  void add_need(const Need& need) {
    const bool is_storage = need.kind == NeedKind::kCommon || need.kind == NeedKind::kCopy;
    if (is_storage) return add_need(need, name(need.kind));
    if (is_stub(need.kind) && need.sharing == 0 && !need.face) add_need(need, kStubSection);
  }

  // Each is a section of its own, of no object.
  void add_need(const Need& need, std::string_view section) {
    const std::uint64_t lo = value(address_of(link_, need));
    const std::string symbol = need.object == kNone<ObjectIndex>
                                 ? std::string(link_.globals[need.symbol].name)
                                 : display_name(link_.object(need.object), SymbolIndex{need.symbol});
    map_->sections.push_back({.lo = lo, .size = need.size, .object = 0, .name = keep_once(section)});
    map_->symbols.push_back({.lo = lo, .size = need.size, .name = keep(symbol)});
  }

  static bool is_laid_out(const Section& section) {
    return section.in_image() && section.role != SectionRole::kThreadLocal && section.laid_size() != 0;
  }

  // Names beyond 4 GiB are left out: 0 is the empty one.
  std::uint32_t keep(std::string_view name) {
    const std::size_t at = map_->names.size();
    if (at + name.size() >= std::numeric_limits<std::uint32_t>::max()) return 0;
    map_->names.append(name).push_back('\0');
    return static_cast<std::uint32_t>(at);
  }

  // Many sections have one name.
  std::uint32_t keep_once(std::string_view name) {
    const auto [found, added] = kept_.try_emplace(name, 0);
    if (added) found->second = keep(name);
    return found->second;
  }

  const LinkState& link_;
  std::shared_ptr<SymbolMap> map_ = std::make_shared<SymbolMap>();
  NameMap<std::string_view, std::uint32_t> kept_;
};

// The last entry that begins at or before the address; null where none does.
template <class Entry>
const Entry* last_before(const std::vector<Entry>& entries, std::uint64_t address) noexcept {
  const auto after = std::ranges::upper_bound(entries, address, {}, &Entry::lo);
  return after == entries.begin() ? nullptr : &*(after - 1);
}

// A symbol that has the address by its size, else the nearest one without a size in that section. Functions that hold
// others are few: the walk back is short.
const SymbolMap::Symbol* symbol_at(const SymbolMap& map, AddressRange section, std::uint64_t address) noexcept {
  constexpr int kMostSteps = 64;
  const SymbolMap::Symbol* unsized = nullptr;
  const SymbolMap::Symbol* at = last_before(map.symbols, address);
  for (int i = 0; at != nullptr && i < kMostSteps && at->lo >= section.lo; ++i) {
    if (at->size != 0 && address - at->lo < at->size) return at;
    if (at->size == 0 && unsized == nullptr) unsized = at;
    at = at == map.symbols.data() ? nullptr : at - 1;
  }
  return unsized;
}

}  // namespace

std::shared_ptr<const SymbolMap> map_symbols(const LinkState& link) { return Mapper(link).run(); }

void note_place(const SymbolMap& map, std::uint64_t address, AddressNote& note) noexcept {
  const auto text = [&](std::uint32_t at) { return std::string_view(map.names.c_str() + at); };
  const SymbolMap::Section* section = last_before(map.sections, address);
  if (section == nullptr || address - section->lo >= section->size) return;
  note.object = text(section->object);
  note.section = text(section->name);
  note.range = {section->lo, section->lo + section->size};
  const SymbolMap::Symbol* symbol = symbol_at(map, note.range, address);
  if (symbol == nullptr) return;
  note.symbol = text(symbol->name);
  note.range.lo = symbol->lo;
  if (symbol->size != 0) note.range.hi = symbol->lo + symbol->size;
}

}  // namespace enfold
