// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Symbols, sections, groups and relocations.
#include <elf.h>

#include "lists.h"

namespace enfold::linear {
namespace {

constexpr std::uint8_t kWeakFunction = ELF64_ST_INFO(STB_WEAK, STT_FUNC);
constexpr std::uint8_t kLocalFunction = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
constexpr std::uint8_t kWeakNone = ELF64_ST_INFO(STB_WEAK, STT_NOTYPE);
constexpr std::uint8_t kGlobalIndirect = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC);

SetOptions gc_from(std::string root) {
  SetOptions options;
  options.gc_sections = true;
  options.roots = {std::move(root)};
  return options;
}

// ---- Symbols

template <Naming naming>
Work symbols(std::uint32_t n) {
  return work_on({{"user.o", object_that_calls(names(n, naming))}, {"list.o", object_that_defines(names(n, naming))}});
}

Work local_symbols(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  for (std::uint32_t i = 0; i < n; ++i) {
    b.add_symbol("l" + std::to_string(i), kLocalFunction, static_cast<std::uint16_t>(code), i * 8, 8);
  }
  return work_on(build(b));
}

Work local_symbols_of_one_name(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) {
    uses.push_back(rela(i * 8, b.add_symbol("l", kLocalFunction, static_cast<std::uint16_t>(code), i * 8, 8),
                        R_X86_64_GOTPCREL, -4));
  }
  b.add_relocations(code, uses);
  return work_on(build(b));
}

// All at one place, which is described again and again.
Work aliases(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n);
  for (const std::string& name : names(n)) add_function(b, name, code);
  return work_on(build(b));
}

// Each ends where the section does.
Work nested_symbols(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  for (std::uint32_t i = 0; i < n; ++i) {
    b.add_symbol("f" + std::to_string(i), fuzz::kGlobalFunction, static_cast<std::uint16_t>(code), i * 8, (n - i) * 8);
  }
  return work_on(build(b));
}

template <Naming naming>
Work undefined_symbols(std::uint32_t n) {
  return work_on(object_that_calls(names(n, naming)), {}, Outcome::kPlanned);
}

Work undefined_symbols_refused(std::uint32_t n) {
  auto work = work_on(object_that_calls(names(n)), {}, Outcome::kPlanned);
  const auto object = std::make_shared<Bytes>(object_that_calls(names(n)));
  return [work, object] {
    work();
    const auto session = new_session();
    ObjectSet set("set");
    set.add_bytes(*object, "list.o");
    const Expected<LinkedSet> linked = session->link(std::move(set));
    require(!linked && !linked.error().text().empty(), "is not refused");
  };
}

template <Naming naming>
Work undefined_weak_symbols(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 16);
  std::vector<Elf64_Rela> uses;
  for (const std::string& name : names(n, naming)) {
    uses.push_back(rela(uses.size() * 8, b.add_symbol(name, kWeakNone, SHN_UNDEF), R_X86_64_GOTPCREL, -4));
  }
  b.add_relocations(code, uses);
  return work_on(build(b));
}

Work duplicate_symbols(std::uint32_t n) {
  return work_on({{"a.o", object_that_defines(names(n))}, {"b.o", object_that_defines(names(n))}}, {},
                 Outcome::kRefused);
}

Work weak_symbols(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  for (const std::string& name : names(n)) b.add_symbol(name, kWeakFunction, static_cast<std::uint16_t>(code));
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}, {"c.o", object_that_defines(names(n))}});
}

Work commons(std::uint32_t n) {
  ElfBuilder b;
  for (const std::string& name : names(n)) b.add_symbol(name, fuzz::kGlobalObject, SHN_COMMON, 8, 8);
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}});
}

Work absolute_symbols(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  for (std::uint32_t i = 0; i < n; ++i) b.add_symbol("a" + std::to_string(i), fuzz::kGlobalNone, SHN_ABS, i);
  return work_on(build(b));
}

template <class Spell>
Bytes versions_spelt(std::uint32_t n, Spell&& spell) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  for (std::uint32_t i = 0; i < n; ++i) add_function(b, spell(i), code, i * 8);
  return build(b);
}

