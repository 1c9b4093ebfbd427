// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Archives by way of the whole linker: what members are that are no objects, and how much work many archives are.
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "elf_patch.h"
#include "link_state.h"
#include "plan/resolve.h"
#include "support.h"

namespace enfold::test {
namespace {

struct Member {
  std::string name;
  ObjectBytes bytes;
  std::string defines;  // for the index; empty: nothing
};

std::string header(std::string name, std::size_t size) {
  name.resize(16, ' ');
  std::string text = name + "0           0     0     644     " + std::to_string(size);
  text.resize(58, ' ');
  return text + "`\n";
}

std::string big_endian(std::size_t n) {
  std::string word;
  for (int shift = 24; shift >= 0; shift -= 8) word += static_cast<char>(n >> shift);
  return word;
}

std::vector<std::byte> archive_of(const std::vector<Member>& members) {
  std::string contents, names;
  std::vector<std::size_t> offsets;
  for (const Member& member : members) {
    if (!member.defines.empty()) {
      offsets.push_back(contents.size());
      names += member.defines + '\0';
    }
    contents += header(member.name + "/", member.bytes.size());
    contents.append(reinterpret_cast<const char*>(member.bytes.data()), member.bytes.size());
    if (contents.size() % 2 != 0) contents += '\n';
  }
  const std::size_t size = 4 + 4 * offsets.size() + names.size(), padded = size + size % 2;
  std::string text = "!<arch>\n" + header("/", padded) + big_endian(offsets.size());
  for (const std::size_t offset : offsets) text += big_endian(offset + 8 + 60 + padded);
  text += names;
  if (padded != size) text += '\n';
  text += contents;
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

ObjectBytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

ObjectBytes user() { return c_object("int late(void); int f(void) { return late(); }"); }

Error refusal(const Member& member) {
  const std::vector<std::byte> archive = archive_of({member});
  ObjectSet set = set_of(user());
  set.add_bytes(archive, "lib.a");
  return error_of(new_session()->link(std::move(set)));
}

void expect_told(const Error& error, std::string_view what, std::string_view cure) {
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.text();
  EXPECT_TRUE(error.place().object.ends_with("lib.a(late.o)")) << error.text();
  EXPECT_NE(error.message().find(what), std::string::npos) << error.text();
  EXPECT_NE(error.cure().find(cure), std::string::npos) << error.text();
}

// Rewrites the ELF header of an object.
template <class Change>
Patched with_header(Change change) {
  Patched object(c_object("int late(void) { return 1; }"));
  Elf64_Ehdr header;
  std::memcpy(&header, object.raw().data(), sizeof header);
  change(header);
  std::memcpy(object.raw().data(), &header, sizeof header);
  return object;
}

// It defines all that is wanted, and is not there.
TEST(ArchiveMembers, AMissingOneIsToldOnce) {
  const std::string names("a\0b\0c\0", 6);
  const std::size_t size = 4 + 3 * 4 + names.size(), member_at = 8 + 60 + size;
  std::string text = "!<thin>\n" + header("/", size) + big_endian(3);
  for (int i = 0; i < 3; ++i) text += big_endian(member_at);
  text += names + header("gone.o/", 100);
  ObjectSet set = set_of(c_object("int a(void), b(void), c(void); int f(void) { return a() + b() + c(); }"));
  set.add_bytes(bytes_of(text), "lib.a");
  const Error error = error_of(new_session()->link(std::move(set)));
  EXPECT_EQ(error.code(), ErrorCode::kIo) << error.text();
  EXPECT_TRUE(error.causes().empty()) << error.text();
  EXPECT_NE(error.text().find("lib.a(gone.o)"), std::string::npos) << error.text();
}

TEST(ArchiveMembers, InputsThatAreNamedTwiceAreToldOnce) {
  ObjectSet set = set_of(user());
  set.add_file("/nonexistent/gone.o");
  set.add_file("/nonexistent/gone.o");
  const Error error = error_of(new_session()->link(std::move(set)));
  EXPECT_TRUE(error.causes().empty()) << error.text();
}

TEST(ArchiveMembers, OfOtherSortsAreNamed) {
  using namespace std::string_view_literals;
  const std::string zeros(64, '\0');
  const std::string bitcode = "BC\xC0\xDE" + zeros, wrapped = "\xDE\xC0\x17\x0B" + zeros, coff = "\x64\x86" + zeros;
  const std::string nested = "!<arch>\n" + header("x/", 0);
  expect_told(refusal({"late.o", bytes_of(bitcode), "late"}), "LLVM bitcode", "without -flto");
  expect_told(refusal({"late.o", bytes_of(wrapped), "late"}), "LLVM bitcode", "-ffat-lto-objects");
  expect_told(refusal({"late.o", bytes_of(coff), "late"}), "COFF", "ELF");
  expect_told(refusal({"late.o", bytes_of(nested), "late"}), "an archive", "name it itself");
  const Patched shared = with_header([](Elf64_Ehdr& h) { h.e_type = ET_DYN; });
  expect_told(refusal({"late.o", shared.bytes(), "late"}), "a shared library", "name it itself");
  const Patched arm = with_header([](Elf64_Ehdr& h) { h.e_machine = EM_AARCH64; });
  expect_told(refusal({"late.o", arm.bytes(), "late"}), "64-bit ELF for AArch64", "compile for the machine");
  const Patched small = with_header([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32, h.e_machine = EM_386; });
  expect_told(refusal({"late.o", small.bytes(), "late"}), "32-bit ELF for i386", "compile for the machine");
}

TEST(ArchiveMembers, OfOtherSortsAreNamedInWholeArchives) {
  const std::string bitcode = "BC\xC0\xDE" + std::string(64, '\0');
  const std::vector<std::byte> archive = archive_of({{"late.o", bytes_of(bitcode), ""}});
  const std::string path = testing::TempDir() + std::to_string(::getpid()) + "-lib.a";
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(archive.data()), std::ssize(archive));
  ObjectSet set = set_of(user());
  set.add_archive(path, true);
  expect_told(error_of(new_session()->link(std::move(set))), "LLVM bitcode", "without -flto");
  std::filesystem::remove(path);
}

// `ar` lists no symbols of what it does not know: the symbol is undefined, and the reason is beside it.
TEST(ArchiveMembers, OfOtherSortsThatTheIndexDoesNotList) {
  const std::string bitcode = "BC\xC0\xDE" + std::string(64, '\0');
  const Error error = refusal({"late.o", bytes_of(bitcode), ""});
  EXPECT_EQ(error.code(), ErrorCode::kUndefinedSymbol) << error.text();
  EXPECT_NE(error.text().find("lib.a(late.o): an object of LLVM bitcode"), std::string::npos) << error.text();
}

// What is no object at all, such as a text, has nothing to do with it.
TEST(ArchiveMembers, OfNoSortAreNoReason) {
  const Error error = refusal({"late.o", bytes_of("a note for people"), ""});
  EXPECT_EQ(error.text().find("lib.a"), std::string::npos) << error.text();
}

#if defined(__GNUC__) && !defined(__clang__)
TEST(ArchiveMembers, OfIntermediateCodeAreNamed) {
  const ObjectBytes slim = c_object("int late(void) { return 1; }", "-O1 -flto -fno-fat-lto-objects");
  expect_told(refusal({"late.o", slim, "late"}), "intermediate code", "without -flto");
  // Its sections tell, too.
  Patched unmarked(slim);
  const ObjectBytes mark = bytes_of("__gnu_lto_slim");
  const auto found = std::search(unmarked.raw().begin(), unmarked.raw().end(), mark.begin(), mark.end());
  ASSERT_NE(found, unmarked.raw().end());
  *found = std::byte{'x'};
  expect_told(refusal({"late.o", unmarked.bytes(), "late"}), "intermediate code", "without -flto");
}

TEST(ArchiveMembers, OfIntermediateAndMachineCodeAreLinked) {
  const ObjectBytes fat = c_object("int late(void) { return 7; }", "-O1 -flto -ffat-lto-objects");
  const std::vector<std::byte> archive = archive_of({{"late.o", fat, "late"}});
  ObjectSet set = set_of(user());
  set.add_bytes(archive, "lib.a");
  EXPECT_EQ(call<int()>(must(new_session()->link(std::move(set))), "f"), 7);
}
#endif

// A session that shows nothing.
class EmptyScope final : public Scope {
 public:
  Hold hold() const override { return {}; }
  std::optional<ScopeSymbol> find(const Hold&, const HashedName&) const override { return {}; }
  std::optional<ScopeSymbol> find_visible(const Hold&, const HashedName&) const override { return {}; }
};

class ManyArchives : public testing::Test {
 protected:
  // How many names are looked up to link `objects` with `archives`, in this order or the other way round.
  std::uint64_t lookups(ObjectBytes object, const std::vector<std::vector<std::byte>>& archives, bool object_first) {
    const ObjectSet set("many");
    LinkState link;
    link.set = &set;
    link.options = &set.options();
    const read::InputFile user{
        .name = "main.o", .kind = read::FileKind::kObject, .bytes = read::Bytes(object), .storage = {}};
    if (object_first) link.files.push_back(user);
    for (const std::vector<std::byte>& archive : archives) {
      link.files.push_back(
          {.name = "lib.a", .kind = read::FileKind::kArchive, .bytes = read::Bytes(archive), .storage = {}});
    }
    if (!object_first) link.files.push_back(user);
    SymbolTable table(link);
    must(resolve(link, table, EmptyScope()));
    objects_ = link.objects.size();
    return link.lookup_count;
  }

