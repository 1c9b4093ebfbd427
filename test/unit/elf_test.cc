// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object files that are cut short, changed, misaligned or large: an object or an error, and nothing else.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "elf_patch.h"
#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

// Code, data, bss, a COMDAT group, unwind information, initialisers, properties: every kind of section and symbol that
// is small.
ObjectBytes rich() {
  return cxx_object("extern int nobody; inline int shared() { static int n; return ++n; }\n"
                    "struct S { S(); ~S(); } s;\n"
                    "S::S() { shared(); } S::~S() {}\n"
                    "const char *const names[] = {\"a\", \"b\"};\n"
                    "int zero[100]; int f() { try { throw 1; } catch (int n) { return n + zero[n]; } }\n",
                    "-Os -fPIC -fcf-protection=full");
}

ObjectBytes small() {
  return assembled(".globl f, g\nf: call g@PLT\nmovq x@GOTPCREL(%rip), %rax\nret\n"
                   ".section .text.g,\"axG\",@progbits,g,comdat\n.weak g\ng: ret\n"
                   ".data\nx: .quad f\n.comm c, 8, 8\n");
}

// Links for a process that is not there. True when an object came of it.
bool survives(ObjectBytes bytes) {
  FakeProcess process;
  for (const char* name : {"_ZTIi", "__gxx_personality_v0", "__cxa_throw", "__cxa_allocate_exception",
                           "__cxa_begin_catch", "__cxa_end_catch", "_Unwind_Resume", "__cxa_atexit"}) {
    process.runtime->symbols[name] = {.address = TargetAddr{kFar}, .size = 8, .kind = HostSymbolKind::kFunction};
  }
  Expected<LinkedSet> set = process.session->link(set_of(bytes));
  EXPECT_TRUE(set || !set.error().text().empty());
  return set.has_value();
}

TEST(Elf, WholeObjectsLink) {
  EXPECT_TRUE(survives(small()));
  EXPECT_TRUE(survives(rich()));
}

// Section headers come last in what assemblers write: nothing that is cut short has them all.
TEST(Elf, TruncatedAtAnyLengthIsAnError) {
  for (const ObjectBytes object : {small(), rich()}) {
    for (std::size_t size = 0; size < object.size(); ++size) {
      const std::vector<std::byte> cut(object.begin(), object.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(survives(cut)) << size;
    }
  }
}

void mutate_every_byte(ObjectBytes object, std::initializer_list<int> masks) {
  std::vector<std::byte> copy(object.begin(), object.end());
  for (std::byte& byte : copy) {
    const std::byte original = byte;
    for (const int mask : masks) {
      byte = original ^ static_cast<std::byte>(mask);
      survives(copy);
    }
    byte = original;
  }
}

TEST(Elf, AnyByteMayBeWrong) { mutate_every_byte(small(), {0x01, 0x10, 0x80, 0xff}); }

TEST(Elf, AnyByteOfACompilersOutputMayBeWrong) {
  if (kShadowMemory) {
    mutate_every_byte(rich(), {0xff});
  } else {
    mutate_every_byte(rich(), {0x01, 0x80, 0xff});
  }
}

TEST(Elf, BytesMayLieAnywhere) {
  const ObjectBytes object = c_object("static int t[] = {40, 2}; int f(int i) { return t[i] + t[1 - i]; }");
  const auto session = new_session();
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::byte> buffer(object.size() + 8);
    std::ranges::copy(object, buffer.begin() + static_cast<std::ptrdiff_t>(shift));
    const LinkedSet set = must(session->link(set_of(ObjectBytes(buffer).subspan(shift, object.size()))));
    EXPECT_EQ(call<int(int)>(set, "f", 0), 42);
  }
}

// Sizes are read where they stand in the file: of a local symbol by who asks for it, of others with their definition.
TEST(Elf, SizesOfSymbolsMayLieAnywhere) {
  const ObjectBytes object = assembled(".globl local_size, shared_size, shared\n"
                                       "local_size: movl $local@SIZE, %eax\nret\n"
                                       "shared_size: movl $shared@SIZE, %eax\nret\n"
                                       ".data\nlocal: .zero 24\n.size local, 24\n"
                                       "shared: .zero 40\n.size shared, 40\n");
  const auto session = new_session();
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::byte> buffer(object.size() + 8);
    std::ranges::copy(object, buffer.begin() + static_cast<std::ptrdiff_t>(shift));
    const LinkedSet set = must(session->link(set_of(ObjectBytes(buffer).subspan(shift, object.size()))));
    EXPECT_EQ(call<int()>(set, "local_size"), 24);
    EXPECT_EQ(call<int()>(set, "shared_size"), 40);
  }
}

