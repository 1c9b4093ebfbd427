// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small objects of the kinds that went wrong, or that would if a check were missing.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "support.h"

namespace enfold::fuzz {
namespace {

constexpr std::uint64_t kOne = 1;

ElfBuilder::Section text(std::size_t size = 16) { return {.name = ".text", .align = 16, .contents = zeros(size)}; }
ElfBuilder::Section data(std::size_t size = 16) {
  return {.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .align = 8, .contents = zeros(size)};
}

TEST(Link, BoundFunctionLoadedFromItsSlotUsesItsStub) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text());
  const std::uint32_t symbol = b.add_symbol("atexit", kGlobalNone, SHN_UNDEF);
  b.add_relocations(code, {rela(2, symbol, R_X86_64_GOT64)});
  EXPECT_TRUE(link_object(b.build()).linked);  // the checks compare usage and plan
}

TEST(Link, ObjectWithoutSections) {
  ElfEdit object = ElfBuilder().build();
  Elf64_Ehdr h = object.header();
  h.e_shoff = 0;
  h.e_shnum = h.e_shstrndx = 0;
  object.put(0, h);
  const Outcome outcome = link_object(object);
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

// Nobody can define it. Symbol 0 is undefined, too, and means no symbol.
TEST(Link, LocalUndefinedSymbols) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text()), words = b.add_section(data());
  const std::uint32_t lost = b.add_symbol("lost", ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE), SHN_UNDEF);
  const std::uint32_t thread = b.add_symbol("thread", ELF64_ST_INFO(STB_LOCAL, STT_TLS), SHN_UNDEF);
  b.add_relocations(words, {rela(0, 0, R_X86_64_64, 5)});
  EXPECT_TRUE(link_object(b.build()).linked);
  b.add_relocations(code, {rela(0, lost, R_X86_64_PLT32, -4), rela(4, lost, R_X86_64_REX_GOTPCRELX, -4),
                           rela(8, thread, R_X86_64_GOTTPOFF, -4)});
  const Outcome outcome = link_object(b.build());
  ASSERT_FALSE(outcome.linked);
  EXPECT_EQ(*outcome.code, ErrorCode::kUndefinedSymbol);
  for (const char* name : {"2 symbols are undefined", "lost", "thread"}) {
    EXPECT_NE(outcome.text.find(name), std::string::npos) << outcome.text;
  }
}

