// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Archives as the tools of two houses write them.
#include "read/archive.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <ostream>

#include "support.h"

namespace enfold::read {
namespace {

// One way to make lib.a of one.o, a_member_with_a_long_name.o and sub/three.o.
struct Maker {
  const char* name;
  const char* command;  // followed by the members
  bool has_index = true;
  friend std::ostream& operator<<(std::ostream& out, const Maker& maker) { return out << maker.name; }
};

constexpr Maker kMakers[] = {
    {"gnu", "ar rcsD lib.a"},
    {"gnu_no_index", "ar rcSD lib.a", false},
    {"gnu_thin", "ar rcsTD lib.a"},
    {"gnu_thin_no_index", "ar rcSTD lib.a", false},
    {"llvm_gnu", "llvm-ar-19 --format=gnu rcs lib.a"},
    {"llvm_gnu_no_index", "llvm-ar-19 --format=gnu rcS lib.a", false},
    {"llvm_gnu_64", "SYM64_THRESHOLD=1 llvm-ar-19 --format=gnu rcs lib.a"},
    {"llvm_thin", "llvm-ar-19 --thin rcs lib.a"},
    {"llvm_bsd", "llvm-ar-19 --format=bsd rcs lib.a"},
    {"llvm_bsd_no_index", "llvm-ar-19 --format=bsd rcS lib.a", false},
    {"llvm_darwin", "llvm-ar-19 --format=darwin rcs lib.a"},
    {"llvm_darwin_64", "SYM64_THRESHOLD=1 llvm-ar-19 --format=darwin rcs lib.a"},
    {"llvm_coff", "llvm-ar-19 --format=coff rcs lib.a"},
};

// The objects, compiled once.
const test::TempDir& objects() {
  static const test::TempDir* const kDirectory = [] {
    auto* dir = new test::TempDir;
    dir->write("one.c", "int one(void) { return 1; } int both = 1; static int local; int *p(void) { return &local; }");
    dir->write("two.c", "int two(void) { return 2; } int both = 2;");
    dir->write("sub/three.c", "int three = 3; __attribute__((weak)) int weak_three = 3;");
    dir->run(test::cc() + " -fno-common -c one.c && " + test::cc() + " -c two.c -o a_member_with_a_long_name.o && " +
             test::cc() + " -c sub/three.c -o sub/three.o");
    return dir;
  }();
  return *kDirectory;
}

// An archive, held together with the bytes that it borrows.
struct Opened {
  std::unique_ptr<test::Contents> contents;
  std::string path;
  Expected<Archive> archive;
  const Archive* operator->() const { return &*archive; }
};

Opened open_archive(const std::string& path, const Archive::Enumerate& enumerate = test::enumerate) {
  auto contents = std::make_unique<test::Contents>(test::Contents::of_file(path));
  auto archive = Archive::open(contents->bytes(), path, enumerate);
  EXPECT_TRUE(archive) << test::why(archive);
  return {std::move(contents), path, std::move(archive)};
}

// The file name that is displayed for the member that defines `symbol`.
std::string definer(const Opened& opened, std::string_view symbol) {
  const auto offset = opened->find(symbol);
  if (!offset) return "none";
  const auto member = opened->member(*offset);
  if (!member) return member.error().text();
  const std::size_t open = member->name.find('(');
  EXPECT_EQ(member->name.substr(0, open), opened.path);
  const std::string inside = member->name.substr(open + 1, member->name.size() - open - 2);
  return std::filesystem::path(inside).filename().string();
}

class ArchiveForm : public testing::TestWithParam<Maker> {
 protected:
  void SetUp() override {
    std::filesystem::copy(objects().path(), dir_.path(), std::filesystem::copy_options::recursive);
    dir_.run(std::string(GetParam().command) + " one.o a_member_with_a_long_name.o sub/three.o");
  }
  test::TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(All, ArchiveForm, testing::ValuesIn(kMakers),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_P(ArchiveForm, FindsTheMemberOfEachSymbol) {
  const Opened archive = open_archive(dir_.path("lib.a"));
  EXPECT_EQ(definer(archive, "one"), "one.o");
  EXPECT_EQ(definer(archive, "p"), "one.o");
  EXPECT_EQ(definer(archive, "two"), "a_member_with_a_long_name.o");
  EXPECT_EQ(definer(archive, "three"), "three.o");
  EXPECT_EQ(definer(archive, "weak_three"), "three.o");
}

TEST_P(ArchiveForm, TheFirstOfTwoDefinersIsFound) {
  EXPECT_EQ(definer(open_archive(dir_.path("lib.a")), "both"), "one.o");
}

TEST_P(ArchiveForm, LocalsAndUnknownNamesAreNotFound) {
  const Opened archive = open_archive(dir_.path("lib.a"));
  EXPECT_FALSE(archive->find("local"));
  EXPECT_FALSE(archive->find("on"));
  EXPECT_FALSE(archive->find("ones"));
  EXPECT_FALSE(archive->find(""));
}

TEST_P(ArchiveForm, CountsTheNamesOfItsIndex) {
  EXPECT_EQ(open_archive(dir_.path("lib.a"))->symbol_count(), 6U);
}

TEST_P(ArchiveForm, ListsAllMembersInOrderWithTheirBytes) {
  const Opened archive = open_archive(dir_.path("lib.a"));
  const auto members = archive->members();
  ASSERT_TRUE(members) << test::why(members);
  ASSERT_EQ(members->size(), 3U);
  const char* const files[] = {"one.o", "a_member_with_a_long_name.o", "sub/three.o"};
  for (std::size_t i = 0; i != 3; ++i) {
    const auto file = test::Contents::of_file(dir_.path(files[i]));
    const Bytes bytes = (*members)[i].bytes;
    // Darwin's form counts the padding to 8 bytes in the member.
    EXPECT_TRUE(bytes.text().starts_with(file.bytes().text())) << files[i];
    EXPECT_LT(bytes.size() - file.size(), 8U) << files[i];
  }
}

TEST_P(ArchiveForm, OnlyAThinArchiveHoldsStorage) {
  const Opened archive = open_archive(dir_.path("lib.a"));
  const auto members = archive->members();
  ASSERT_TRUE(members) << test::why(members);
  EXPECT_EQ((*members)[0].storage != nullptr, archive->is_thin());
}

TEST_P(ArchiveForm, AnIndexIsUsedWhereThereIsOne) {
  bool asked = false;
  const auto enumerate = [&](Bytes, const std::string&, const Archive::Sink&) -> Expected<void> {
    asked = true;
    return {};
  };
  open_archive(dir_.path("lib.a"), enumerate);
  EXPECT_EQ(asked, !GetParam().has_index);
}

TEST_P(ArchiveForm, WithoutEnumerationThereIsNoIndexButAllMembers) {
  const Opened archive = open_archive(dir_.path("lib.a"), {});
  EXPECT_FALSE(archive->find("one"));
  const auto members = archive->members();
  ASSERT_TRUE(members) << test::why(members);
  EXPECT_EQ(members->size(), 3U);
}

// What only some forms have.
class ArchiveMembers : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(objects().path(), dir_.path(), std::filesystem::copy_options::recursive);
  }

