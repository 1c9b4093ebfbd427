// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/shared_library.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <link.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support.h"

namespace enfold::read {
namespace {

// What nm -D prints of a symbol's definition.
struct Listed {
  std::uint64_t value = 0;
  char letter = '?';
};

// Names of the library's defined dynamic symbols: unversioned and default ones, and those that only old programs see.
struct Listing {
  std::map<std::string, Listed> current;
  std::vector<std::string> old;
};

Listing list(const std::string& path) {
  Listing listing;
  std::istringstream lines(test::output_of("nm -D --defined-only '" + path + "'"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Listed listed;
    std::string name;
    fields >> std::hex >> listed.value >> listed.letter >> name;
    const std::size_t at = name.find('@');
    const bool is_old = at != name.npos && name.compare(at, 2, "@@") != 0;
    name.resize(std::min(at, name.size()));
    if (is_old) {
      listing.old.push_back(name);
    } else {
      listing.current.emplace(name, listed);
    }
  }
  return listing;
}

bool agrees(char letter, const SharedSymbol& symbol) {
  switch (letter) {
    case 'T': return symbol.type == SharedSymbolType::kFunction && !symbol.weak;
    case 'W': return symbol.weak;
    case 'V': return symbol.weak && symbol.type == SharedSymbolType::kObject;
    case 'i': return symbol.type == SharedSymbolType::kIfunc;
    case 'u': return symbol.type == SharedSymbolType::kObject || symbol.type == SharedSymbolType::kNoType;
    default: return true;
  }
}

void expect_as_listed(const SharedLibrary& library, const Listing& listing) {
  ASSERT_FALSE(listing.current.empty());
  for (const auto& [name, listed] : listing.current) {
    const auto found = library.find(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->value, listed.value) << name;
    EXPECT_TRUE(agrees(listed.letter, *found)) << name << ' ' << listed.letter;
  }
  for (const std::string& name : listing.old) {
    if (!listing.current.contains(name)) {
      EXPECT_FALSE(library.find(name)) << name;
    }
  }
}

// The libraries that this test itself runs with: libc, libm, libstdc++, ...
std::vector<std::string> loaded_libraries() {
  std::vector<std::string> paths;
  const auto note = [](dl_phdr_info* info, std::size_t, void* list) {
    if (std::strchr(info->dlpi_name, '/') == nullptr) return 0;
    static_cast<std::vector<std::string>*>(list)->emplace_back(info->dlpi_name);
    return 0;
  };
  dl_iterate_phdr(note, &paths);
  return paths;
}

TEST(SharedLibraryOfTheSystem, DefinesWhatNmLists) {
  const std::vector<std::string> paths = loaded_libraries();
  ASSERT_GE(paths.size(), 3U);
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    const auto contents = test::Contents::of_file(path);
    const auto library = SharedLibrary::open(contents.bytes(), path);
    ASSERT_TRUE(library) << test::why(library);
    expect_as_listed(*library, list(path));
  }
}

TEST(SharedLibraryOfTheSystem, HasTheNameThatItIsLoadedBy) {
  for (const std::string& path : loaded_libraries()) {
    const auto contents = test::Contents::of_file(path);
    const auto library = SharedLibrary::open(contents.bytes(), path);
    ASSERT_TRUE(library) << test::why(library);
    EXPECT_EQ(library->soname(), path.substr(path.rfind('/') + 1));
  }
}

constexpr const char* kSource = R"(
  int az = 1; int data = 1; const char text[24] = "x"; int zero[1000]; __thread int tls = 5;
  int function(void) { return 1; } __attribute__((weak)) int weak(void) { return 2; }
  __attribute__((visibility("hidden"))) int hidden(void) { return 3; }
  __attribute__((visibility("protected"))) int guarded(void) { return 4; }
  static int local(void) { return 5; } extern int undefined(void); int uses(void) { return local() + undefined(); }
  static void *pick(void) { return function; } __attribute__((ifunc("pick"))) int indirect(void);
  __asm__(".symver renamed_1, renamed@V1\n .symver renamed_2, renamed@@V2\n .symver gone_1, gone@V1");
  int renamed_1(void) { return 1; } int renamed_2(void) { return 2; } int gone_1(void) { return 3; })";

// One library, with the one or the other hash table.
class MadeLibrary : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    dir_.write("lib.c", kSource);
    dir_.write("lib.map", "V1 { local: hidden_by_script; }; V2 { } V1;");
    dir_.run(test::cc() + " -shared -fPIC -O1 lib.c -o lib.so -Wl,-soname,libmade.so.7 -Wl,--version-script=lib.map" +
             " -Wl,--hash-style=" + GetParam());
    contents_ = test::Contents::of_file(dir_.path("lib.so"));
  }
  Expected<SharedLibrary> open() const { return SharedLibrary::open(contents_.bytes(), "lib.so"); }

  test::TempDir dir_;
  test::Contents contents_{""};
};

