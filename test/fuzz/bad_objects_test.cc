// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damage that cannot be anything but wrong: each kind must give its error, and the error must name the object.
#include <gtest/gtest.h>

#include <functional>

#include "support.h"

namespace enfold::fuzz {
namespace {

// Numbers of the base object's sections and symbols.
enum Section : std::uint32_t {
  kText = 1,
  kData,
  kBss,
  kFrames,
  kArray,
  kTextRelocations,
  kDataRelocations,
  kFrameRelocations,
  kGroup
};
enum Symbol : std::uint32_t { kTextSymbol = 1, kMain, kPuts, kCommon };

// call puts, a pointer to main, an array, unwind information and a group: it links.
ElfEdit base_object() {
  ElfBuilder b;
  b.add_section({.name = ".text", .align = 16, .contents = zeros(32)});
  b.add_section({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .align = 8, .contents = zeros(16)});
  b.add_section({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = 64, .align = 8});
  b.add_section({.name = ".eh_frame", .flags = SHF_ALLOC, .align = 8, .contents = plain_frames()});
  b.add_section({.name = ".init_array",
                 .type = SHT_INIT_ARRAY,
                 .flags = SHF_ALLOC | SHF_WRITE,
                 .align = 8,
                 .contents = zeros(8)});
  b.add_symbol("", kLocalSection, kText);
  b.add_symbol("main", kGlobalFunction, kText, 0, 16);
  b.add_symbol("puts", kGlobalNone, SHN_UNDEF);
  b.add_symbol("common", kGlobalObject, SHN_COMMON, 8, 8);
  b.add_relocations(kText, {rela(1, kPuts, R_X86_64_PLT32, -4)});
  b.add_relocations(kData, {rela(0, kMain, R_X86_64_64)});
  b.add_relocations(kFrames, {rela(32, kTextSymbol, R_X86_64_PC32)});
  b.add_group(kMain, {kData});
  return b.build();
}

TEST(BadObjects, WhatTheyAreMadeOfIsGood) {
  const Outcome outcome = link_object(base_object());
  EXPECT_TRUE(outcome.linked) << outcome.text;
}

using Damage = std::function<void(ElfEdit&)>;

template <class Change>
Damage header(Change change) {
  return [=](ElfEdit& e) {
    Elf64_Ehdr h = e.header();
    change(h);
    e.put(0, h);
  };
}
template <class Change>
Damage section(std::uint32_t i, Change change) {
  return [=](ElfEdit& e) {
    Elf64_Shdr h = e.section(i);
    change(h);
    e.set_section(i, h);
  };
}
template <class T, class Change>
Damage record(std::uint32_t section, std::uint64_t offset, Change change) {
  return [=](ElfEdit& e) {
    const std::uint64_t at = e.section(section).sh_offset + offset;
    T value = e.get<T>(at);
    change(value);
    e.put(at, value);
  };
}
template <class Change>
Damage relocation(std::uint32_t section, Change change) {
  return record<Elf64_Rela>(section, 0, change);
}
template <class Change>
Damage symbol(std::uint32_t i, Change change) {
  return [=](ElfEdit& e) { record<Elf64_Sym>(e.find(".symtab"), i * sizeof(Elf64_Sym), change)(e); };
}
Damage frame_byte(std::uint64_t offset, std::uint8_t value) {
  return record<std::uint8_t>(kFrames, offset, [=](std::uint8_t& b) { b = value; });
}

struct Row {
  const char* name;
  ErrorCode code;
  Damage damage;
};

using S = Elf64_Shdr;
using R = Elf64_Rela;
using Y = Elf64_Sym;
constexpr auto kMalformed = ErrorCode::kMalformed;
constexpr auto kUnsupported = ErrorCode::kUnsupported;

const Row kHeaderRows[] = {
    {"SectionTableBeyondFile", kMalformed, header([](Elf64_Ehdr& h) { h.e_shoff += 64; })},
    {"SectionTableFarBeyondFile", kMalformed, header([](Elf64_Ehdr& h) { h.e_shoff = ~std::uint64_t{63}; })},
    {"MoreSectionsThanFile", kMalformed, header([](Elf64_Ehdr& h) { h.e_shnum = 200; })},
    {"SectionHeaderSize", kMalformed, header([](Elf64_Ehdr& h) { h.e_shentsize = 40; })},
    {"NamesInNoSection", kMalformed, header([](Elf64_Ehdr& h) { h.e_shstrndx = 100; })},
    {"NamesInCode", kMalformed, header([](Elf64_Ehdr& h) { h.e_shstrndx = kText; })},
    {"OtherMachine", kUnsupported, header([](Elf64_Ehdr& h) { h.e_machine = EM_S390; })},
    {"BigEndian", kUnsupported, header([](Elf64_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; })},
    {"OtherSystem", kUnsupported, header([](Elf64_Ehdr& h) { h.e_ident[EI_OSABI] = ELFOSABI_SOLARIS; })},
    {"OtherAbiVersion", kUnsupported, header([](Elf64_Ehdr& h) { h.e_ident[EI_ABIVERSION] = 1; })},
    {"HeaderFlags", kUnsupported, header([](Elf64_Ehdr& h) { h.e_flags = 4; })},
    {"ThirtyTwoBit", kUnsupported, header([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; })},
};

const Row kSectionRows[] = {
    {"SectionBeyondFile", kMalformed, section(kText, [](S& s) { s.sh_offset = 1 << 20; })},
    {"SectionEndBeyondFile", kMalformed, section(kText, [](S& s) { s.sh_size = 1 << 20; })},
    {"SectionEndWraps", kMalformed, section(kText, [](S& s) { s.sh_offset = ~std::uint64_t{7}; })},
    {"SectionLargerThanSpace", kMalformed, section(kBss, [](S& s) { s.sh_size = std::uint64_t{1} << 46; })},
    {"SectionNameOutside", kMalformed, section(kText, [](S& s) { s.sh_name = 1 << 20; })},
    {"AlignmentThree", kMalformed, section(kText, [](S& s) { s.sh_addralign = 3; })},
    {"AlignmentTooLarge", kMalformed, section(kText, [](S& s) { s.sh_addralign = std::uint64_t{1} << 63; })},
    {"WritableCode", kUnsupported, section(kText, [](S& s) { s.sh_flags |= SHF_WRITE; })},
    {"CompressedAndLoaded", kMalformed, section(kData, [](S& s) { s.sh_flags |= SHF_COMPRESSED; })},
    {"LinkOrderToNothing", kMalformed,
     section(kData,
             [](S& s) {
               s.sh_flags |= SHF_LINK_ORDER;
               s.sh_link = 999;
             })},
    {"TypeOfTheGenericRange", kUnsupported, section(kData, [](S& s) { s.sh_type = 21; })},
    {"TypeThatIsReserved", kUnsupported, section(kData, [](S& s) { s.sh_type = SHT_SHLIB; })},
    {"TypeOfAnotherMachine", kUnsupported, section(kData, [](S& s) { s.sh_type = SHT_LOPROC + 3; })},
    {"LoadedTypeOfAnApplication", kUnsupported, section(kData, [](S& s) { s.sh_type = SHT_LOUSER + 3; })},
    {"SpecialProcessing", kUnsupported, section(kData, [](S& s) { s.sh_flags |= SHF_OS_NONCONFORMING; })},
    {"SpecialProcessingUnloaded", kUnsupported, section(kData, [](S& s) { s.sh_flags = SHF_OS_NONCONFORMING; })},
    {"SpecialProcessingOfATable", kUnsupported,
     section(kTextRelocations, [](S& s) { s.sh_flags |= SHF_OS_NONCONFORMING; })},
    {"FlagOfAnotherMachine", kUnsupported, section(kData, [](S& s) { s.sh_flags |= 0x2000'0000; })},
    {"FlagThatIsReserved", kUnsupported, section(kData, [](S& s) { s.sh_flags |= 0x1000; })},
    {"GroupFlags", kUnsupported, record<std::uint32_t>(kGroup, 0, [](std::uint32_t& f) { f = 0x10'0001; })},
    {"OddArray", kMalformed, section(kArray, [](S& s) { s.sh_size = 7; })},
    {"ThreadLocalCode", kMalformed, section(kText, [](S& s) { s.sh_flags |= SHF_TLS; })},
    {"GroupMemberOutside", kMalformed, record<std::uint32_t>(kGroup, 4, [](std::uint32_t& m) { m = 1000; })},
    {"GroupMemberNone", kMalformed, record<std::uint32_t>(kGroup, 4, [](std::uint32_t& m) { m = 0; })},
    {"GroupSize", kMalformed, section(kGroup, [](S& s) { s.sh_size = 6; })},
    {"GroupSignatureOutside", kMalformed, section(kGroup, [](S& s) { s.sh_info = 1000; })},
    {"GroupSymbolTable", kMalformed, section(kGroup, [](S& s) { s.sh_link = kText; })},
};

const Row kRelocationRows[] = {
    {"RelocationsForNoSection", kMalformed, section(kTextRelocations, [](S& s) { s.sh_info = 1000; })},
    {"RelocationsWithoutSymbols", kMalformed, section(kTextRelocations, [](S& s) { s.sh_link = kText; })},
    {"RelocationSize", kMalformed, section(kTextRelocations, [](S& s) { s.sh_entsize = 16; })},
    {"RelocationsBeyondFile", kMalformed, section(kTextRelocations, [](S& s) { s.sh_size = 24 << 20; })},
    {"RelocationsInPart", kMalformed, section(kTextRelocations, [](S& s) { s.sh_size = 23; })},
    {"RelocationsWithoutAddends", kUnsupported, section(kTextRelocations, [](S& s) { s.sh_type = SHT_REL; })},
    {"RelocationsOfUnknownType", kUnsupported, section(kTextRelocations, [](S& s) { s.sh_type = 20; })},
    {"RelocationsOfASystemsType", kUnsupported,
     section(kTextRelocations,
             [](S& s) {
               s.sh_type = SHT_LOOS + 1;
               s.sh_flags |= SHF_INFO_LINK;
             })},
    {"RelativeRelocations", kUnsupported, section(kTextRelocations, [](S& s) { s.sh_type = 19; })},
    {"CompactRelocationsThatAreNone", kMalformed, section(kTextRelocations, [](S& s) { s.sh_type = kShtCrel; })},
    {"TwoRelocationSections", kUnsupported, section(kDataRelocations, [](S& s) { s.sh_info = kText; })},
    {"RelocationOffset", kMalformed, relocation(kTextRelocations, [](R& r) { r.r_offset = 29; })},
    {"RelocationOffsetFar", kMalformed, relocation(kTextRelocations, [](R& r) { r.r_offset = ~std::uint64_t{1}; })},
    {"RelocationSymbol", kMalformed,
     relocation(kDataRelocations, [](R& r) { r.r_info = ELF64_R_INFO(5UL, R_X86_64_64); })},
    {"RelocationSymbolFar", kMalformed, relocation(kDataRelocations, [](R& r) { r.r_info |= ELF64_R_INFO(~0UL, 0); })},
    {"RelocationType", kUnsupported, relocation(kTextRelocations, [](R& r) { r.r_info = ELF64_R_INFO(3UL, 99); })},
    {"RelocationTypeFar", kUnsupported, relocation(kTextRelocations, [](R& r) { r.r_info |= 0xffff'ff00; })},
    {"RelocationOfDynamicLinkers", kUnsupported,
     relocation(kDataRelocations, [](R& r) { r.r_info = ELF64_R_INFO(2UL, R_X86_64_COPY); })},
    {"RelocationInZeros", kMalformed, section(kDataRelocations, [](S& s) { s.sh_info = kBss; })},
    {"ValueOutOfRange", ErrorCode::kOutOfRange,
     relocation(kTextRelocations,
                [](R& r) {
                  r.r_info = ELF64_R_INFO(2UL, R_X86_64_PC32);
                  r.r_addend = std::int64_t{1} << 40;
                })},
};

const Row kSymbolRows[] = {
    {"SymbolNameOutside", kMalformed, symbol(kMain, [](Y& y) { y.st_name = 1 << 20; })},
    {"SymbolInNoSection", kMalformed, symbol(kMain, [](Y& y) { y.st_shndx = 1000; })},
    {"SymbolInReservedSection", kMalformed, symbol(kMain, [](Y& y) { y.st_shndx = 0xff20; })},
    {"SymbolWithoutExtendedIndex", kMalformed, symbol(kMain, [](Y& y) { y.st_shndx = SHN_XINDEX; })},
    {"SymbolBinding", kMalformed, symbol(kMain, [](Y& y) { y.st_info = ELF64_ST_INFO(7, STT_FUNC); })},
    {"LocalAmongGlobals", kMalformed, symbol(kMain, [](Y& y) { y.st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC); })},
    {"ThreadLocalElsewhere", kMalformed,
     symbol(kMain, [](Y& y) { y.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_TLS); })},
    {"SymbolType", kUnsupported, symbol(kMain, [](Y& y) { y.st_info = ELF64_ST_INFO(STB_GLOBAL, 13); })},
    {"LocalSymbolType", kUnsupported, symbol(kTextSymbol, [](Y& y) { y.st_info = ELF64_ST_INFO(STB_LOCAL, 8); })},
    {"SymbolOther", kUnsupported, symbol(kMain, [](Y& y) { y.st_other = 0x80; })},
    {"GlobalAmongLocals", kMalformed, symbol(kTextSymbol, [](Y& y) { y.st_info = kGlobalFunction; })},
    {"CommonAlignment", kMalformed, symbol(kCommon, [](Y& y) { y.st_value = 24; })},
    {"CommonSize", kMalformed, symbol(kCommon, [](Y& y) { y.st_size = std::uint64_t{1} << 60; })},
    {"SymbolTableSize", kMalformed, [](ElfEdit& e) { section(e.find(".symtab"), [](S& s) { s.sh_size -= 1; })(e); }},
    {"SymbolTableBeyondFile", kMalformed,
     [](ElfEdit& e) { section(e.find(".symtab"), [](S& s) { s.sh_size = 24 << 20; })(e); }},
    {"MoreLocalsThanSymbols", kMalformed,
     [](ElfEdit& e) { section(e.find(".symtab"), [](S& s) { s.sh_info = 100; })(e); }},
    {"NoSymbolNames", kMalformed, [](ElfEdit& e) { section(e.find(".symtab"), [](S& s) { s.sh_link = kText; })(e); }},
    {"NamesWithoutEnd", kMalformed, [](ElfEdit& e) { section(e.find(".strtab"), [](S& s) { s.sh_size -= 1; })(e); }},
    {"TwoSymbolTables", kMalformed, section(kText, [](S& s) { s.sh_type = SHT_SYMTAB; })},
};

const Row kFrameRows[] = {
    {"FrameLength", kMalformed, frame_byte(0, 0xff)},
    {"FrameLengthTooSmall", kMalformed, frame_byte(0, 2)},
    {"FrameSectionCut", kMalformed, section(kFrames, [](S& s) { s.sh_size -= 1; })},
    {"FrameOfNoCie", kMalformed, frame_byte(28, 0x18)},
    {"FrameOfNegativeCie", kMalformed, frame_byte(30, 0x80)},
    {"CieVersion", kUnsupported, frame_byte(8, 2)},
    {"CieAugmentation", kUnsupported, frame_byte(10, '?')},
    {"CieAugmentationSize", kMalformed, frame_byte(15, 0x7f)},
    {"CieEncoding", kUnsupported, frame_byte(16, 0x2b)},
    {"ReservedFrameLength", kUnsupported, record<std::uint32_t>(kFrames, 0, [](std::uint32_t& n) { n = 0xffff'fff1; })},
    {"LongFrameLength", kMalformed, record<std::uint32_t>(kFrames, 0, [](std::uint32_t& n) { n = 0xffff'ffff; })},
    {"FdeAugmentationSize", kMalformed, frame_byte(40, 0x70)},
    {"RelocatedLength", kMalformed, relocation(kFrameRelocations, [](R& r) { r.r_offset = 24; })},
    {"RelocatedCie", kMalformed, relocation(kFrameRelocations, [](R& r) { r.r_offset = 12; })},
    {"RelocationOverFrameEnd", kMalformed, relocation(kFrameRelocations, [](R& r) { r.r_offset = 22; })},
    {"RelocatedAugmentationSize", kMalformed, relocation(kFrameRelocations, [](R& r) { r.r_offset = 38; })},
};

const Row kCompactRows[] = {
    {"TwoRelocationSections", kUnsupported, section(kDataRelocations, [](S& s) { s.sh_info = kText; })},
    {"RelocationsWithoutSymbols", kMalformed, section(kTextRelocations, [](S& s) { s.sh_link = kText; })},
    {"RelocationsForNoSection", kMalformed, section(kTextRelocations, [](S& s) { s.sh_info = 1000; })},
    {"RelocationsBeyondFile", kMalformed, section(kTextRelocations, [](S& s) { s.sh_size = 24 << 20; })},
    {"CutShort", kMalformed, section(kTextRelocations, [](S& s) { --s.sh_size; })},
    {"MoreThanBytes", kMalformed, record<std::uint8_t>(kTextRelocations, 0, [](std::uint8_t& b) { b |= 0x78; })},
    {"NoBytes", kMalformed, section(kTextRelocations, [](S& s) { s.sh_size = 0; })},
    {"ImplicitAddends", kUnsupported, record<std::uint8_t>(kTextRelocations, 0, [](std::uint8_t& b) { b &= 0xf8; })},
};

class BadObject : public testing::TestWithParam<Row> {};

TEST_P(BadObject, GivesItsErrorAndIsNamed) {
  ElfEdit object = base_object();
  GetParam().damage(object);
  const Outcome outcome = link_object(object);
  ASSERT_FALSE(outcome.linked);
  EXPECT_EQ(*outcome.code, GetParam().code) << outcome.text;
  EXPECT_NE(outcome.text.find("0.o"), std::string::npos) << outcome.text;
}

class BadCompactRelocations : public testing::TestWithParam<Row> {};

TEST_P(BadCompactRelocations, GiveTheirErrorAndAreNamed) {
  ElfEdit object = base_object();
  object.make_relocations_compact();
  const Outcome whole = link_object(object);
  ASSERT_TRUE(whole.linked) << whole.text;
  GetParam().damage(object);
  const Outcome outcome = link_object(object);
  ASSERT_FALSE(outcome.linked);
  EXPECT_EQ(*outcome.code, GetParam().code) << outcome.text;
  EXPECT_NE(outcome.text.find("0.o"), std::string::npos) << outcome.text;
}

std::string row_name(const testing::TestParamInfo<Row>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Header, BadObject, testing::ValuesIn(kHeaderRows), row_name);
INSTANTIATE_TEST_SUITE_P(Sections, BadObject, testing::ValuesIn(kSectionRows), row_name);
INSTANTIATE_TEST_SUITE_P(Relocations, BadObject, testing::ValuesIn(kRelocationRows), row_name);
INSTANTIATE_TEST_SUITE_P(Symbols, BadObject, testing::ValuesIn(kSymbolRows), row_name);
INSTANTIATE_TEST_SUITE_P(Relocations, BadCompactRelocations, testing::ValuesIn(kCompactRows), row_name);
INSTANTIATE_TEST_SUITE_P(Frames, BadObject, testing::ValuesIn(kFrameRows), row_name);

TEST(BadObjects, CutInTheirHeaders) {
  for (std::size_t size = 4; size < sizeof(Elf64_Ehdr); ++size) {
    ElfEdit object = base_object();
    object.bytes().resize(size);
    const Outcome outcome = link_object(object);
    ASSERT_FALSE(outcome.linked) << size;
    EXPECT_EQ(*outcome.code, kMalformed) << size << ": " << outcome.text;
    EXPECT_NE(outcome.text.find("0.o"), std::string::npos) << outcome.text;
  }
}

TEST(BadObjects, CutAnywhere) {
  const std::size_t whole = base_object().bytes().size();  // section headers come last
  for (std::size_t size = sizeof(Elf64_Ehdr); size < whole; ++size) {
    ElfEdit object = base_object();
    object.bytes().resize(size);
    const Outcome outcome = link_object(object);
    ASSERT_FALSE(outcome.linked) << size;
    EXPECT_EQ(*outcome.code, kMalformed) << size << ": " << outcome.text;
  }
}

}  // namespace
}  // namespace enfold::fuzz
