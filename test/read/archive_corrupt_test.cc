// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Archives that lie. Whatever is done to one, reading it ends, inside its bytes, with an archive or with an error.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "read/archive.h"
#include "support.h"

namespace enfold::read {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string field(std::string text, std::size_t size) {
  text.resize(size, ' ');
  return text;
}

std::string header(const std::string& name, const std::string& size) {
  return field(name, 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("644", 8) + field(size, 10) + "`\n";
}

std::string member(const std::string& name, std::string_view contents) {
  return header(name, std::to_string(contents.size())) + std::string(contents) + (contents.size() % 2 ? "\n" : "");
}

template <class Word>
std::string big_endian(Word value) {
  std::string text;
  for (std::size_t i = sizeof value; i-- != 0;) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

template <class Word>
std::string little_endian(Word value) {
  std::string text;
  for (std::size_t i = 0; i != sizeof value; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

std::string be32(std::uint32_t value) { return big_endian(value); }
std::string le32(std::uint32_t value) { return little_endian(value); }

// Where the first member's header is behind an index member of `size` bytes.
std::uint32_t behind(std::size_t size) { return static_cast<std::uint32_t>(8 + 60 + size + size % 2); }

Expected<void> enumerate_nothing(Bytes, const std::string&, const Archive::Sink&) { return {}; }

Expected<Archive> open(const test::Contents& contents) {
  return Archive::open(contents.bytes(), "lib.a", enumerate_nothing);
}

// For indexes that are refused: the bytes do not outlive the call.
Expected<Archive> open_with_index(const std::string& name, const std::string& index) {
  const test::Contents contents("!<arch>\n" + member(name, index) + member("a.o/", "abcd"));
  return Archive::open(contents.bytes(), "lib.a", enumerate_nothing);
}

void expect_malformed_at(const Expected<Archive>& archive, std::uint64_t offset) {
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code(), ErrorCode::kMalformed) << archive.error().text();
  EXPECT_EQ(archive.error().place().object, "lib.a");
  EXPECT_EQ(archive.error().place().offset, offset) << archive.error().text();
}

constexpr std::uint64_t kIndexAt = 8 + 60;

TEST(ArchiveIndexCorrupt, TheHandMadeOneIsValid) {
  const std::string index = be32(1) + be32(behind(10)) + "x\0"s;
  const test::Contents contents("!<arch>\n" + member("/", index) + member("a.o/", "abcd"));
  const auto archive = open(contents);
  ASSERT_TRUE(archive) << test::why(archive);
  EXPECT_EQ(archive->member(*archive->find("x"))->bytes.text(), "abcd");
}

TEST(ArchiveIndexCorrupt, MoreSymbolsThanRoom) {
  expect_malformed_at(open_with_index("/", be32(0x10000000) + be32(behind(10)) + "x\0"s), kIndexAt);
  expect_malformed_at(open_with_index("/", be32(0xffffffff) + be32(behind(10)) + "x\0"s), kIndexAt);
}

TEST(ArchiveIndexCorrupt, SixtyFourBitCountThatOverflows) {
  const std::string index = big_endian(std::uint64_t{1} << 61) + big_endian(std::uint64_t{8}) + "x\0"s;
  expect_malformed_at(open_with_index("/SYM64/", index), kIndexAt);
}

TEST(ArchiveIndexCorrupt, MoreSymbolsThanNames) {
  expect_malformed_at(open_with_index("/", be32(2) + be32(behind(14)) + be32(behind(14)) + "x\0"s), kIndexAt + 14);
}

TEST(ArchiveIndexCorrupt, FewerSymbolsThanNames) {
  expect_malformed_at(open_with_index("/", be32(1) + be32(behind(12)) + "x\0y\0"s), kIndexAt + 10);
}

TEST(ArchiveIndexCorrupt, NameThatDoesNotEnd) {
  expect_malformed_at(open_with_index("/", be32(1) + be32(behind(10)) + "xy"), kIndexAt + 8);
}

TEST(ArchiveIndexCorrupt, OffsetOutsideTheArchive) {
  expect_malformed_at(open_with_index("/", be32(1) + be32(0x7fffffff) + "x\0"s), kIndexAt + 4);
  expect_malformed_at(open_with_index("/", be32(1) + be32(0) + "x\0"s), kIndexAt + 4);
}

TEST(ArchiveIndexCorrupt, OffsetTooNearTheEndForAHeader) {
  expect_malformed_at(open_with_index("/", be32(1) + be32(behind(10) + 5) + "x\0"s), kIndexAt + 4);
}

TEST(ArchiveIndexCorrupt, TooShortForACount) { expect_malformed_at(open_with_index("/", "\0\0"s), kIndexAt); }

TEST(ArchiveIndexCorrupt, BsdEntriesThatDoNotFit) {
  expect_malformed_at(open_with_index("__.SYMDEF", le32(800) + le32(0) + le32(80) + le32(2) + "x\0"s), kIndexAt);
  expect_malformed_at(open_with_index("__.SYMDEF", le32(7) + "1234567" + le32(2) + "x\0"s), kIndexAt);
}

TEST(ArchiveIndexCorrupt, BsdNamesThatDoNotFit) {
  expect_malformed_at(open_with_index("__.SYMDEF", le32(8) + le32(0) + le32(84) + le32(3) + "x\0"s), kIndexAt + 12);
  expect_malformed_at(open_with_index("__.SYMDEF", le32(8) + le32(2) + le32(84) + le32(2) + "x\0"s), kIndexAt + 4);
}

TEST(ArchiveIndexCorrupt, BsdOffsetOutsideTheArchive) {
  expect_malformed_at(open_with_index("__.SYMDEF", le32(8) + le32(0) + le32(9999) + le32(2) + "x\0"s), kIndexAt + 4);
}

// The index may name any place in the archive; what is no header is refused when it is asked for.
TEST(ArchiveIndexCorrupt, OffsetOfNoHeader) {
  const test::Contents contents("!<arch>\n" + member("/", be32(1) + be32(9) + "x\0"s) + member("a.o/", "abcd"));
  const auto archive = open(contents);
  ASSERT_TRUE(archive) << test::why(archive);
  const auto found = archive->member(*archive->find("x"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::kMalformed);
  EXPECT_EQ(found.error().place().offset, 9U);
}

TEST(ArchiveIndexCorrupt, OffsetOfTheIndexItself) {
  const test::Contents contents("!<arch>\n" + member("/", be32(1) + be32(8) + "x\0"s) + member("a.o/", "abcd"));
  const auto archive = open(contents);
  ASSERT_TRUE(archive) << test::why(archive);
  EXPECT_FALSE(archive->member(8));
}

class CorruptMembers : public testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(CorruptMembers, AreRefused) {
  const test::Contents contents(GetParam().second);
  const auto archive = Archive::open(contents.bytes(), "lib.a", {});
  const auto members = archive ? archive->members() : std::unexpected(Error(ErrorCode::kMalformed, "not opened"));
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().code(), ErrorCode::kMalformed) << members.error().text();
}

INSTANTIATE_TEST_SUITE_P(
    All, CorruptMembers,
    testing::Values(
        std::pair{"NoMagic", "!<arxx>\n"s}, std::pair{"HalfAMagic", "!<arch>"s}, std::pair{"Empty", ""s},
        std::pair{"HalfAHeader", "!<arch>\n" + header("a.o/", "0").substr(0, 59)},
        std::pair{"HeaderWithoutEnd", "!<arch>\n" + header("a.o/", "0").substr(0, 58) + "xx"},
        std::pair{"SizeThatIsNoNumber", "!<arch>\n" + header("a.o/", "1x") + "ab"},
        std::pair{"NegativeSize", "!<arch>\n" + header("a.o/", "-2") + "ab"},
        std::pair{"NoSize", "!<arch>\n" + header("a.o/", "") + "ab"},
        std::pair{"SizeBeyondTheEnd", "!<arch>\n" + header("a.o/", "3") + "ab"},
        std::pair{"LargestSize", "!<arch>\n" + header("a.o/", "9999999999") + "ab"},
        std::pair{"TrailingGarbage", "!<arch>\n" + member("a.o/", "ab") + "garbage"},
        std::pair{"NoName", "!<arch>\n" + member("", "ab")},
        std::pair{"LongNameWithoutTable", "!<arch>\n" + member("/0", "ab")},
        std::pair{"LongNameBehindTable", "!<arch>\n" + member("//", "x.o/\n ") + member("/6", "ab")},
        std::pair{"LongNameThatDoesNotEnd", "!<arch>\n" + member("//", "x.oo/ ") + member("/0", "ab")},
        std::pair{"LongNameAtNoNumber", "!<arch>\n" + member("//", "x.o/\n ") + member("/0x", "ab")},
        std::pair{"NestedNameInAPlainArchive", "!<arch>\n" + member("//", "x.o/\n ") + member("/0:8", "ab")},
        std::pair{"SecondIndexTooLate", "!<arch>\n" + member("a.o/", "ab") + member("/", "\0\0\0\0"sv)},
        std::pair{"UnknownSpecialMember", "!<arch>\n" + member("/x/", "ab")},
        std::pair{"BsdNameLongerThanTheMember", "!<arch>\n" + header("#1/5", "4") + "abcdefgh"},
        std::pair{"BsdNameOfNoNumber", "!<arch>\n" + member("#1/x", "ab")},
        std::pair{"LongNamesBeyondTheEnd", "!<arch>\n" + header("//", "99") + "x.o/\n"}),
    [](const auto& param) { return std::string(param.param.first); });

TEST(ArchiveMemberAtTheEnd, NeedsNoPadding) {
  const test::Contents contents("!<arch>\n" + header("a.o/", "3") + "abc");
  const auto archive = open(contents);
  ASSERT_TRUE(archive) << test::why(archive);
  EXPECT_EQ(archive->members()->at(0).bytes.text(), "abc");
}

TEST(ArchiveNestedInItself, EndsWithAnError) {
  const test::TempDir dir;
  const std::string names = "lib.a/\n";
  const std::string path = dir.write("lib.a", "!<thin>\n" + member("//", names) + header("/0:76", "4"));
  const auto contents = test::Contents::of_file(path);
  const auto archive = Archive::open(contents.bytes(), path, {});
  ASSERT_TRUE(archive) << test::why(archive);
  const auto members = archive->members();
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().code(), ErrorCode::kMalformed) << members.error().text();
}

// Uses all of an archive, whatever it has become. Returns something that depends on every byte that it gave out.
std::uint64_t use(const test::Contents& contents, const std::string& path) {
  std::uint64_t sum = 0;
  const auto use_member = [&](const Expected<ArchiveMember>& member) {
    if (!member) return;
    for (const std::byte b : member->bytes.span()) sum += std::to_integer<unsigned>(b);
    sum += member->name.size();
  };
  const auto archive = Archive::open(contents.bytes(), path, test::enumerate);
  if (!archive) return archive.error().text().size();
  for (const char* symbol : {"one", "two", "three", "both", ""}) {
    if (const auto offset = archive->find(symbol)) use_member(archive->member(*offset));
  }
  if (const auto members = archive->members()) {
    for (const ArchiveMember& member : *members) sum += member.bytes.size() + member.name.size();
  }
  for (std::uint64_t offset = 0; offset < contents.size() + 64; offset += 2) use_member(archive->member(offset));
  return sum;
}

// Small archives in each form, with all kinds of headers.
class CorruptArchive : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    dir_.write("one.s", ".globl one, both\none: ret\nboth: ret\n");
    dir_.write("two.s", ".globl two, both\ntwo: ret\nboth: ret\n");
    dir_.run(test::cc() + " -c one.s -o one.o && " + test::cc() +
             " -c two.s -o a_member_with_a_long_name.o && strip -R .data -R .bss *.o && " + GetParam() +
             " lib.a one.o a_member_with_a_long_name.o");
  }
  test::TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(All, CorruptArchive,
                         testing::Values("ar rcsD", "ar rcSD", "ar rcsTD", "llvm-ar-19 --format=bsd rcs",
                                         "SYM64_THRESHOLD=1 llvm-ar-19 --format=gnu rcs",
                                         "SYM64_THRESHOLD=1 llvm-ar-19 --format=darwin rcs"),
                         [](const auto& param) { return std::to_string(param.index); });

TEST_P(CorruptArchive, OfAnyLengthIsReadOrRefused) {
  const auto contents = test::Contents::of_file(dir_.path("lib.a"));
  ASSERT_GT(use(contents, dir_.path("lib.a")), 0U);
  for (std::size_t size = 0; size != contents.size(); ++size) use(contents.prefix(size), dir_.path("lib.a"));
}

TEST_P(CorruptArchive, WithAnyByteChangedIsReadOrRefused) {
  auto contents = test::Contents::of_file(dir_.path("lib.a"));
  for (std::size_t at = 0; at != contents.size(); ++at) {
    const std::byte kept = contents[at];
    for (const unsigned value : {0U, 0xffU, 0x7fU, std::to_integer<unsigned>(kept) ^ 1U, 0x2fU, 0x39U}) {
      contents[at] = static_cast<std::byte>(value);
      use(contents, dir_.path("lib.a"));
    }
    contents[at] = kept;
  }
}

}  // namespace
}  // namespace enfold::read