// gABI: the value of a common symbol is its alignment.
TEST(Elf, CommonSymbolsHaveSizesAndAlignmentsThatMemoryCanHave) {
  const auto linked = [](std::uint64_t alignment, std::uint64_t size) {
    Patched object(assembled(".comm c, 8, 8\n"));
    const Elf64_Shdr table = object.find(".symtab");
    std::byte* const last = object.raw().data() + table.sh_offset + table.sh_size - sizeof(Elf64_Sym);
    std::memcpy(last + offsetof(Elf64_Sym, st_value), &alignment, sizeof alignment);
    std::memcpy(last + offsetof(Elf64_Sym, st_size), &size, sizeof size);
    return new_session()->link(set_of(object.bytes()));
  };
  const std::uint64_t most = std::uint64_t{1} << 46;
  EXPECT_EQ(value(must(must(linked(64, 100)).address("c"))) % 64, 0u);
  EXPECT_TRUE(linked(0, 8));
  EXPECT_NE(error_of(linked(8, most)).text().find("is larger than the address space"), std::string::npos);
  EXPECT_NE(error_of(linked(most, 8)).text().find("is larger than the address space"), std::string::npos);
  EXPECT_NE(error_of(linked(24, 8)).text().find("is aligned to no power of two"), std::string::npos);
}

TEST(Elf, BytesAreNotNeededAfterTheLink) {
  const ObjectBytes object = c_object("static int t[] = {40, 2}; int f(int i) { return t[i] + t[1 - i]; }");
  auto buffer = std::make_unique<std::vector<std::byte>>(object.begin(), object.end());
  const auto session = new_session();
  LinkedSet set = must(session->link(set_of(ObjectBytes(*buffer))));
  std::ranges::fill(*buffer, std::byte{0xff});
  buffer.reset();
  EXPECT_EQ(call<int(int)>(set, "f", 0), 42);
  EXPECT_FALSE(set.plan().inputs.empty());
  must(set.unload());
}

// gABI: e_shoff is 0 in a file without section headers, which has no names of sections either.
TEST(Elf, AnObjectOfNoSectionsHasNoneOfThatName) {
  Patched bare(c_object("int f(void) { return 1; }"));
  Elf64_Ehdr header;
  std::memcpy(&header, bare.raw().data(), sizeof header);
  header.e_shoff = 0;
  header.e_shnum = header.e_shstrndx = 0;
  std::memcpy(bare.raw().data(), &header, sizeof header);
  const ObjectBytes asking = c_object("extern int __start_parts[] __attribute__((weak));\n"
                                      "int *f(void) { return __start_parts; }");
  const LinkedSet set = must(new_session()->link(set_of({{"bare.o", bare.bytes()}, {"asking.o", asking}})));
  EXPECT_EQ(call<int*()>(set, "f"), nullptr);
}

// What objects mostly turn out to be that cannot be linked is named, with what to do about it.
TEST(Elf, AnObjectForAnotherMachineIsRefusedWithACure) {
  const auto refusal = [](auto&& change) {
    Patched object(c_object("int f(void) { return 1; }"));
    Elf64_Ehdr header;
    std::memcpy(&header, object.raw().data(), sizeof header);
    change(header);
    std::memcpy(object.raw().data(), &header, sizeof header);
    return error_of(new_session()->link(set_of(object.bytes()))).text();
  };
  const std::string arm = refusal([](Elf64_Ehdr& h) { h.e_machine = EM_AARCH64; });
  EXPECT_NE(arm.find("ELF for AArch64 is not supported"), std::string::npos) << arm;
  EXPECT_NE(arm.find("cure: compile for the machine that the process runs on"), std::string::npos) << arm;
  const std::string other = refusal([](Elf64_Ehdr& h) { h.e_machine = 9999; });
  EXPECT_NE(other.find("ELF for machine 9999 is"), std::string::npos) << other;
  const std::string big = refusal([](Elf64_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; });
  EXPECT_NE(big.find("big-endian ELF for "), std::string::npos) << big;
  EXPECT_NE(big.find("cure: compile for the machine"), std::string::npos) << big;
}

// gABI: from 65,280 sections on their count, and the index of a symbol's section, stand elsewhere.
constexpr int kManySections = 66'000;

ObjectBytes many_sections() {
  return assembled(".altmacro\n"
                   ".macro one n\n"
                   ".section .text.f\\n,\"ax\",@progbits\n"
                   ".globl f\\n\n"
                   "f\\n: movl $\\n, %eax\nret\n"
                   ".endm\n"
                   ".set i, 0\n"
                   ".rept " + std::to_string(kManySections) + "\n"
                   "one %i\n"
                   ".set i, i+1\n"
                   ".endr\n"
                   ".data\n.globl last\nlast: .quad f" + std::to_string(kManySections - 1) + "\n");
}

TEST(Elf, ManySectionsAreLinked) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(many_sections())));
  EXPECT_GE(set.plan().section_count, static_cast<std::uint64_t>(kManySections));
  EXPECT_EQ(call<int()>(set, "f0"), 0);
  EXPECT_EQ(call<int()>(set, "f65535"), 65535);
  EXPECT_EQ(call<int()>(set, "f65999"), 65999);
  EXPECT_EQ(target(*must(set.object<void*>("last"))), must(set.address("f65999")));
}

}  // namespace
}  // namespace enfold::test
