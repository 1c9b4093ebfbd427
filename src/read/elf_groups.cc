// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section groups (gABI, "Section Groups"): a flag word, then the members' indices; sh_info is the signature's symbol.
// `ld.gold -r` writes section symbols there, which have no name but their section's, mostly the group's own.
//
// Before there were groups, g++ named what one object of several should keep .gnu.linkonce.KIND.NAME (KIND is "t" for
// code, "d" for data, "r" for constants, ...), and some compilers still do.
#include <elf.h>

#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include "read/elf_parts.h"

namespace enfold::read {
namespace {

class GroupReader {
 public:
  GroupReader(ElfFile& file, Object& object) : file_(file), object_(object) {}

  bool read(const SectionHeader& h, Group& group);

 private:
  [[gnu::cold]] bool name_by_section(const SectionHeader& h, Group& group);
  bool join(const SectionHeader& h, Bytes words, Group& group);
  [[gnu::cold]] bool refuse_flags(const SectionHeader& h, std::uint32_t flags);

  ElfFile& file_;
  Object& object_;
};

bool GroupReader::read(const SectionHeader& h, Group& group) {
  if (!file_.claim(h)) return false;
  const Bytes words(file_.bytes().span().subspan(h.sh_offset, h.sh_size));
  if (words.size() < 4 || words.size() % 4 != 0) {
    return file_.bad(fmt::format("group {} of odd size", file_.index(h)), h);
  }
  const auto flags = load_unchecked<std::uint32_t>(words.data());
  if ((flags & ~std::uint32_t{GRP_COMDAT}) != 0) return refuse_flags(h, flags);
  group.kind = (flags & GRP_COMDAT) != 0 ? GroupKind::kComdat : GroupKind::kPlain;
  if (h.sh_link != file_.symbol_section() || !object_.symbols.contains(SymbolIndex{h.sh_info})) {
    return file_.bad(fmt::format("group {} has no signature", file_.index(h)), h);
  }
  group.signature = SymbolIndex{h.sh_info};
  const Symbol& symbol = object_.symbols[group.signature];
  const bool unnamed = symbol.type == SymbolType::kSection && *object_.symbol_name(symbol).data() == '\0';
  if (unnamed && !name_by_section(h, group)) return false;
  return join(h, words, group);
}

bool GroupReader::refuse_flags(const SectionHeader& h, std::uint32_t flags) {
  const std::string_view names = file_.names().text();
  const char* const name = h.sh_name < names.size() ? names.data() + h.sh_name : "";
  return file_.refuse(fmt::format("group {} with unknown flags {:#x}", file_.index(h), flags), name, "");
}

bool GroupReader::name_by_section(const SectionHeader& h, Group& group) {
  const std::uint32_t i = raw(group.signature);
  std::uint32_t of = file_.symbols()[i].st_shndx;
  if (of == SHN_XINDEX) of = file_.extended_indices().load<std::uint32_t>(std::uint64_t{i} * sizeof of).value_or(0);
  if (of == 0 || of >= file_.header_count()) {
    return file_.bad(fmt::format("group {} is named by a section that does not exist", file_.index(h)), h);
  }
  group.section_name = NameOffset{file_.headers()[of].sh_name};
  return true;
}

// Links the members into a ring.
bool GroupReader::join(const SectionHeader& h, Bytes words, Group& group) {
  SectionIndex last{};
  for (std::uint64_t at = 4; at < words.size(); at += 4) {
    const auto member = load_unchecked<std::uint32_t>(words.data() + at);
    if (member == 0 || member >= file_.header_count()) {
      return file_.bad(fmt::format("group {} has member {}, which does not exist", file_.index(h), member), h);
    }
    const SectionIndex index = file_.numbers()[member];
    if (raw(index) == 0) continue;
    Section& section = object_.sections[index];
    if (raw(section.next_in_group) != 0) return file_.bad(fmt::format("section {} is in two groups", member));
    if (raw(last) == 0) group.first = last = index;
    section.next_in_group = group.first;
    object_.sections[last].next_in_group = index;
    last = index;
  }
  return true;
}

constexpr std::string_view kLinkOnce = ".gnu.linkonce.";

// Members of groups are kept or dropped with those.
[[gnu::cold]] std::size_t read_link_once(Object& object, std::span<Group> groups) {
  std::size_t count = 0;
  for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
    const SectionIndex index{i};
    Section& section = object.sections[index];
    const std::string_view name = object.section_name(section);
    if (raw(section.next_in_group) != 0 || section.role == SectionRole::kIgnored || !name.starts_with(kLinkOnce)) {
      continue;
    }
    const std::size_t dot = name.find('.', kLinkOnce.size());
    const std::uint32_t key = dot == name.npos ? 0 : static_cast<std::uint32_t>(dot + 1);
    groups[count++] = {.section_name = section.name,
                       .once_name = NameOffset{raw(section.name) + key},
                       .first = index,
                       .kind = GroupKind::kLinkOnce};
    section.next_in_group = index;
  }
  return count;
}

}  // namespace

bool read_groups(ElfFile& file, Arena& arena, Object& object) {
  const std::span<Group> groups = arena.make<Group>(std::size_t{file.group_count()} + file.link_once_count());
  object.groups = groups.first(file.group_count());
  GroupReader reader(file, object);
  const std::span<const SectionHeader> headers = file.headers();
  std::size_t n = 0;
  for (std::uint32_t i = 1; n < object.groups.size(); ++i) {
    if (headers[i].sh_type == SHT_GROUP && !reader.read(headers[i], object.groups[n++])) return false;
  }
  if (file.link_once_count() != 0) object.groups = groups.first(n + read_link_once(object, groups.subspan(n)));
  return true;
}

}  // namespace enfold::read
