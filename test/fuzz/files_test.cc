// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that are named on a line or found by a search: one of each line is damaged, or is not what its name says.
#include <filesystem>
#include <fstream>

#include "mutate.h"
#include "seeds.h"
#include "support.h"

namespace enfold::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kLibraryCount = 600, kArchiveCount = 300, kScriptCount = 600, kThinCount = 200;

// Each names what lies in the directory, which the search looks into.
constexpr std::string_view kScripts[] = {
    "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( libwhole.so libwhole.a AS_NEEDED ( liboptional.so ) )\n",
    "INPUT(-lwhole, \"whole.o\" libwhole.a) SEARCH_DIR(.)",
    "GROUP(AS_NEEDED(-lwhole) -loptional)",
    "INPUT(other.script)\n",
    "TARGET(elf64-x86-64) OUTPUT_FORMAT(elf64-x86-64, elf64-x86-64, elf64-x86-64) INPUT(libwhole.so)",
};

class Files : public testing::Test {
 protected:
  static void SetUpTestSuite() { seeds_ = new std::vector<Seed>(make_seeds()); }
  static void TearDownTestSuite() { delete seeds_; }

  Files() {
    std::string pattern = (fs::temp_directory_path() / "enfold-files-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) directory_ = pattern;
    put("whole.o", seed("commons-gcc.o"));
    put("libwhole.so", seed("both-hashes.so"));
    put("liboptional.so", seed("old-hash.so"));
    put("libwhole.a", seed("gnu.a"));
    put("libversions.so", seed("versions.so"));
    put("other.script", bytes_of_text(kScripts[2]));
    fs::create_directory(directory_ / "libdirectory.so");
  }
  ~Files() override {
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
  }

  static const std::vector<std::byte>& seed(std::string_view name) {
    static const std::vector<std::byte> nothing;
    for (const Seed& one : *seeds_) {
      if (one.name == name) return one.bytes;
    }
    ADD_FAILURE() << "no seed " << name;
    return nothing;
  }

  static std::vector<Seed> of_kind(SeedKind kind) {
    std::vector<Seed> some;
    for (const Seed& one : *seeds_) {
      if (one.kind == kind) some.push_back(one);
    }
    return some;
  }

  static std::vector<Seed> users_of_libraries() {
    std::vector<Seed> some;
    for (const Seed& one : *seeds_) {
      if (one.name.starts_with("library-user")) some.push_back(one);
    }
    return some;
  }

  void put(const char* name, const std::vector<std::byte>& bytes) const {
    std::ofstream(directory_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  // A line that names the file in one of the ways that there are; the other inputs are sound.
  ObjectSet line(int way, const char* file, const char* library) const {
    ObjectSet set("line");
    set.options() = options_from(static_cast<std::uint8_t>(way));
    set.add_search_directory("nowhere");
    set.add_search_directory(directory_.string());
    set.add_bytes(user_->bytes, user_->name);
    const std::string path = (directory_ / file).string();
    switch (way % 6) {
      case 0: set.add_file(path); break;
      case 1: set.add_library(library); break;
      case 2: set.add_as_needed(path); break;
      case 3: set.add_archive(path, true); break;
      case 4: set.add_library(std::string(":") + file); break;
      default:
        set.add_file(path);
        set.add_library(library, true);
        set.add_file(path);
        break;
    }
    if (way % 3 == 0) set.add_library("whole");
    if (way % 3 == 1) set.add_as_needed((directory_ / "libwhole.so").string());
    if (way % 5 != 0) set.add_library("versions");
    if (way % 7 == 6) set.add_library("directory");
    return set;
  }

  void run(int way, const char* file, const char* library, const std::string& what) {
    static const std::vector<Seed> objects = of_kind(SeedKind::kObject), users = users_of_libraries();
    const std::vector<Seed>& some = way % 2 == 0 ? objects : users;
    user_ = &some[static_cast<std::size_t>(way / 2) % some.size()];
    const double start = cpu_seconds();
    const Outcome outcome = linker_.run([&] { return line(way, file, library); });
    EXPECT_LT(cpu_seconds() - start, 3.0) << what;
    for (const std::string& violation : outcome.violations) ADD_FAILURE() << what << ": " << violation;
    EXPECT_NE(outcome.linked, outcome.code.has_value() && !outcome.text.empty()) << what;
    ++(outcome.linked ? linked_ : refused_);
  }

  void run_damaged(const std::vector<Seed>& seeds, int count, const char* file) {
    for (int i = 0; i < count; ++i) {
      put(file, Mutator(seeds, static_cast<std::uint64_t>(3'000'000 + i)).next());
      run(i, file, "damaged", std::string(file) + " " + std::to_string(i));
    }
    EXPECT_GT(linked_, 0);
    EXPECT_GT(refused_, 0);
  }

  static const std::vector<Seed>* seeds_;
  fs::path directory_;
  const Seed* user_ = nullptr;
  CheckedLinker linker_;
  int linked_ = 0, refused_ = 0;
};

const std::vector<Seed>* Files::seeds_ = nullptr;

TEST_F(Files, SoundOnesLinkHoweverTheyAreNamed) {
  for (int way = 0; way < 60; ++way) {
    run(way, "libwhole.so", "whole", "library " + std::to_string(way));
    run(way, "liboptional.so", "optional", "old library " + std::to_string(way));
    run(way, "libwhole.a", "whole", "archive " + std::to_string(way));
    run(way, "whole.o", "whole", "object " + std::to_string(way));
    run(way, "other.script", "whole", "script " + std::to_string(way));
  }
  EXPECT_GT(linked_, 0);
}

TEST_F(Files, DamagedLibraries) { run_damaged(of_kind(SeedKind::kSharedLibrary), kLibraryCount, "libdamaged.so"); }

TEST_F(Files, DamagedArchives) { run_damaged(of_kind(SeedKind::kArchive), kArchiveCount, "libdamaged.a"); }

TEST_F(Files, DamagedScripts) {
  std::vector<Seed> scripts;
  for (const std::string_view text : kScripts) {
    scripts.push_back({"script", SeedKind::kLinkerScript, bytes_of_text(text)});
  }
  run_damaged(scripts, kScriptCount, "libdamaged.so");
}

TEST_F(Files, DamagedThinArchives) {
  ASSERT_EQ(std::system(("cd '" + directory_.string() + "' && ar rcT thin.a whole.o && ar rcTS plain.a whole.o && "
                         "ar rcT nested.a libwhole.a").c_str()), 0);  // NOLINT(cert-env33-c)
  std::vector<Seed> archives;
  for (const char* const name : {"thin.a", "plain.a", "nested.a"}) {
    std::ifstream in(directory_ / name, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    archives.push_back({name, SeedKind::kArchive, bytes_of_text(text)});
  }
  run_damaged(archives, kThinCount, "libdamaged.a");
}

// Whatever a file is, a line may name it.
TEST_F(Files, OfOtherKindsAreRefused) {
  using namespace std::string_view_literals;
  constexpr std::string_view kBeginnings[] = {"BC\xC0\xDE"sv, "\xCF\xFA\xED\xFE"sv, "MZ"sv, "\0asm"sv, "\0\0\xFF\xFF"sv,
                                              "\x64\x86"sv, "#!/bin/sh\n"sv, ""sv, "!<arch>\n"sv, "!<thin>\n"sv,
                                              "text of no script"sv, "\x7f" "ELF"sv};
  for (const std::string_view beginning : kBeginnings) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{64}, std::size_t{2} << 20}) {
      std::vector<std::byte> bytes = bytes_of_text(beginning);
      bytes.resize(std::max(bytes.size(), size));
      put("libdamaged.so", bytes);
      for (int way = 0; way < 6; ++way) run(way, "libdamaged.so", "damaged", std::string(beginning));
    }
  }
  // Each byte of an ELF header that says what a file is for.
  for (const char* const name : {"commons-gcc.o", "both-hashes.so"}) {
    for (const std::size_t at : {4u, 5u, 6u, 7u, 8u, 16u, 18u, 20u, 48u}) {
      for (const std::byte value : {std::byte{0}, std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{40},
                                    std::byte{183}, std::byte{243}}) {
        std::vector<std::byte> bytes = seed(name);
        bytes[at] = value;
        put("libdamaged.so", bytes);
        for (int way = 0; way < 6; ++way) run(way, "libdamaged.so", "damaged", name);
      }
    }
  }
}

TEST_F(Files, ManyArchivesAreAskedByOneIndex) {
  constexpr int kArchives = 40;
  const std::vector<Seed> archives = of_kind(SeedKind::kArchive);
  for (int damaged = 0; damaged < kArchives; ++damaged) {
    const std::vector<std::byte> bytes = Mutator(archives, static_cast<std::uint64_t>(damaged)).next();
    const Outcome outcome = linker_.run([&] {
      ObjectSet set("many");
      set.options().roots = {"f", "nobody_has_this"};
      for (int i = 0; i < kArchives; ++i) set.add_bytes(i == damaged ? bytes : seed("gnu.a"), std::to_string(i) + ".a");
      set.add_bytes(seed("calls-gcc.o"), "calls-gcc.o");
      return set;
    });
    EXPECT_TRUE(outcome.sound()) << damaged;
    EXPECT_NE(outcome.linked, outcome.code.has_value()) << damaged;
  }
}

TEST_F(Files, LargeOnesAreReadInParts) {
  for (const char* const name : {"gnu.a", "both-hashes.so"}) {
    put("libdamaged.so", seed(name));
    fs::resize_file(directory_ / "libdamaged.so", std::uint64_t{20} << 20);
    for (int way = 0; way < 12; ++way) run(way, "libdamaged.so", "damaged", name);
  }
}

TEST_F(Files, ThatAreNoFilesAreRefused) {
  fs::create_directory_symlink(directory_, directory_ / "libdamaged.so");
  for (int way = 0; way < 12; ++way) run(way, "libdamaged.so", "damaged", "a directory");
  fs::remove(directory_ / "libdamaged.so");
  fs::create_symlink("nowhere", directory_ / "libdamaged.so");
  for (int way = 0; way < 12; ++way) run(way, "libdamaged.so", "damaged", "a link to nothing");
}

}  // namespace
}  // namespace enfold::fuzz
