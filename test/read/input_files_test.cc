// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/input_files.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "read/library_search.h"
#include "read/source.h"
#include "support.h"

namespace enfold::read {
namespace {

class InputFiles : public testing::Test {
 protected:
  void SetUp() override {
    static const test::TempDir* const kMade = [] {
      auto* made = new test::TempDir;
      made->write("x.c", "int x(void) { return 1; }");
      made->write("main.c", "int main(void) { return 0; }");
      made->run(test::cc() + " -fPIC -c x.c && ar rcsD libx.a x.o && " + test::cc() +
                " -shared x.o -o libx.so && " + test::cc() + " -pie -fPIE main.c -o pie && " + test::cc() +
                " -no-pie -fno-pie main.c -o exec && " + test::cc() + " -shared -fPIC x.c -o libother.so");
      return made;
    }();
    std::filesystem::copy(kMade->path(), dir_.path(), std::filesystem::copy_options::recursive);
  }

  Expected<ScratchVector<InputFile>> open() {
    ScratchVector<InputFile> files(&scratch_);
    constexpr ElfMachine kX86_64{.number = EM_X86_64, .format = "elf64-x86-64"};
    if (auto done = open_inputs(set_, {&kX86_64, 1}, files); !done) return std::unexpected(std::move(done).error());
    return files;
  }

  // The inputs that `set_` opens as, by path inside the directory: "x.o libx.so?" ('?' as needed, '!' whole archive).
  std::string opened() {
    const auto files = open();
    if (!files) return files.error().text();
    std::string all;
    for (const InputFile& file : *files) {
      const bool inside = file.name.starts_with(dir_.path() + "/");
      if (!all.empty()) all += ' ';
      all += inside ? file.name.substr(dir_.path().size() + 1) : file.name;
      if (file.whole_archive) all += '!';
      if (file.as_needed) all += '?';
    }
    return all;
  }

  Error error() {
    auto files = open();
    if (files) return Error(ErrorCode::kInvalidArgument, "no error");
    return std::move(files.error());
  }

  Error error_of_file(std::string_view contents) {
    set_.add_file(dir_.write("file", contents));
    return error();
  }

  FileKind kind_of(const std::string& name) {
    set_.add_file(dir_.path(name));
    const auto files = open();
    EXPECT_TRUE(files) << test::why(files);
    return files ? files->back().kind : FileKind::kLinkerScript;
  }

