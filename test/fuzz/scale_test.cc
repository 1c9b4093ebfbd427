// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inputs whose size lies in one place: many names, groups, members, records. What takes quadratic time, deep recursion
// or a sum of sizes that wraps shows here.
#include <gtest/gtest.h>

#include <cstdio>

#include "support.h"

namespace enfold::fuzz {
namespace {

constexpr std::uint64_t kOne = 1;
constexpr std::uint32_t kMany = 20'000;

class Scale : public testing::Test {
 protected:
  void TearDown() override {
    const double took = cpu_seconds() - start_;
    std::printf("%.3f s\n", took);
    EXPECT_LT(took, 6.0);  // several times what linear work takes with sanitizers
  }
  const double start_ = cpu_seconds();
};

ElfBuilder::Section code(std::string name, std::size_t size = 8) {
  return {.name = std::move(name), .contents = zeros(size)};
}

// 2^18 commons of nearly 2^46 bytes, and one that brings the sum to 64 bytes more than fits 64 bits.
TEST_F(Scale, SizesWhoseSumWraps) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < 1u << 18; ++i) {
    b.add_symbol("c" + std::to_string(i), kGlobalObject, SHN_COMMON, 2, (kOne << 46) - 2);
  }
  b.add_symbol("rest", kGlobalObject, SHN_COMMON, 2, (kOne << 19) + 64);
  const Outcome outcome = link_object(b.build());
  EXPECT_EQ(outcome.code, ErrorCode::kMemory) << outcome.text;
}

TEST_F(Scale, GroupOfManySectionsIsMarkedWhole) {
  ElfBuilder b;
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < kMany; ++i) members.push_back(b.add_section(code(".text.f")));
  b.add_group(b.add_symbol("f", kGlobalFunction, 1), members);
  EXPECT_TRUE(link_object(b.build(), gc_from("f")).linked);
}

TEST_F(Scale, ChainOfLinkOrders) {
  ElfBuilder b;
  b.add_section(code(".text.f"));
  for (std::uint32_t i = 1; i < kMany; ++i) {
    b.add_section({.name = "follower", .flags = SHF_ALLOC | SHF_LINK_ORDER, .link = i, .contents = zeros(8)});
  }
  b.add_symbol("f", kGlobalFunction, 1);
  EXPECT_TRUE(link_object(b.build(), gc_from("f")).linked);
}

TEST_F(Scale, ChainOfReferences) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_section(code(".text.f"));
  for (std::uint32_t i = 0; i < kMany; ++i)
    b.add_symbol("f" + std::to_string(i), kGlobalFunction, static_cast<std::uint16_t>(i + 1));
  for (std::uint32_t i = 1; i + 1 < kMany / 2; ++i) b.add_relocations(i, {rela(0, i + 1, R_X86_64_PC32)});
  EXPECT_TRUE(link_object(b.build(), gc_from("f0")).linked);
}

TEST_F(Scale, SectionsWithBounds) {
  ElfBuilder b;
  const std::uint32_t user = b.add_section(code(".text", kMany * 4));
  for (std::uint32_t i = 0; i < kMany; ++i) {
    b.add_section({.name = "bag" + std::to_string(i), .flags = SHF_ALLOC, .contents = zeros(8)});
  }
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    uses.push_back(rela(std::uint64_t{i} * 4, b.add_symbol("__start_bag" + std::to_string(i), kGlobalNone, SHN_UNDEF),
                        R_X86_64_PC32));
  }
  b.add_relocations(user, uses);
  EXPECT_TRUE(link_object(b.build()).linked);
}

TEST_F(Scale, BoundsOfSectionsThatAreNotThere) {
  ElfBuilder b;
  const std::uint32_t user = b.add_section(code(".text", kMany * 4));
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_section(code("bag"));
  for (std::uint32_t i = 0; i < kMany; ++i) {
    b.add_symbol("__start_none" + std::to_string(i), ELF64_ST_INFO(STB_WEAK, STT_NOTYPE), SHN_UNDEF);
  }
  (void)user;
  EXPECT_TRUE(link_object(b.build()).linked);
}