// Sections that a linker may leave aside are left aside.
TEST(Link, SectionsOfSystemsAndApplications) {
  ElfBuilder b;
  b.add_section(text());
  b.add_section({.name = ".llvm_addrsig", .type = 0x6fff'4c03, .flags = SHF_EXCLUDE, .contents = zeros(3)});
  b.add_section({.name = ".of.an.application", .type = SHT_LOUSER + 5, .flags = 0, .contents = zeros(3)});
  b.add_section({.name = ".of.a.system", .type = SHT_LOOS + 5, .flags = SHF_ALLOC, .contents = zeros(3)});
  const Outcome outcome = link_object(b.build());
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

TEST(Link, ExtendedSectionIndicesAreOfTheSymbolTable) {
  const auto object = [](std::uint32_t count, std::uint32_t link_from_end) {
    ElfBuilder b;
    b.add_section(text());
    b.add_section({.name = ".symtab_shndx",
                   .type = SHT_SYMTAB_SHNDX,
                   .flags = 0,
                   .link = 3 + link_from_end,
                   .entry_size = 4,
                   .contents = zeros(count * 4)});
    return b.build();
  };
  EXPECT_TRUE(link_object(object(1, 0)).linked);
  EXPECT_FALSE(link_object(object(2, 0)).linked);
  EXPECT_FALSE(link_object(object(1, 1)).linked);
}

TEST(Link, ObjectWithEmptySectionsOnly) {
  ElfBuilder b;
  b.add_section(text(0));
  b.add_section(data(0));
  const Outcome outcome = link_object(b.build());
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

TEST(Link, SymbolValuesAtTheEndOfTheAddressSpace) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text()), words = b.add_section(data(32));
  const std::uint32_t local =
      b.add_symbol("", ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE), static_cast<std::uint16_t>(code), ~std::uint64_t{0});
  const std::uint32_t absolute = b.add_symbol("absolute", kGlobalNone, SHN_ABS, ~std::uint64_t{7});
  b.add_relocations(words, {rela(0, local, R_X86_64_64, INT64_MAX), rela(8, absolute, R_X86_64_64, INT64_MIN),
                            rela(16, local, R_X86_64_PC64, INT64_MIN), rela(24, absolute, R_X86_64_PC64, INT64_MAX)});
  b.add_relocations(code, {rela(4, absolute, R_X86_64_REX_GOTPCRELX, -4), rela(8, absolute, R_X86_64_32S)});
  const Outcome outcome = link_object(b.build());
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

TEST(Link, IndirectFunctionsThatAreNone) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text()), words = b.add_section(data(32));
  const auto indirect = [](unsigned binding) {
    return static_cast<std::uint8_t>(ELF64_ST_INFO(binding, STT_GNU_IFUNC));
  };
  const std::uint32_t local = b.add_symbol("local", indirect(STB_LOCAL), SHN_ABS, kOne << 40);
  const std::uint32_t absolute = b.add_symbol("absolute", indirect(STB_GLOBAL), SHN_ABS, kOne << 50);
  const std::uint32_t in_data =
      b.add_symbol("in_data", indirect(STB_GLOBAL), static_cast<std::uint16_t>(words), ~std::uint64_t{0});
  const std::uint32_t undefined = b.add_symbol("elsewhere", indirect(STB_WEAK), SHN_UNDEF);
  b.add_relocations(code, {rela(0, local, R_X86_64_PLT32), rela(4, absolute, R_X86_64_PC32),
                           rela(8, in_data, R_X86_64_GOTPCREL), rela(12, undefined, R_X86_64_PLT32)});
  b.add_relocations(words, {rela(0, local, R_X86_64_64), rela(8, absolute, R_X86_64_64), rela(16, in_data, R_X86_64_64),
                            rela(24, undefined, R_X86_64_64)});
  link_object(b.build());
}

// Two objects of 1.5 GiB: neither reaches the other, so that each has slots and stubs of its own.
TEST(Link, SetsOfSeveralZones) {
  const auto object = [](std::string own, std::string_view other) {
    ElfBuilder b;
    const std::uint32_t code = b.add_section(text()), words = b.add_section(data());
    b.add_section(
        {.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = kOne << 30 | kOne << 29});
    const std::uint32_t symbol = b.add_symbol(other, kGlobalNone, SHN_UNDEF);
    b.add_symbol(own, kGlobalFunction, static_cast<std::uint16_t>(code));
    b.add_relocations(code, {rela(1, symbol, R_X86_64_PLT32, -4), rela(8, symbol, R_X86_64_GOTPCREL, -4)});
    b.add_relocations(words, {rela(0, symbol, R_X86_64_64)});
    return b.build();
  };
  const Outcome outcome = link_objects({object("f", "g"), object("g", "f")});
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

class Refused : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Refused, SectionsThatNoMemoryHolds) {
  ElfBuilder b;
  b.add_section({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = GetParam()});
  EXPECT_EQ(link_object(b.build()).code, ErrorCode::kMemory);
}

TEST_P(Refused, CommonsThatNoMemoryHolds) {
  ElfBuilder b;
  b.add_symbol("common", kGlobalObject, SHN_COMMON, 1, GetParam());
  EXPECT_EQ(link_object(b.build()).code, ErrorCode::kMemory);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Refused, testing::Values(kOne << 34, kOne << 40, kOne << 45, (kOne << 46) - 1));

TEST_P(Refused, OrGrantedByTheProcessItself) {
  ElfBuilder b;
  b.add_section({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = GetParam()});
  const ElfEdit object = b.build();
  SessionOptions options;
  options.runtime = std::make_shared<MockRuntime>(0);
  const auto session = Session::create(options);
  ObjectSet set("large");
  set.add_bytes(object.bytes(), "large.o");
  const Expected<LinkedSet> linked = (*session)->link(std::move(set));
  if (linked) return;
  EXPECT_EQ(linked.error().code(), ErrorCode::kMemory) << linked.error().text();
}