Work versions(std::uint32_t n) {
  return work_on(versions_spelt(n, [](std::uint32_t i) {
    return "f" + std::to_string(i / 2) + (i % 2 == 0 ? "@@V" : "@W") + std::to_string(i / 2);
  }));
}

Work versions_of_one_name(std::uint32_t n) {
  return work_on(versions_spelt(n, [](std::uint32_t i) { return "f@V" + std::to_string(i); }));
}

Work versions_of_a_shared_object(std::uint32_t n) {
  SetOptions options;
  options.as_shared_object = true;
  return work_on(versions_spelt(n, [](std::uint32_t i) { return "f" + std::to_string(i) + "@@V" + std::to_string(i); }),
                 options);
}

template <Naming naming>
Work exports_of_a_shared_object(std::uint32_t n) {
  SetOptions options;
  options.as_shared_object = true;
  return work_on(object_that_defines(names(n, naming)), options);
}

// Each name is the end of the one before: a table of n bytes, and n * n / 2 bytes of names.
Work names_that_overlap(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  add_function(b, std::string(n, 'x'), code);
  for (std::uint32_t i = 1; i < n; ++i) add_function(b, "", code, i * 8);
  fuzz::ElfEdit object = b.build();
  const Elf64_Shdr table = object.section(object.find(".symtab"));
  for (std::uint32_t i = 1; i < n; ++i) {
    object.put(table.sh_offset + (i + 1) * sizeof(Elf64_Sym), static_cast<std::uint32_t>(1 + i));
  }
  return work_on(object.bytes(), {}, Outcome::kRefused);
}

Work indirect_functions(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section({.name = ".text", .contents = [&] {
                                              Bytes all;  // lea -7(%rip), %rax; ret
                                              for (std::uint32_t i = 0; i < n; ++i) {
                                                for (const int byte : {0x48, 0x8d, 0x05, 0xf9, 0xff, 0xff, 0xff, 0xc3})
                                                  all.push_back(std::byte(byte));
                                              }
                                              return all;
                                            }()});
  const std::uint32_t user = add_code(b, n * 8);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t symbol =
        b.add_symbol("i" + std::to_string(i), kGlobalIndirect, static_cast<std::uint16_t>(code), i * 8);
    uses.push_back(rela(i * 8, symbol, R_X86_64_PLT32, -4));
  }
  b.add_relocations(user, uses);
  return work_on(build(b));
}

// ---- Sections

Work sections(std::uint32_t n) { return work_on(object_that_defines(names(n), true)); }

Work empty_sections(std::uint32_t n) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < n; ++i) add_code(b, 0);
  add_code(b, 8);
  return work_on(build(b));
}

template <Naming naming>
Work names_of_sections(std::uint32_t n) {
  ElfBuilder b;
  for (const std::string& name : names(n, naming)) {
    b.add_section({.name = name, .flags = SHF_ALLOC | SHF_WRITE, .contents = Bytes(8)});
  }
  return work_on(build(b));
}

Work sections_that_are_not_loaded(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8);
  add_function(b, "f", code);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t section = b.add_section({.name = ".debug_info", .flags = 0, .contents = Bytes(16)});
    b.add_relocations(section, {rela(0, 1, R_X86_64_64)});
  }
  return work_on(build(b));
}

Work unreached_sections(std::uint32_t n) { return work_on(object_that_defines(names(n), true), gc_from("f0")); }

Work chain_of_references(std::uint32_t n) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < n; ++i) add_code(b, 8);
  for (std::uint32_t i = 0; i < n; ++i) add_function(b, "f" + std::to_string(i), i + 1);
  for (std::uint32_t i = 1; i < n; ++i) b.add_relocations(i, {rela(0, i + 1, R_X86_64_PC32, -4)});
  return work_on(build(b), gc_from("f0"));
}