  test::TempDir dir_;
  ObjectSet set_{"test"};
  Scratch scratch_;
};

TEST_F(InputFiles, AreToldApartByContent) {
  dir_.run("mv x.o x.so && mv libx.so y.a && mv libx.a z.o");
  EXPECT_EQ(kind_of("x.so"), FileKind::kObject);
  EXPECT_EQ(kind_of("y.a"), FileKind::kSharedLibrary);
  EXPECT_EQ(kind_of("z.o"), FileKind::kArchive);
}

TEST_F(InputFiles, ThinArchiveIsAnArchive) {
  dir_.run("ar rcsTD thin.a x.o");
  EXPECT_EQ(kind_of("thin.a"), FileKind::kArchive);
}

TEST_F(InputFiles, KeepTheirOrder) {
  set_.add_file(dir_.path("libx.so"));
  set_.add_file(dir_.path("x.o"));
  set_.add_archive(dir_.path("libx.a"), true);
  EXPECT_EQ(opened(), "libx.so x.o libx.a!");
}

TEST_F(InputFiles, InMemoryAreObjectsOrArchives) {
  const auto object = test::Contents::of_file(dir_.path("x.o"));
  const auto archive = test::Contents::of_file(dir_.path("libx.a"));
  set_.add_bytes(object.span(), "one");
  set_.add_bytes(archive.span(), "two");
  const auto files = open();
  ASSERT_TRUE(files) << test::why(files);
  EXPECT_EQ((*files)[0].kind, FileKind::kObject);
  EXPECT_EQ((*files)[0].bytes.data(), object.bytes().data());
  EXPECT_EQ((*files)[1].kind, FileKind::kArchive);
  EXPECT_EQ((*files)[1].name, "two");
}

TEST_F(InputFiles, SharedLibraryInMemoryIsRefused) {
  const auto library = test::Contents::of_file(dir_.path("libx.so"));
  set_.add_bytes(library.span(), "lib");
  const Error refused = error();
  EXPECT_EQ(refused.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(refused.place().object, "lib");
  EXPECT_FALSE(refused.cure().empty());
}

// What cannot be linked.

TEST_F(InputFiles, MissingFileIsAnIoErrorInTheSystemsWords) {
  set_.add_file(dir_.path("none.o"));
  const Error missing = error();
  EXPECT_EQ(missing.code(), ErrorCode::kIo);
  EXPECT_EQ(missing.place().object, dir_.path("none.o"));
  EXPECT_NE(missing.message().find("No such file or directory"), std::string::npos) << missing.text();
}

TEST_F(InputFiles, DirectoryIsAnIoError) {
  set_.add_file(dir_.path());
  const Error directory = error();
  EXPECT_EQ(directory.code(), ErrorCode::kIo);
  EXPECT_NE(directory.message().find("Is a directory"), std::string::npos) << directory.text();
}

TEST_F(InputFiles, EmptyFileIsMalformed) { EXPECT_EQ(error_of_file("").code(), ErrorCode::kMalformed); }

TEST_F(InputFiles, ElfHeaderCutOffIsMalformed) {
  for (std::size_t size = 1; size <= 16; ++size) {
    set_ = ObjectSet("test");
    EXPECT_EQ(error_of_file(std::string("\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16).substr(0, size)).code(),
              ErrorCode::kMalformed) << size;
  }
}

TEST_F(InputFiles, SourceTextIsMalformed) {
  const Error refused = error_of_file("int main() {}\n");
  EXPECT_EQ(refused.code(), ErrorCode::kMalformed);
  EXPECT_EQ(refused.message(), "not an object, archive, shared library or linker script");
}

TEST_F(InputFiles, ExecutablesAreRefusedWithACure) {
  for (const char* name : {"exec", "pie"}) {
    set_ = ObjectSet("test");
    set_.add_file(dir_.path(name));
    const Error refused = error();
    EXPECT_EQ(refused.code(), ErrorCode::kUnsupported) << name;
    EXPECT_EQ(refused.message(), "an executable cannot be linked");
    EXPECT_FALSE(refused.cure().empty());
  }
}

TEST_F(InputFiles, BitcodeIsRefusedWithACure) {
  const Error refused = error_of_file("BC\xC0\xDE.......");
  EXPECT_EQ(refused.code(), ErrorCode::kUnsupported);
  EXPECT_NE(refused.cure().find("without -flto"), std::string::npos);
}

struct Foreign {
  const char* name;
  std::string contents;
  const char* told;
};

class ForeignFile : public InputFiles, public testing::WithParamInterface<Foreign> {};

TEST_P(ForeignFile, IsRefusedByItsFormatsNameWithACure) {
  const Error refused = error_of_file(GetParam().contents);
  EXPECT_EQ(refused.code(), ErrorCode::kUnsupported) << refused.text();
  EXPECT_NE(refused.message().find(GetParam().told), std::string::npos) << refused.text();
  EXPECT_NE(refused.cure().find("compile for the"), std::string::npos) << refused.text();
}

using namespace std::string_literals;

INSTANTIATE_TEST_SUITE_P(
    All, ForeignFile,
    testing::Values(Foreign{"MachO64", "\xCF\xFA\xED\xFE"s + std::string(28, '\0'), "Mach-O"},
                    Foreign{"MachOFat", "\xCA\xFE\xBA\xBE"s + std::string(28, '\0'), "Mach-O"},
                    Foreign{"CoffX86_64", "\x64\x86"s + std::string(30, '\0'), "COFF"},
                    Foreign{"CoffAArch64", "\x64\xAA"s + std::string(30, '\0'), "COFF"},
                    Foreign{"CoffBig", "\0\0\xFF\xFF"s + std::string(30, '\0'), "COFF"},
                    Foreign{"Pe", "MZ"s + std::string(30, '\0'), "PE"},
                    Foreign{"Elf32", "\x7f" "ELF\1\1\1\0"s + std::string(56, '\0'), "32-bit"},
                    Foreign{"ElfBigEndian", "\x7f" "ELF\2\2\1\0"s + std::string(56, '\0'), "big-endian"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(InputFiles, SeveralFailuresAreOneErrorWithCauses) {
  set_.add_file(dir_.path("none.o"));
  set_.add_file(dir_.path("x.o"));
  set_.add_file(dir_.path("exec"));
  set_.add_library("none");
  const Error all = error();
  ASSERT_EQ(all.causes().size(), 3U);
  EXPECT_EQ(all.causes()[0].code(), ErrorCode::kIo);
  EXPECT_EQ(all.causes()[1].code(), ErrorCode::kUnsupported);
  EXPECT_EQ(all.causes()[2].code(), ErrorCode::kNotFound);
}

TEST_F(InputFiles, OneFailureIsThatError) {
  set_.add_file(dir_.path("none.o"));
  set_.add_file(dir_.path("x.o"));
  EXPECT_TRUE(error().causes().empty());
}

// -lNAME

TEST_F(InputFiles, LibraryIsSharedWhereBothAreThere) {
  set_.add_search_directory(dir_.path());
  set_.add_library("x");
  EXPECT_EQ(opened(), "libx.so");
}

// Files of other machines, as a build that names the directories of several comes by them.
class OtherMachines : public InputFiles {
 protected:
  void SetUp() override {
    InputFiles::SetUp();
    dir_.run("mkdir small arm");
    dir_.write("x.s", ".globl x\nx: ret\n");
    dir_.run("as --32 x.s -o small/x.o && ar rcsD small/libx.a small/x.o && "
             "ld -m elf_i386 -shared -o small/libx.so small/x.o");
    Contents shared = Contents::of_file(dir_.path("libx.so"));
    shared[offsetof(Elf64_Ehdr, e_machine)] = std::byte{EM_AARCH64};
    dir_.write("arm/libx.so", std::string(shared.bytes().text()));
    for (const char* directory : {"small", "arm", "."}) set_.add_search_directory(dir_.path(directory));
  }
  using Contents = test::Contents;
};

TEST_F(OtherMachines, LibrariesArePassedOver) {
  set_.add_library("x");
  EXPECT_EQ(opened(), "./libx.so");
}

TEST_F(OtherMachines, ArchivesArePassedOver) {
  dir_.run("rm libx.so small/libx.so arm/libx.so");
  set_.add_library("x");
  EXPECT_EQ(opened(), "./libx.a");
}

TEST_F(OtherMachines, FilesOfANameArePassedOver) {
  set_.add_library(":libx.a");
  EXPECT_EQ(opened(), "./libx.a");
}

TEST_F(OtherMachines, ScriptsArePassedOver) {
  dir_.write("small/libx.so", "OUTPUT_FORMAT(elf32-i386)\nINPUT(libx.a)\n");
  dir_.write("arm/libx.so", "OUTPUT_FORMAT(elf64-x86-64, elf64-x86-64, elf64-x86-64)\nINPUT(libx.a)\n");
  set_.add_library("x");
  EXPECT_EQ(opened(), "./libx.a");
}

TEST_F(OtherMachines, AreNamedWhereNothingElseIsFound) {
  dir_.run("rm libx.so libx.a");
  set_.add_library("x");
  const Error refused = error();
  EXPECT_EQ(refused.code(), ErrorCode::kNotFound);
  for (const char* told : {"small/libx.so (32-bit ELF for i386)", "small/libx.a (32-bit ELF for i386)",
                           "arm/libx.so (64-bit ELF for AArch64)", "searched"}) {
    EXPECT_NE(refused.message().find(told), std::string::npos) << told << ": " << refused.text();
  }
}

TEST_F(OtherMachines, AreRefusedWhereTheyAreNamedThemselves) {
  for (const char* name : {"small/libx.so", "arm/libx.so", "small/x.o"}) {
    set_ = ObjectSet("test");
    set_.add_file(dir_.path(name));
    const Error refused = error();
    EXPECT_EQ(refused.code(), ErrorCode::kUnsupported) << refused.text();
    EXPECT_NE(refused.message().find("ELF for "), std::string::npos) << refused.text();
    EXPECT_FALSE(refused.cure().empty());
  }
}

TEST_F(InputFiles, LibraryIsAnArchiveWhereThereIsNoOther) {
  dir_.run("rm libx.so");
  set_.add_search_directory(dir_.path());
  set_.add_library("x", true);
  EXPECT_EQ(opened(), "libx.a!");
}

TEST_F(InputFiles, DirectoriesAreSearchedInOrder) {
  dir_.run("mkdir a b && cp libx.a a && cp libx.so b");
  set_.add_search_directory(dir_.path("a"));
  set_.add_search_directory(dir_.path("b"));
  set_.add_library("x");
  EXPECT_EQ(opened(), "a/libx.a");
}

TEST_F(InputFiles, ColonNamesTheFileItself) {
  set_.add_search_directory(dir_.path());
  set_.add_library(":x.o");
  EXPECT_EQ(opened(), "x.o");
}

TEST_F(InputFiles, DirectoryOfALibrarysNameIsNoLibrary) {
  dir_.run("rm libx.so && mkdir libx.so");
  set_.add_search_directory(dir_.path());
  set_.add_library("x");
  EXPECT_EQ(opened(), "libx.a");
}

TEST_F(InputFiles, LibraryThatIsNowhereIsNotFoundInTheDirectoriesNamed) {
  set_.add_search_directory(dir_.path());
  set_.add_library("surely_not_there");
  const Error missing = error();
  EXPECT_EQ(missing.code(), ErrorCode::kNotFound);
  EXPECT_EQ(missing.place().object, "-lsurely_not_there");
  EXPECT_NE(missing.message().find(dir_.path()), std::string::npos);
  EXPECT_NE(missing.message().find("/usr/lib"), std::string::npos);
}

// Linker scripts

TEST_F(InputFiles, SystemsOwnCLibraryScriptIsFollowed) {
  set_.add_library("c");
  const auto files = open();
  ASSERT_TRUE(files) << test::why(files);
  const auto ends_with = [&](const char* end) {
    return std::ranges::count_if(*files, [&](const InputFile& file) { return file.name.ends_with(end); });
  };
  EXPECT_EQ(ends_with("/libc.so.6"), 1);
  EXPECT_EQ(ends_with("/libc_nonshared.a"), 1);
  EXPECT_TRUE(files->back().as_needed);
}

TEST_F(InputFiles, ScriptsInputsAreFoundBesideIt) {
  dir_.write("sub/script.so", "GROUP(x.o AS_NEEDED(libx.so) libx.a)");
  dir_.run("cp x.o libx.so libx.a sub");
  set_.add_file(dir_.path("sub/script.so"));
  EXPECT_EQ(opened(), "sub/x.o sub/libx.so? sub/libx.a");
}

TEST_F(InputFiles, ScriptsInputsAreFoundInSearchDirectories) {
  dir_.write("sub/libscript.so", "INPUT(libother.so -lx)");
  set_.add_search_directory(dir_.path("sub"));
  set_.add_search_directory(dir_.path());
  set_.add_library("script");
  EXPECT_EQ(opened(), "libother.so libx.so");
}

TEST_F(InputFiles, ScriptsSearchDirectoriesAreSearched) {
  dir_.write("sub/script.so", "SEARCH_DIR(" + dir_.path() + ") INPUT(-lother)");
  set_.add_file(dir_.path("sub/script.so"));
  EXPECT_EQ(opened(), "libother.so");
}

TEST_F(InputFiles, LibrariesOfAScriptAreFoundBesideItLast) {
  dir_.write("script.so", "INPUT(-lother)");
  set_.add_file(dir_.path("script.so"));
  EXPECT_EQ(opened(), "libother.so");
}

TEST_F(InputFiles, AsNeededReachesThroughScripts) {
  dir_.write("outer", "INPUT(AS_NEEDED(inner))");
  dir_.write("inner", "INPUT(libx.so)");
  set_.add_file(dir_.path("outer"));
  EXPECT_EQ(opened(), "libx.so?");
}

TEST_F(InputFiles, ScriptThatIncludesItselfIsAnError) {
  dir_.write("a", "INPUT(b)");
  dir_.write("b", "INPUT(a)");
  set_.add_file(dir_.path("a"));
  EXPECT_EQ(error().message(), "the linker script includes itself");
}

TEST_F(InputFiles, ScriptMayBeFollowedTwice) {
  dir_.write("a", "INPUT(b b)");
  dir_.write("b", "INPUT(libx.so)");
  set_.add_file(dir_.path("a"));
  EXPECT_EQ(opened(), "libx.so");
}

TEST_F(InputFiles, ScriptsNestedTooDeeplyAreAnError) {
  for (int i = 0; i != 20; ++i) dir_.write("s" + std::to_string(i), "INPUT(s" + std::to_string(i + 1) + ")");
  dir_.write("s20", "INPUT(libx.so)");
  set_.add_file(dir_.path("s0"));
  EXPECT_EQ(error().message(), "linker scripts are nested too deeply");
}

TEST_F(InputFiles, ScriptsThatMultiplyAreAnError) {
  for (int i = 0; i != 12; ++i) {
    const std::string next = "s" + std::to_string(i + 1) + " ";
    dir_.write("s" + std::to_string(i), "INPUT(" + next + next + next + next + ")");
  }
  dir_.write("s12", "INPUT(libx.so)");
  set_.add_file(dir_.path("s0"));
  EXPECT_EQ(error().code(), ErrorCode::kMalformed);
}

TEST_F(InputFiles, InputThatAScriptNamesInVainIsPlacedInTheScript) {
  dir_.write("script", "INPUT(none.o)");
  set_.add_file(dir_.path("script"));
  const Error missing = error();
  EXPECT_EQ(missing.code(), ErrorCode::kNotFound);
  EXPECT_EQ(missing.place().object, dir_.path("script"));
  EXPECT_EQ(missing.place().offset, 6U);
}

TEST_F(InputFiles, ScriptThatLaysOutAnImageIsUnsupported) {
  EXPECT_EQ(error_of_file("SECTIONS { .text : { *(.text) } }").code(), ErrorCode::kUnsupported);
}

// The same file again

TEST_F(InputFiles, LibraryNamedTwiceIsOneFile) {
  dir_.run("ln -s libx.so same.so");
  set_.add_file(dir_.path("libx.so"));
  set_.add_file(dir_.path("same.so"));
  set_.add_archive(dir_.path("libx.a"));
  set_.add_archive(dir_.path("libx.a"), true);
  EXPECT_EQ(opened(), "libx.so libx.a!");
}

TEST_F(InputFiles, LibraryNeededOnceIsNeeded) {
  set_.add_file(dir_.write("script", "INPUT(AS_NEEDED(libx.so libother.so))"));
  set_.add_file(dir_.path("libx.so"));
  EXPECT_EQ(opened(), "libx.so libother.so?");
}

TEST_F(InputFiles, ObjectNamedTwiceIsTwoFiles) {
  set_.add_file(dir_.path("x.o"));
  set_.add_file(dir_.path("x.o"));
  EXPECT_EQ(opened(), "x.o x.o");
}

// Bytes of files

// A header that is told from others by its first bytes, and nothing but them.
std::string contents(const char* magic, std::size_t size) { return magic + std::string(size, 'x'); }

TEST(FileBytes, WhatAFileBecomesLaterIsNotSeen) {
  for (const std::size_t size : {std::size_t{100}, std::size_t{70'000}, std::size_t{3} << 20, std::size_t{20} << 20}) {
    const test::TempDir dir;
    const std::string path = dir.write("object", contents("INPUT(", size));
    const auto file = FileBytes::open(path);
    ASSERT_TRUE(file) << test::why(file);
    dir.write("object", "changed");
    EXPECT_TRUE((*file)->bytes().text() == contents("INPUT(", size)) << size;
  }
}

// Whether bytes are what was written, or the zeros that the kernel leaves in a page while it cuts a file within it: a
// read of several pages sees some before and some after.
bool is_of(std::string_view text, std::string_view whole) {
  if (text.size() > whole.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != whole[i] && text[i] != 0) return false;
  }
  return true;
}

// Sets are linked of a file that another thread truncates, and fills again.
TEST(FileBytes, FilesThatComeAndGoMeanwhileAreReadAsFarAsTheyGo) {
  const test::TempDir dir;
  const std::string whole = contents("INPUT(", std::size_t{2} << 20);
  const std::string path = dir.write("object", whole);
  std::atomic<bool> done = false;
  std::jthread changer([&] {
    while (!done) {
      EXPECT_EQ(truncate(path.c_str(), 100), 0);
      dir.write("object", whole);
    }
  });
  for (int i = 0; i < 100; ++i) {
    const auto file = FileBytes::open(path);
    ASSERT_TRUE(file) << test::why(file);
    EXPECT_TRUE(is_of((*file)->bytes().text(), whole));
  }
  done = true;
}

// Large archives: of those, what is asked for is read.
class FileInParts : public testing::Test {
 protected:
  static constexpr std::uint64_t kSize = std::uint64_t{17} << 20;

  FileInParts() : path_(dir_.write("library", contents("!<arch>\n", 100))) {
    std::filesystem::resize_file(path_, kSize);
    write(kSize - 4, "last");
  }
  void write(std::uint64_t at, const char* text) const {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << text;
  }
  std::shared_ptr<const FileBytes> open() const {
    const auto file = FileBytes::open(path_);
    EXPECT_TRUE(file) << test::why(file);
    return file ? *file : nullptr;
  }
  static std::string text(const std::optional<Bytes>& bytes) { return bytes ? std::string(bytes->text()) : "nothing"; }

  const test::TempDir dir_;
  const std::string path_;
};

TEST_F(FileInParts, HasEachByteThatIsAskedFor) {
  const auto file = open();
  const Source source(*file);
  EXPECT_TRUE(file->is_in_parts());
  EXPECT_EQ(source.size(), kSize);
  EXPECT_EQ(source.beginning().size(), 4096U);
  EXPECT_EQ(text(source.slice(kSize - 4, 4)), "last");
  EXPECT_EQ(text(source.slice(kSize - 3, 4)), "nothing");
  EXPECT_EQ(text(source.slice_at_most(kSize - 3, 4)), "ast");
  EXPECT_EQ(text(source.slice_at_most(kSize, 4)), "");
  EXPECT_EQ(text(source.slice_at_most(kSize + 1, 4)), "nothing");
  EXPECT_EQ(text(source.part(8, kSize - 8)->part(4, 8)->slice(0, 2)), "xx");
  EXPECT_FALSE(source.part(8, kSize - 7));
  EXPECT_FALSE(source.records(0, std::uint64_t{1} << 62, 8));
  EXPECT_TRUE(file->bytes().text().ends_with("last"));
}

TEST_F(FileInParts, StandsStillWhereItHasBeenRead) {
  const auto file = open();
  const Source source(*file);
  EXPECT_EQ(text(source.slice(0, 8)), "!<arch>\n");
  write(0, "changed");
  EXPECT_EQ(text(source.slice(0, 8)), "!<arch>\n");
}

TEST_F(FileInParts, EndsInNothingWhereItHasBecomeShorter) {
  const auto file = open();
  const Source source(*file);
  EXPECT_EQ(text(source.slice(0, 8)), "!<arch>\n");
  std::filesystem::resize_file(path_, 100);
  EXPECT_EQ(text(source.slice(0, 8)), "!<arch>\n");
  EXPECT_EQ(text(source.slice(kSize - 4, 4)), "nothing");
  EXPECT_EQ(file->bytes().size(), 0U);
}

TEST_F(FileInParts, IsReadByManyThreads) {
  constexpr std::uint64_t kPage = 4096, kPages = kSize / kPage;
  for (std::uint64_t page = 0; page < kPages; ++page) write(page * kPage + 100, "x");
  const auto file = open();
  const Source source(*file);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t number = 0; number < 4; ++number) {
      threads.emplace_back([&, number] {
        for (std::uint64_t i = 0; i < kPages; ++i) {
          const std::uint64_t page = (i * 997 + number * 1000) % kPages;
          wrong += text(source.slice(page * kPage + 100, 1)) == "x" ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(FileBytes, WhatLiesBetweenHolesIsRead) {
  const test::TempDir dir;
  const std::string path = dir.write("sparse", "INPUT(");
  std::string expected = "INPUT(";
  expected.resize(std::size_t{8} << 20);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    for (const std::size_t at : {std::size_t{3} << 20, (std::size_t{5} << 20) + 4000}) {
      expected.replace(at, 5, "bytes");
      file.seekp(static_cast<std::streamoff>(at));
      file << "bytes";
    }
  }
  ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(expected.size())), 0);
  const auto file = FileBytes::open(path);
  ASSERT_TRUE(file) << test::why(file);
  EXPECT_TRUE((*file)->bytes().text() == expected);
}

TEST(FileBytes, OfALargeFileOfZerosOnlyTheBeginningIsRead) {
  const test::TempDir dir;
  const std::string path = dir.write("zeros", "");
  ASSERT_EQ(truncate(path.c_str(), off_t{1} << 40), 0);
  const auto file = FileBytes::open(path);
  ASSERT_TRUE(file) << test::why(file);
  EXPECT_LE((*file)->bytes().size(), std::uint64_t{64} << 10);
}

TEST(FileBytes, WhatHasNoEndIsNotReadFurtherThanItsBeginning) {
  const auto file = FileBytes::open("/dev/zero");
  ASSERT_TRUE(file) << test::why(file);
  EXPECT_LE((*file)->bytes().size(), std::uint64_t{64} << 10);
}

TEST(FileBytes, SmallFileIsRead) {
  const test::TempDir dir;
  const auto file = FileBytes::open(dir.write("small", "abc"));
  ASSERT_TRUE(file) << test::why(file);
  EXPECT_FALSE((*file)->is_in_parts());
  EXPECT_EQ((*file)->bytes().text(), "abc");
}

TEST(FileBytes, FileThatAnnouncesNoSizeIsReadToItsEnd) {
  const auto file = FileBytes::open("/proc/self/maps");
  ASSERT_TRUE(file) << test::why(file);
  EXPECT_NE((*file)->bytes().text().find("[stack]"), std::string_view::npos);
}

TEST(FileBytes, PipeIsReadToItsEnd) {
  const test::TempDir dir;
  ASSERT_EQ(mkfifo(dir.path("pipe").c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(dir.path("pipe")) << contents("!<arch>\n", 200'000); });
  const auto file = FileBytes::open(dir.path("pipe"));
  ASSERT_TRUE(file) << test::why(file);
  EXPECT_EQ((*file)->bytes().text(), contents("!<arch>\n", 200'000));
}

TEST(LibrarySearch, NamesEachDirectoryOnce) {
  LibrarySearch search(std::vector<std::string>{"/one", "/two", "/one"});
  search.add("/two");
  EXPECT_TRUE(search.directories().starts_with("/one, /two, ")) << search.directories();
  EXPECT_EQ(search.directories().find("/one", 1), std::string::npos);
  EXPECT_EQ(search.directories().find("/two", search.directories().find("/two") + 1), std::string::npos);
}

}  // namespace
}  // namespace enfold::read