INSTANTIATE_TEST_SUITE_P(HashStyle, MadeLibrary, testing::Values("gnu", "sysv", "both"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(MadeLibrary, TellsItsNameAndMachine) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_EQ(library->soname(), "libmade.so.7");
  EXPECT_NE(library->machine(), EM_NONE);
}

TEST_P(MadeLibrary, TellsFunctionsDataAndThreadLocalsApart) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_EQ(library->find("function")->type, SharedSymbolType::kFunction);
  EXPECT_EQ(library->find("data")->type, SharedSymbolType::kObject);
  EXPECT_EQ(library->find("tls")->type, SharedSymbolType::kTls);
  EXPECT_EQ(library->find("indirect")->type, SharedSymbolType::kIfunc);
}

TEST_P(MadeLibrary, TellsTheSizeOfData) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_EQ(library->find("text")->size, 24U);
  EXPECT_EQ(library->find("zero")->size, 4000U);
}

TEST_P(MadeLibrary, TellsWeakFromStrong) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_TRUE(library->find("weak")->weak);
  EXPECT_FALSE(library->find("function")->weak);
}

TEST_P(MadeLibrary, HasProtectedButNoHiddenLocalOrUndefinedSymbols) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_TRUE(library->find("guarded"));
  EXPECT_FALSE(library->find("hidden"));
  EXPECT_FALSE(library->find("local"));
  EXPECT_FALSE(library->find("undefined"));
  EXPECT_FALSE(library->find("functio"));
  EXPECT_FALSE(library->find(""));
}

// 33 * 'a' + 'z' == 33 * 'b' + 'Y'
TEST_P(MadeLibrary, NamesOfTheSameHashAreToldApart) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_TRUE(library->find("az"));
  EXPECT_FALSE(library->find("bY"));
}

TEST_P(MadeLibrary, FindsTheDefaultVersionOnly) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_EQ(library->find("renamed")->value, library->find("renamed_2")->value);
  EXPECT_FALSE(library->find("gone"));
}

TEST_P(MadeLibrary, FindsAnyVersionThatIsAskedFor) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_EQ(library->find("renamed", "V1")->value, library->find("renamed_1")->value);
  EXPECT_EQ(library->find("renamed", "V2")->value, library->find("renamed_2")->value);
  EXPECT_EQ(library->find("renamed")->version, "V2");
  EXPECT_EQ(library->find("gone", "V1")->value, library->find("gone_1")->value);
  EXPECT_FALSE(library->find("renamed", "V3"));
  EXPECT_FALSE(library->find("undefined", "V1"));
}

TEST_P(MadeLibrary, ListsVersionsOfANameAndNamesOfAnAddress) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  std::vector<std::string_view> versions = library->versions_of("renamed");
  std::ranges::sort(versions);
  EXPECT_EQ(versions, (std::vector<std::string_view>{"V1", "V2"}));
  EXPECT_TRUE(library->versions_of("undefined").empty());
  std::vector<std::string_view> names = library->names_at(library->find("renamed")->value);
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string_view>{"renamed", "renamed_2"}));
}

TEST_P(MadeLibrary, TellsConstantsFromVariables) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_TRUE(library->is_read_only(library->find("text")->value));
  EXPECT_FALSE(library->is_read_only(library->find("data")->value));
  EXPECT_FALSE(library->is_read_only(library->find("zero")->value));
}