TEST_F(Scale, ArraysBesideManyBounds) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < kMany / 2; ++i) {
    b.add_section({.name = "bag" + std::to_string(i), .flags = SHF_ALLOC, .contents = zeros(8)});
    b.add_section({.name = ".init_array." + std::to_string(i), .flags = SHF_ALLOC | SHF_WRITE, .contents = zeros(8)});
    b.add_symbol("__stop_bag" + std::to_string(i), kGlobalNone, SHN_UNDEF);
  }
  EXPECT_TRUE(link_object(b.build()).linked);
}

TEST_F(Scale, SlotsAndStubs) {
  ElfBuilder b;
  const std::uint32_t user = b.add_section(code(".text", kMany * 8));
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    const std::uint32_t symbol = b.add_symbol("far" + std::to_string(i), kGlobalNone, SHN_UNDEF);
    uses.push_back(rela(std::uint64_t{i} * 8, symbol, R_X86_64_GOTPCREL, -4));
    uses.push_back(rela(std::uint64_t{i} * 8 + 4, symbol, R_X86_64_PLT32, -4));
  }
  b.add_relocations(user, uses);
  EXPECT_TRUE(link_object(b.build()).linked);
}

// Enough to be read and looked through by several threads.
TEST_F(Scale, ObjectsForSeveralThreads) {
  constexpr int kObjects = 40;
  ElfBuilder b;
  const std::uint32_t user = b.add_section(code(".text", kMany * 8));
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    const std::uint32_t symbol = b.add_symbol("far" + std::to_string(i % 100), kGlobalNone, SHN_UNDEF);
    uses.push_back(rela(std::uint64_t{i} * 8, symbol, R_X86_64_GOTPCREL, -4));
  }
  b.add_relocations(user, uses);
  const ElfEdit object = b.build();
  std::vector<InputBytes> inputs;
  for (int i = 0; i < kObjects; ++i) inputs.push_back({object.bytes(), std::to_string(i) + ".o"});
  CheckedLinker linker(4);
  const Outcome outcome = linker.run(inputs, {});
  EXPECT_TRUE(outcome.linked) << outcome.text;
  EXPECT_TRUE(outcome.sound());
}

// A file of 1.6 MB, as it says itself 4 GB of code.
TEST_F(Scale, SectionsThatShareTheirBytes) {
  ElfBuilder b;
  b.add_section(code(".text", kMany * 10));
  for (std::uint32_t i = 1; i < kMany; ++i) b.add_section(code(".text", 0));
  ElfEdit object = b.build();
  for (std::uint32_t i = 2; i <= kMany; ++i) {
    Elf64_Shdr h = object.section(i);
    h.sh_offset = object.section(1).sh_offset;
    h.sh_size = object.section(1).sh_size;
    object.set_section(i, h);
  }
  EXPECT_EQ(link_object(object).code, ErrorCode::kMalformed);
}

TEST_F(Scale, UndefinedSymbols) {
  ElfBuilder b;
  const std::uint32_t user = b.add_section(code(".text", kMany * 4));
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    uses.push_back(
        rela(std::uint64_t{i} * 4, b.add_symbol("missing" + std::to_string(i), kGlobalNone, SHN_UNDEF), R_X86_64_PC32));
  }
  b.add_relocations(user, uses);
  EXPECT_EQ(link_object(b.build()).code, ErrorCode::kUndefinedSymbol);
}

TEST_F(Scale, DuplicateSymbols) {
  ElfBuilder b;
  b.add_section(code(".text"));
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_symbol("f" + std::to_string(i), kGlobalFunction, 1);
  EXPECT_EQ(link_objects({b.build(), b.build()}).code, ErrorCode::kDuplicateSymbol);
}

TEST_F(Scale, GroupsThatAreAllDiscarded) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < kMany / 2; ++i) {
    const std::uint32_t section = b.add_section(code(".text.f"));
    b.add_group(
        b.add_symbol("f" + std::to_string(i), ELF64_ST_INFO(STB_WEAK, STT_FUNC), static_cast<std::uint16_t>(section)),
        {section});
  }
  EXPECT_TRUE(link_objects({b.build(), b.build()}).linked);
}