  // One object that wants `count` names of the last archive, behind `count` archives that want what the next one has.
  void expect_linear(bool object_first) {
    std::vector<std::uint64_t> work;
    for (const std::size_t count : {25u, 50u, 100u}) {
      std::string wanted, defined;
      for (std::size_t i = 0; i < count; ++i) {
        wanted += ".quad f" + std::to_string(i) + "\n";
        defined += ".globl f" + std::to_string(i) + "\nf" + std::to_string(i) + ":\n";
      }
      std::vector<std::vector<std::byte>> archives;
      for (std::size_t i = 0; i < count; ++i) {
        const std::string own = "g" + std::to_string(i);
        archives.push_back(archive_of(
            {{"m.o", assembled(".globl " + own + "\n" + own + ": .quad g" + std::to_string(i + 1) + "\n"), own}}));
      }
      const ObjectBytes last =
          assembled(".globl g" + std::to_string(count) + "\ng" + std::to_string(count) + ":\n" + defined);
      std::vector<Member> members = {{"last.o", last, "g" + std::to_string(count)}};
      for (std::size_t i = 0; i < count; ++i) members.push_back({"none.o", last, "f" + std::to_string(i)});
      archives.push_back(archive_of(members));
      work.push_back(lookups(assembled(".data\n.quad g0\n" + wanted), archives, object_first));
      EXPECT_EQ(objects_, count + 2);
    }
    EXPECT_LT(work[1], work[0] * 5 / 2) << work[0] << ", " << work[1] << ", " << work[2];
    EXPECT_LT(work[2], work[1] * 5 / 2) << work[0] << ", " << work[1] << ", " << work[2];
  }

  std::size_t objects_ = 0;
};

TEST_F(ManyArchives, BehindWhatWantsThemAreLinearWork) { expect_linear(true); }
TEST_F(ManyArchives, BeforeWhatWantsThemAreLinearWork) { expect_linear(false); }

}  // namespace
}  // namespace enfold::test
