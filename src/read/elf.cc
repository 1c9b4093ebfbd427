// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf.h"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "read/elf_file.h"
#include "read/elf_parts.h"

namespace enfold::read {
namespace {

// Names of one table may overlap, as long as they are not many times as long together as the table. Those of global
// symbols are measured when they are hashed.
constexpr std::uint64_t kMostSharing = 16, kFewBytes = 1 << 24;

template <class Named, class OffsetOf>
bool names_are_apart(std::string_view table, std::span<Named> all, OffsetOf&& offset_of) {
  if (all.size() * table.size() < kFewBytes) return true;
  std::uint64_t left = kFewBytes + kMostSharing * table.size();
  for (const auto& named : all) {
    const std::uint64_t size = std::strlen(table.data() + offset_of(named));
    if (size > left) return false;
    left -= size;
  }
  return true;
}

bool check_names(ElfFile& file, const Object& object, std::span<const Symbol> symbols) {
  if (!names_are_apart(object.strings, symbols, [](const Symbol& symbol) { return symbol.name; })) {
    return file.bad("names of symbols overlap in many places");
  }
  const auto sections = object.sections.span();
  return names_are_apart(object.section_names, sections, [](const Section& section) { return raw(section.name); }) ||
         file.bad("names of sections overlap in many places");
}

std::span<const Symbol> local_symbols(const Object& object) {
  return object.symbols.span().first(raw(object.first_global));
}

// The symbols alone. No sections are read: all seem to be ignored.
Expected<void> read_definitions(Bytes bytes, std::span<const ElfMachine> machines, Arena& arena, Object& object) {
  ElfFile file(bytes, object.name);
  if (!file.open(machines)) return file.result(false);
  object.sections = Table<SectionIndex, Section>(arena.make<Section>(std::size_t{1} + file.contents_count()));
  return file.result(read_symbols(file, arena, object) && check_names(file, object, object.symbols.span()));
}

}  // namespace

Expected<void> read_elf(Bytes bytes, std::span<const ElfMachine> machines, Arena& arena, Object& object) {
  ElfFile file(bytes, object.name);
  if (!file.open(machines)) return file.result(false);
  object.machine = file.machine().number;
  return file.result(read_sections(file, arena, object) && read_relocations(file, arena, object) &&
                     read_symbols(file, arena, object) && check_names(file, object, local_symbols(object)) &&
                     (file.group_count() + file.link_once_count() == 0 || read_groups(file, arena, object)));
}

Expected<void> enumerate_elf_definitions(Bytes bytes, const std::string& name, std::span<const ElfMachine> machines,
                                         const std::function<void(std::string_view)>& sink) {
  if (!bytes.text().starts_with(ELFMAG)) return {};
  Arena arena;
  Object object;
  object.name = name;
  if (auto done = read_definitions(bytes, machines, arena, object); !done) return done;
  for (const Symbol& symbol : object.symbols) {
    if (symbol.binding != Binding::kLocal && symbol.place != SymbolPlace::kUndefined) sink(object.symbol_name(symbol));
  }
  return {};
}

void collect_elf_definitions(Bytes bytes, std::span<const ElfMachine> machines,
                             const std::function<void(std::string_view)>& sink) {
  Arena arena;
  Object object;
  if (!read_definitions(bytes, machines, arena, object)) return;
  for (const Symbol& symbol : object.symbols) {
    const bool contents = symbol.place == SymbolPlace::kSection || symbol.place == SymbolPlace::kAbsolute;
    const std::string_view name = object.symbol_name(symbol);
    // "name@@VERSION" defines "name".
    if (symbol.binding != Binding::kLocal && contents) sink(name.substr(0, name.find("@@")));
  }
}

}  // namespace enfold::read