// Each byte of the table of versions, and of the table of their names.
TEST_P(MadeLibrary, CorruptVersionsAreReadOrRefused) {
  const std::string good(contents_.bytes().text());
  std::uint64_t begin = 0, size = 0;
  std::istringstream fields(test::output_of("readelf -SW '" + dir_.path("lib.so") +
                                            "' | grep gnu.version_d | sed 's/.*VERDEF *[0-9a-f]* //'"));
  fields >> std::hex >> begin >> size;
  ASSERT_NE(size, 0u);
  for (std::uint64_t i = 0; i < size; ++i) {
    for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
      std::string bad = good;
      bad[begin + i] = value;
      const test::Contents contents(bad);
      const auto library = SharedLibrary::open(contents.bytes(), "lib.so");
      if (library) library->find("renamed", "V1");
    }
  }
}

TEST_P(MadeLibrary, DefinesWhatNmLists) {
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  expect_as_listed(*library, list(dir_.path("lib.so")));
}

TEST_P(MadeLibrary, NeedsNoSectionHeaders) {
  auto header = load_unchecked<Elf64_Ehdr>(contents_.bytes().data());
  header.e_shoff = 0;
  header.e_shnum = header.e_shstrndx = 0;
  std::memcpy(&contents_[0], &header, sizeof header);
  const auto library = open();
  ASSERT_TRUE(library) << test::why(library);
  EXPECT_TRUE(library->find("function"));
}

std::uint64_t use(const test::Contents& contents) {
  const auto library = SharedLibrary::open(contents.bytes(), "lib.so");
  if (!library) return library.error().text().size();
  std::uint64_t sum = library->soname().size();
  for (const char* name : {"function", "data", "tls", "renamed", "gone", "absent", ""}) {
    if (const auto found = library->find(name)) sum += found->value + found->size;
  }
  return sum;
}

TEST_P(MadeLibrary, OfAnyLengthIsReadOrRefused) {
  for (std::size_t size = 0; size < contents_.size(); size += size < 4096 ? 1 : 61) use(contents_.prefix(size));
}

// The ELF header, program headers, and the tables behind them; then the dynamic segment, wherever it is.
TEST_P(MadeLibrary, WithAnyByteChangedIsReadOrRefused) {
  const auto change = [&](std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to; ++at) {
      const std::byte kept = contents_[at];
      for (const unsigned value : {0U, 0xffU, 0x7fU, std::to_integer<unsigned>(kept) ^ 1U}) {
        contents_[at] = static_cast<std::byte>(value);
        use(contents_);
      }
      contents_[at] = kept;
    }
  };
  change(0, std::min<std::size_t>(contents_.size(), 4096));
  const auto header = load_unchecked<Elf64_Ehdr>(contents_.bytes().data());
  for (std::uint64_t i = 0; i != header.e_phnum; ++i) {
    const auto segment = contents_.bytes().load<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment->p_type == PT_DYNAMIC) change(segment->p_offset, segment->p_offset + segment->p_filesz);
  }
}

TEST(SharedLibrary, ThatIsAnExecutableIsRefused) {
  const test::TempDir dir;
  dir.write("main.c", "int main(void) { return 0; }");
  dir.run(test::cc() + " -fPIE -pie main.c -o main");
  const auto contents = test::Contents::of_file(dir.path("main"));
  const auto library = SharedLibrary::open(contents.bytes(), "main");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code(), ErrorCode::kUnsupported);
}

TEST(SharedLibrary, ThatIsAnObjectIsRefused) {
  const test::TempDir dir;
  dir.write("x.c", "int x;");
  dir.run(test::cc() + " -c x.c");
  const auto contents = test::Contents::of_file(dir.path("x.o"));
  EXPECT_FALSE(SharedLibrary::open(contents.bytes(), "x.o"));
}

TEST(SharedLibrary, OfDebugInformationOnlyIsRefused) {
  const test::TempDir dir;
  dir.write("x.c", "int x = 1; int f(void) { return x; }");
  dir.run(test::cc() + " -g -shared -fPIC x.c -o x.so && objcopy --only-keep-debug x.so x.debug");
  const auto contents = test::Contents::of_file(dir.path("x.debug"));
  const auto library = SharedLibrary::open(contents.bytes(), "x.debug");
  EXPECT_FALSE(library);
}

}  // namespace
}  // namespace enfold::read