Work chain_of_link_orders(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  for (std::uint32_t i = 1; i < n; ++i) {
    b.add_section({.name = "meta", .flags = SHF_ALLOC | SHF_LINK_ORDER, .link = i, .contents = Bytes(8)});
  }
  add_function(b, "f", 1);
  return work_on(build(b), gc_from("f"));
}

Work link_orders_of_one_section(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8);
  for (std::uint32_t i = 1; i < n; ++i) {
    b.add_section({.name = "meta", .flags = SHF_ALLOC | SHF_LINK_ORDER, .link = code, .contents = Bytes(8)});
  }
  const std::uint32_t f = add_function(b, "f", 1);
  b.add_group(f, {code});
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}}, gc_from("f"));
}

Work bounds_of_sections(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) {
    b.add_section({.name = "bag" + std::to_string(i), .flags = SHF_ALLOC, .contents = Bytes(8)});
    uses.push_back(
        rela(i * 8, b.add_symbol("__start_bag" + std::to_string(i), fuzz::kGlobalNone, SHN_UNDEF), R_X86_64_PC32));
  }
  b.add_relocations(code, uses);
  return work_on(build(b));
}

Work sections_within_bounds(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint64_t writable = i % 2 == 0 ? 0 : SHF_WRITE;
    b.add_section({.name = "bag", .flags = SHF_ALLOC | writable, .contents = Bytes(8)});
  }
  b.add_relocations(code, {rela(0, b.add_symbol("__stop_bag", fuzz::kGlobalNone, SHN_UNDEF), R_X86_64_PC32)});
  return work_on(build(b));
}

Work fragments(std::uint32_t n) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < n; ++i) {  // xchg %ax, %ax
    b.add_section({.name = ".init", .contents = {std::byte{0x66}, std::byte{0x90}}});
  }
  return work_on(build(b));
}

Work initialisers(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8), f = add_function(b, "f", code);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::string name = ".init_array." + std::to_string(i * 7919 % 65536);
    const std::uint32_t section = b.add_section(
        {.name = name, .type = SHT_INIT_ARRAY, .flags = SHF_ALLOC | SHF_WRITE, .align = 8, .contents = Bytes(8)});
    b.add_relocations(section, {rela(0, f, R_X86_64_64)});
  }
  return work_on(build(b));
}

Work finalisers(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8), f = add_function(b, "f", code);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) uses.push_back(rela(i * 8, f, R_X86_64_64));
  const std::uint32_t section = b.add_section({.name = ".fini_array",
                                               .type = SHT_FINI_ARRAY,
                                               .flags = SHF_ALLOC | SHF_WRITE,
                                               .align = 8,
                                               .contents = Bytes(n * 8)});
  b.add_relocations(section, uses);
  return work_on(build(b));
}

// ---- Groups

Work groups(std::uint32_t n) {
  ElfBuilder b;
  for (const std::string& name : names(n)) {
    const std::uint32_t section = add_code(b, 8);
    b.add_group(b.add_symbol(name, kWeakFunction, static_cast<std::uint16_t>(section)), {section});
  }
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}});
}

Work groups_of_one_name(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t first = add_code(b, 8);
  const std::uint32_t f = b.add_symbol("f", kWeakFunction, static_cast<std::uint16_t>(first));
  b.add_group(f, {first});
  for (std::uint32_t i = 1; i < n; ++i) b.add_group(f, {add_code(b, 8)});
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}});
}

Work members_of_a_group(std::uint32_t n) {
  ElfBuilder b;
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < n; ++i) members.push_back(add_code(b, 8));
  b.add_group(add_function(b, "f", 1), members);
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}}, gc_from("f"));
}

template <Naming naming>
Work sections_kept_once(std::uint32_t n) {
  ElfBuilder b, groups;
  for (const std::string& name : names(n, naming)) {
    add_function(b, name, add_code(b, 8, ".gnu.linkonce.t." + name));
    const std::uint32_t section = add_code(groups, 8);
    groups.add_group(add_function(groups, name, section), {section});
  }
  return work_on({{"a.o", build(b)}, {"b.o", build(groups)}, {"c.o", build(b)}});
}