TEST_F(Scale, SectionsThatAreKeptOnce) {
  ElfBuilder b, groups;
  for (std::uint32_t i = 0; i < kMany / 2; ++i) {
    const std::string name = "f" + std::to_string(i);
    b.add_symbol(name, kGlobalFunction, static_cast<std::uint16_t>(b.add_section(code(".gnu.linkonce.t." + name))));
    const std::uint32_t section = groups.add_section(code(".text"));
    groups.add_group(groups.add_symbol(name, kGlobalFunction, static_cast<std::uint16_t>(section)), {section});
  }
  EXPECT_TRUE(link_objects({b.build(), groups.build(), b.build()}).linked);
}

TEST_F(Scale, ManyKindsOfOneName) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_section(code(".gnu.linkonce.k" + std::to_string(i) + ".f"));
  for (std::uint32_t i = 0; i < kMany; ++i) {
    b.add_symbol("f" + std::to_string(i), kGlobalFunction, static_cast<std::uint16_t>(i + 1));
  }
  const std::uint32_t section = b.add_section(code(".text"));
  b.add_group(b.add_symbol("f", kGlobalFunction, static_cast<std::uint16_t>(section)), {section});
  EXPECT_TRUE(link_objects({b.build(), b.build()}).linked);
}

TEST_F(Scale, ChainOfLinkOrdersThatIsDiscarded) {
  ElfBuilder b;
  const std::uint32_t first = b.add_section(code(".text.f"));
  for (std::uint32_t i = 1; i < kMany; ++i) {
    b.add_section({.name = "follower", .flags = SHF_ALLOC | SHF_LINK_ORDER, .link = i, .contents = zeros(8)});
  }
  b.add_group(b.add_symbol("f", kGlobalFunction, static_cast<std::uint16_t>(first)), {first});
  EXPECT_TRUE(link_objects({b.build(), b.build()}).linked);
}

TEST_F(Scale, UnwindRecords) {
  ElfBuilder b;
  const std::uint32_t text = b.add_section(code(".text", kMany));
  std::vector<std::byte> all;
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    const std::vector<std::byte> pair = plain_frames();
    uses.push_back(rela(all.size() + 32, 1, R_X86_64_PC32));
    all.insert(all.end(), pair.begin(), pair.end());
  }
  std::vector<Elf64_Rela> shuffled;  // no order is promised
  for (std::uint32_t i = 0; i < kMany; ++i) shuffled.push_back(uses[i % 2 == 0 ? i : kMany - i]);
  const std::uint32_t frames = b.add_section({.name = ".eh_frame", .flags = SHF_ALLOC, .align = 8, .contents = all});
  b.add_symbol("", kLocalSection, static_cast<std::uint16_t>(text));
  b.add_symbol("f", kGlobalFunction, static_cast<std::uint16_t>(text));
  b.add_relocations(frames, shuffled);
  EXPECT_TRUE(link_object(b.build()).linked);
  EXPECT_TRUE(link_object(b.build(), gc_from("f")).linked);
}

// Ten levels, each three times the one below: a kilobyte that stands for 50 MB, a dozen times.
TEST_F(Scale, NamesThatExpand) {
  std::string name = "_Z1f850" + std::string(850, 'x'), before = "S_";
  for (const char level : std::string_view("13579BDFHJ")) {
    name += "1BI" + before + before + before + "E";
    before = std::string("S") + level + "_";
  }
  ElfBuilder b;
  b.add_section(code(".text"));
  for (int i = 0; i < 12; ++i) b.add_symbol(name += 'i', kGlobalFunction, 1);
  EXPECT_NE(link_objects({b.build(), b.build()}).text.find("12 errors"), std::string::npos);
}

// Symbols whose names are each the end of the one before: 20,000 bytes, which stand for 200 MB.
ElfEdit symbols_that_overlap(std::uint8_t info) {
  ElfBuilder b;
  b.add_section(code(".text"));
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_symbol(i == 0 ? std::string(kMany, 'x') : "", info, 1);
  ElfEdit object = b.build();
  const std::uint64_t table = object.section(object.find(".symtab")).sh_offset;
  for (std::uint32_t i = 0; i < kMany; ++i) object.put(table + (i + 1) * sizeof(Elf64_Sym), i + 1);
  return object;
}

TEST_F(Scale, NamesOfSymbolsThatOverlap) {
  for (const std::uint8_t info : {kGlobalFunction, std::uint8_t{ELF64_ST_INFO(STB_LOCAL, STT_FUNC)}}) {
    EXPECT_NE(link_object(symbols_that_overlap(info)).text.find("overlap in many places"), std::string::npos);
  }
}