TEST(Link, AlignmentsThatNoMemoryHas) {
  ElfBuilder b;
  b.add_section({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .align = kOne << 40, .contents = zeros(8)});
  b.add_symbol("common", kGlobalObject, SHN_COMMON, kOne << 40, 8);
  EXPECT_EQ(link_object(b.build()).code, ErrorCode::kMemory);
}

TEST(Link, SectionsInTheOrderOfThemselvesAndOfEachOther) {
  ElfBuilder b;
  const std::uint64_t flags = SHF_ALLOC | SHF_LINK_ORDER;
  const std::uint32_t code = b.add_section(text());
  b.add_section({.name = "ring", .flags = flags, .link = 2, .contents = zeros(8)});  // itself
  b.add_section({.name = "ring", .flags = flags, .link = 4, .contents = zeros(8)});  // the next
  b.add_section({.name = "ring", .flags = flags, .link = 3, .contents = zeros(8)});  // the one before
  b.add_section({.name = "ring", .flags = flags, .link = 7, .contents = zeros(8)});  // not loaded
  b.add_section({.name = "ring", .flags = flags, .link = 8, .contents = zeros(8)});  // a group
  b.add_section({.name = ".comment", .flags = 0, .contents = zeros(8)});
  const std::uint32_t start = b.add_symbol("__start_ring", kGlobalNone, SHN_UNDEF);
  b.add_group(start, {code}, false);
  b.add_relocations(code, {rela(0, start, R_X86_64_PC32)});
  EXPECT_TRUE(link_object(b.build()).linked);
  EXPECT_TRUE(link_object(b.build(), gc_from("__start_ring")).linked);
}

// As `ld.gold -r` writes them: the signature is the symbol of a section, mostly of the group's own.
ElfEdit group_named_by_section(std::string_view defines, std::uint16_t named_by) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text());
  const std::uint32_t section = b.add_symbol("", kLocalSection, named_by);
  b.add_group(section, {code});
  b.add_section({.name = ".other", .flags = 0, .contents = zeros(8)});
  b.add_symbol(defines, kGlobalFunction, static_cast<std::uint16_t>(code));
  return b.build();
}

TEST(Link, GroupsThatAreNamedBySections) {
  // Of two that have the same name, one is kept.
  EXPECT_TRUE(link_objects({group_named_by_section("f", 2), group_named_by_section("f", 2)}).linked);
  EXPECT_EQ(link_objects({group_named_by_section("f", 2), group_named_by_section("f", 3)}).code,
            ErrorCode::kDuplicateSymbol);
  for (const std::uint16_t none : {std::uint16_t{SHN_UNDEF}, std::uint16_t{77}, std::uint16_t{SHN_ABS}}) {
    EXPECT_EQ(link_object(group_named_by_section("f", none)).code, ErrorCode::kMalformed) << none;
  }
}

// Groups of one file that are named by different sections are both kept.
TEST(Link, GroupsThatAreNamedByTheirOwnSections) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section({.name = ".text.f", .contents = zeros(8)});
  const std::uint32_t more = b.add_section({.name = ".text.g", .contents = zeros(8)});
  const std::uint32_t user = b.add_section(text());
  const std::uint32_t first = b.add_symbol("", kLocalSection, 4), second = b.add_symbol("", kLocalSection, 5);
  EXPECT_EQ(b.add_group(first, {code}), 4u);
  EXPECT_EQ(b.add_group(second, {more}), 5u);
  const std::uint32_t f = b.add_symbol("missing_f", kGlobalFunction, static_cast<std::uint16_t>(code));
  const std::uint32_t g = b.add_symbol("missing_g", kGlobalFunction, static_cast<std::uint16_t>(more));
  b.add_relocations(user, {rela(0, f, R_X86_64_PLT32, -4), rela(8, g, R_X86_64_PLT32, -4)});
  ElfEdit object = b.build();
  EXPECT_EQ(link_object(object).code, ErrorCode::kUndefinedSymbol);  // both are named ".group"
  Elf64_Shdr h = object.section(5);
  h.sh_name += 1;  // "group"
  object.set_section(5, h);
  EXPECT_TRUE(link_object(object).linked);
}

