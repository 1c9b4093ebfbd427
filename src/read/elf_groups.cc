// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section groups (gABI, "Section Groups"): a flag word, then the members' indices; sh_info is the signature's symbol.
#include <elf.h>

#include <fmt/format.h>

#include "read/elf_parts.h"

namespace enfold::read {
namespace {

class GroupReader {
 public:
  GroupReader(ElfFile& file, Object& object) : file_(file), object_(object) {}

  bool read(const SectionHeader& h, Group& group);

 private:
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
  group.comdat = (flags & GRP_COMDAT) != 0;
  if (h.sh_link != file_.symbol_section() || !object_.symbols.contains(SymbolIndex{h.sh_info})) {
    return file_.bad(fmt::format("group {} has no signature", file_.index(h)), h);
  }
  group.signature = SymbolIndex{h.sh_info};
  return join(h, words, group);
}

bool GroupReader::refuse_flags(const SectionHeader& h, std::uint32_t flags) {
  const std::string_view names = file_.names().text();
  const char* const name = h.sh_name < names.size() ? names.data() + h.sh_name : "";
  return file_.refuse(fmt::format("group {} with unknown flags {:#x}", file_.index(h), flags), name, "");
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

}  // namespace

bool read_groups(ElfFile& file, Arena& arena, Object& object) {
  object.groups = arena.make<Group>(file.group_count());
  GroupReader reader(file, object);
  const std::span<const SectionHeader> headers = file.headers();
  std::size_t n = 0;
  for (std::uint32_t i = 1; n < object.groups.size(); ++i) {
    if (headers[i].sh_type == SHT_GROUP && !reader.read(headers[i], object.groups[n++])) return false;
  }
  return true;
}

}  // namespace enfold::read