TEST_F(Scale, NamesOfSectionsThatOverlap) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_section(code(i == 0 ? std::string(kMany, 'x') : ""));
  ElfEdit object = b.build();
  const auto first = object.section(1).sh_name;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    Elf64_Shdr h = object.section(i + 1);
    h.sh_name = first + i;
    object.set_section(i + 1, h);
  }
  EXPECT_NE(link_object(object).text.find("overlap in many places"), std::string::npos);
}

// As assemblers share them: ".rela.text.f" ends with ".text.f". Ends that are shared a few times are no error.
TEST_F(Scale, NamesThatShareTheirEnds) {
  ElfBuilder b;
  b.add_section(code(".text"));
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_symbol(std::to_string(100'000 + i) + "_name", kGlobalFunction, 1);
  for (std::uint32_t i = 0; i < kMany; ++i) b.add_symbol("", kGlobalFunction, 1);
  ElfEdit object = b.build();
  const std::uint64_t table = object.section(object.find(".symtab")).sh_offset + sizeof(Elf64_Sym);
  for (std::uint32_t i = 0; i < kMany; ++i) {  // "0123_name" of "100123_name"
    const auto name = object.get<std::uint32_t>(table + i * sizeof(Elf64_Sym));
    object.put(table + (kMany + i) * sizeof(Elf64_Sym), name + 1);
  }
  EXPECT_TRUE(link_object(object).linked);
}

std::string member_header(std::string name, std::size_t size) {
  name.resize(16, ' ');
  std::string header = name + "0           0     0     644     " + std::to_string(size);
  header.resize(58, ' ');
  return header + "`\n";
}

// "!<arch>" with one member for each link of a chain: f0 needs f1, which needs f2, ...
std::vector<std::byte> archive_of_chain(std::uint32_t count) {
  std::string index, members;
  std::vector<std::string> names;
  std::vector<std::uint32_t> offsets;
  for (std::uint32_t i = 0; i < count; ++i) {
    ElfBuilder b;
    const std::uint32_t section = b.add_section(code(".text"));
    b.add_symbol("f" + std::to_string(i), kGlobalFunction, static_cast<std::uint16_t>(section));
    const std::uint32_t next = b.add_symbol("f" + std::to_string(i + 1), kGlobalNone, SHN_UNDEF);
    b.add_relocations(section, {rela(0, next, R_X86_64_PLT32, -4)});
    const ElfEdit object = b.build();
    std::string contents(reinterpret_cast<const char*>(object.bytes().data()), object.bytes().size());
    if (contents.size() % 2 != 0) contents += '\n';
    offsets.push_back(static_cast<std::uint32_t>(members.size()));
    names.push_back("f" + std::to_string(i));
    members += member_header("m.o/", contents.size()) + contents;
  }
  std::size_t names_size = 0;
  for (const std::string& name : names) names_size += name.size() + 1;
  const std::size_t index_size = 4 + 4 * names.size() + names_size, padded = index_size + index_size % 2;
  const auto put = [&](std::uint32_t n) {
    for (int shift = 24; shift >= 0; shift -= 8) index += static_cast<char>(n >> shift);
  };
  put(count);
  for (const std::uint32_t offset : offsets) put(static_cast<std::uint32_t>(offset + 8 + 60 + padded));
  for (const std::string& name : names) index += name + '\0';
  index.resize(padded, '\n');
  return bytes_of_text("!<arch>\n" + member_header("/", padded) + index + members);
}

TEST_F(Scale, ChainOfArchiveMembers) {
  const std::vector<std::byte> archive = archive_of_chain(kMany / 4);
  ElfBuilder b;
  const std::uint32_t section = b.add_section(code(".text"));
  b.add_relocations(section, {rela(0, b.add_symbol("f0", kGlobalNone, SHN_UNDEF), R_X86_64_PLT32, -4)});
  const ElfEdit user = b.build();
  CheckedLinker linker;
  const InputBytes inputs[] = {{user.bytes(), "user.o"}, {archive, "chain.a"}};
  const Outcome outcome = linker.run(inputs, {});
  EXPECT_TRUE(outcome.linked) << outcome.text;
  EXPECT_TRUE(outcome.sound());
}

}  // namespace
}  // namespace enfold::fuzz