TEST(Link, SectionsThatAreKeptOnce) {
  const auto object = [](std::string_view section, std::string_view symbol) {
    ElfBuilder b;
    const std::uint32_t code = b.add_section({.name = std::string(section), .contents = zeros(8)});
    b.add_symbol(symbol, kGlobalFunction, static_cast<std::uint16_t>(code));
    return b.build();
  };
  EXPECT_TRUE(link_objects({object(".gnu.linkonce.t.f", "f"), object(".gnu.linkonce.t.f", "f")}).linked);
  EXPECT_TRUE(link_objects({object(".gnu.linkonce.f", "f"), object(".gnu.linkonce.f", "f")}).linked);
  EXPECT_TRUE(link_objects({object(".gnu.linkonce.", "f"), object(".gnu.linkonce.", "f")}).linked);
  EXPECT_TRUE(link_objects({object(".gnu.linkonce.t.", "f"), object(".gnu.linkonce.t.", "f")}).linked);
  EXPECT_EQ(link_objects({object(".gnu.linkonce.t.f", "f"), object(".gnu.linkonce.u.f", "f")}).code,
            ErrorCode::kDuplicateSymbol);
}

TEST(Link, ReferenceToWhatOnlyTheDiscardedCopyDefines) {
  const auto object = [](std::string_view only) {
    ElfBuilder b;
    const std::uint32_t code = b.add_section(text()),
                        user = b.add_section({.name = ".text.user", .contents = zeros(16)});
    const std::uint32_t signature = b.add_symbol("signature", kGlobalNone, static_cast<std::uint16_t>(code));
    const std::uint32_t symbol = b.add_symbol(only, kGlobalFunction, static_cast<std::uint16_t>(code), 8);
    b.add_relocations(user, {rela(0, symbol, R_X86_64_PLT32, -4)});
    b.add_group(signature, {code});
    return b.build();
  };
  // A null call would be a crash later.
  const Outcome outcome = link_objects({object("missing_a"), object("missing_b")});
  ASSERT_FALSE(outcome.linked);
  EXPECT_NE(outcome.text.find("missing_b"), std::string::npos) << outcome.text;
}

TEST(Link, GroupOfTablesThatAreNoSections) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text());
  const std::uint32_t symbol = b.add_symbol("f", kGlobalFunction, static_cast<std::uint16_t>(code));
  b.add_relocations(code, {rela(0, symbol, R_X86_64_PC32)});
  b.add_group(symbol, {1, 2, 3, 4, 5, 6});  // itself, the symbol table and both string tables
  b.add_group(symbol, {}, true);
  link_object(b.build());
  link_object(b.build(), gc_from("f"));
}

TEST(Link, ThreadLocalSectionWithBounds) {
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text());
  b.add_section({.name = "bag", .flags = SHF_ALLOC | SHF_WRITE | SHF_TLS, .contents = {}});
  const std::uint32_t start = b.add_symbol("__start_bag", kGlobalNone, SHN_UNDEF);
  b.add_relocations(code, {rela(0, start, R_X86_64_PC32)});
  link_object(b.build());
}

TEST(Link, PersonalityIsTheOnePartOfACieThatRelocationsChange) {
  using namespace std::string_view_literals;
  ElfBuilder b;
  const std::uint32_t code = b.add_section(text());
  const std::uint32_t frames = b.add_section({.name = ".eh_frame",
                                              .flags = SHF_ALLOC,
                                              .align = 8,
                                              .contents = bytes_of_text("\x1c\0\0\0"
                                                                        "\0\0\0\0"
                                                                        "\1zPLR\0"
                                                                        "\1\x78\x10"
                                                                        "\7\x9b\0\0\0\0\x1b\x1b"
                                                                        "\x0c\7\x08\x90\1\0\0"sv)});
  const std::uint32_t symbol = b.add_symbol("data_personality", kGlobalNone, SHN_UNDEF);
  (void)code;
  b.add_relocations(frames, {rela(19, symbol, R_X86_64_PC32)});
  const Outcome outcome = link_object(b.build());
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

}  // namespace
}  // namespace enfold::fuzz