Work kinds_of_one_section_kept_once(std::uint32_t n) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t section = add_code(b, 8, ".gnu.linkonce.k" + std::to_string(i) + ".f");
    add_function(b, "f" + std::to_string(i), section);
  }
  const std::uint32_t section = add_code(b, 8);
  b.add_group(add_function(b, "f", section), {section});
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}});
}

Work references_to_dropped_sections(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t section = add_code(b, 8);
  const std::uint32_t local = b.add_symbol("", fuzz::kLocalSection, static_cast<std::uint16_t>(section));
  const std::uint32_t user = add_code(b, n * 8);
  b.add_group(add_function(b, "f", section), {section});
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) uses.push_back(rela(i * 8, local, R_X86_64_PC32, -4));
  b.add_relocations(user, uses);
  return work_on({{"a.o", build(b)}, {"b.o", build(b)}}, {}, Outcome::kRefused);
}

constexpr List kLists[] = {
    {"symbols", symbols<Naming::kPlain>, 1000},
    {"symbols: neighbours in a table", symbols<Naming::kNeighbours>, 1000},
    {"symbols: one std::hash", symbols<Naming::kOneStdHash>, 1000},
    {"symbols: one GNU hash", symbols<Naming::kOneGnuHash>, 1000},
    {"symbols, local", local_symbols, 2000},
    {"symbols, local, of one name", local_symbols_of_one_name, 1000},
    {"symbols at one place", aliases, 1000},
    {"symbols in symbols", nested_symbols, 1000},
    {"symbols, undefined", undefined_symbols<Naming::kPlain>},
    {"symbols, undefined: one std::hash", undefined_symbols<Naming::kOneStdHash>},
    {"symbols, undefined: one GNU hash", undefined_symbols<Naming::kOneGnuHash>},
    {"symbols, undefined, refused", undefined_symbols_refused},
    {"symbols, undefined and weak", undefined_weak_symbols<Naming::kPlain>},
    {"symbols, undefined and weak: one std::hash", undefined_weak_symbols<Naming::kOneStdHash>},
    {"symbols, duplicate", duplicate_symbols},
    {"symbols, weak", weak_symbols, 1000},
    {"symbols, common", commons, 1000},
    {"symbols, absolute", absolute_symbols, 1000},
    {"versions", versions, 1000},
    {"versions of one name", versions_of_one_name, 1000},
    {"versions of a shared object", versions_of_a_shared_object},
    {"exports of a shared object", exports_of_a_shared_object<Naming::kPlain>},
    {"exports of a shared object: one GNU hash", exports_of_a_shared_object<Naming::kOneGnuHash>},
    {"names that overlap", names_that_overlap, 2000},
    {"indirect functions", indirect_functions},
    {"sections", sections, 1000},
    {"sections, empty", empty_sections, 2000},
    {"sections: one std::hash", names_of_sections<Naming::kOneStdHash>, 1000},
    {"sections, not loaded", sections_that_are_not_loaded},
    {"sections, unreached", unreached_sections, 1000},
    {"sections, each reached from another", chain_of_references, 1000},
    {"link orders, in a chain", chain_of_link_orders, 1000},
    {"link orders of one section", link_orders_of_one_section, 1000},
    {"bounds of sections", bounds_of_sections},
    {"sections within bounds", sections_within_bounds, 1000},
    {"fragments of .init", fragments, 1000},
    {"initialisers", initialisers},
    {"finalisers", finalisers, 1000},
    {"groups", groups},
    {"groups of one name", groups_of_one_name},
    {"members of a group", members_of_a_group, 1000},
    {"sections kept once", sections_kept_once<Naming::kPlain>},
    {"sections kept once: one std::hash", sections_kept_once<Naming::kOneStdHash>},
    {"kinds of one section kept once", kinds_of_one_section_kept_once},
    {"references to a dropped section", references_to_dropped_sections},
};

}  // namespace

std::span<const List> lists_in_objects() { return kLists; }

}  // namespace enfold::linear