  std::vector<std::string> names(const Opened& opened) {
    const auto members = opened->members();
    EXPECT_TRUE(members) << test::why(members);
    std::vector<std::string> all;
    if (!members) return all;
    for (const ArchiveMember& member : *members) all.push_back(member.name.substr(opened.path.size()));
    return all;
  }

  test::TempDir dir_;
};

TEST_F(ArchiveMembers, OfTheSameNameAreAllThere) {
  dir_.run("mkdir x && cp one.o x/two.o && cp a_member_with_a_long_name.o two.o && ar qcsD lib.a x/two.o two.o");
  const Opened archive = open_archive(dir_.path("lib.a"));
  EXPECT_EQ(names(archive), (std::vector<std::string>{"(two.o)", "(two.o)"}));
  EXPECT_NE(archive->find("one"), archive->find("two"));
}

TEST_F(ArchiveMembers, MayBeEmptyOrOfOddSize) {
  dir_.write("empty.txt", "");
  dir_.write("odd.txt", "odd");
  dir_.run("ar rcsD lib.a odd.txt empty.txt one.o odd.txt");
  const Opened archive = open_archive(dir_.path("lib.a"));
  EXPECT_EQ(names(archive), (std::vector<std::string>{"(odd.txt)", "(empty.txt)", "(one.o)", "(odd.txt)"}));
  EXPECT_EQ((*archive->members())[0].bytes.text(), "odd");
  EXPECT_EQ(definer(archive, "one"), "one.o");
}

TEST_F(ArchiveMembers, OfAnEmptyArchiveAreNone) {
  dir_.run("ar rcs lib.a && ar rcsT thin.a");
  EXPECT_TRUE(names(open_archive(dir_.path("lib.a"))).empty());
  EXPECT_TRUE(names(open_archive(dir_.path("thin.a"))).empty());
}

TEST_F(ArchiveMembers, KeepBlanksInTheirNames) {
  dir_.run("cp one.o 'a b.o' && cp one.o 'a longer name with blanks.o'");
  for (const char* format : {"gnu", "bsd"}) {
    dir_.run("rm -f lib.a && llvm-ar-19 --format=" + std::string(format) + " rcs lib.a a*.o");
    EXPECT_EQ(names(open_archive(dir_.path("lib.a"))),
              (std::vector<std::string>{"(a b.o)", "(a longer name with blanks.o)", "(a_member_with_a_long_name.o)"}));
  }
}

TEST_F(ArchiveMembers, OfAThinArchiveAreNamedByTheirPath) {
  dir_.run("mkdir lib && ar rcsTD lib/lib.a one.o sub/three.o");
  const Opened archive = open_archive(dir_.path("lib/lib.a"));
  EXPECT_EQ(names(archive), (std::vector<std::string>{"(../one.o)", "(../sub/three.o)"}));
}

TEST_F(ArchiveMembers, OfAThinArchiveMayBeNamedAbsolutely) {
  dir_.run("ar rcsTDP lib.a '" + dir_.path("one.o") + "'");
  EXPECT_EQ(definer(open_archive(dir_.path("lib.a")), "one"), "one.o");
}

TEST_F(ArchiveMembers, OfAnArchiveInsideAThinOneAreFoundThere) {
  dir_.run("ar rcsD inner.a one.o a_member_with_a_long_name.o && ar rcsTD outer.a inner.a sub/three.o");
  const Opened archive = open_archive(dir_.path("outer.a"));
  EXPECT_EQ(names(archive).size(), 3U);
  const auto member = archive->member(*archive->find("two"));
  ASSERT_TRUE(member) << test::why(member);
  EXPECT_EQ(member->name, dir_.path("outer.a") + "(" + dir_.path("inner.a") + "(a_member_with_a_long_name.o))");
  EXPECT_EQ(member->bytes.text(), test::Contents::of_file(dir_.path("a_member_with_a_long_name.o")).bytes().text());
  EXPECT_EQ(member->header_offset, *archive->find("two"));
}

TEST_F(ArchiveMembers, ThatAThinArchiveNamesInVainAreAnIoError) {
  dir_.run("ar rcsTD lib.a one.o && rm one.o");
  const Opened archive = open_archive(dir_.path("lib.a"));
  const auto member = archive->member(*archive->find("one"));
  ASSERT_FALSE(member);
  EXPECT_EQ(member.error().code(), ErrorCode::kIo);
  EXPECT_EQ(member.error().place().object, dir_.path("lib.a") + "(one.o)");
}

TEST_F(ArchiveMembers, ThatCannotBeEnumeratedMakeTheOpeningFail) {
  dir_.run("ar rcSD lib.a one.o");
  const auto refuse = [](Bytes, const std::string& name, const Archive::Sink&) -> Expected<void> {
    return std::unexpected(Error(ErrorCode::kUnsupported, "no", {.object = name}));
  };
  const auto contents = test::Contents::of_file(dir_.path("lib.a"));
  const auto archive = Archive::open(contents.bytes(), "lib.a", refuse);
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().place().object, "lib.a(one.o)");
}

// Names that are enumerated in a thin archive's members live in files that only the archive holds.
TEST_F(ArchiveMembers, OfAThinArchiveWithoutIndexStayForTheirNames) {
  dir_.run("ar rcSTD lib.a one.o");
  const Opened archive = open_archive(dir_.path("lib.a"));
  dir_.run("rm one.o");
  EXPECT_TRUE(archive->find("one"));
}

}  // namespace
}  // namespace enfold::read
