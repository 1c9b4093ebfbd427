// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "seeds.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "seed_sources.h"

namespace enfold::fuzz {
namespace {

namespace fs = std::filesystem;

struct Variant {
  std::string_view name;
  const SeedSource& source;
  std::string_view compiler;  // empty where there is none
  std::string_view flags;
};

constexpr std::string_view kGcc = ENFOLD_GCC, kClang = ENFOLD_CLANG;

const Variant kVariants[] = {
    {"calls-gcc", kCalls, kGcc, ""},
    {"calls-gcc-O2", kCalls, kGcc, "-O2"},
    {"calls-gcc-O2-debug", kCalls, kGcc, "-O2 -g"},
    {"calls-gcc-debug-compressed", kCalls, kGcc, "-g -gz"},
    {"calls-gcc-pic", kCalls, kGcc, "-O2 -fPIC"},
    {"calls-gcc-no-pic", kCalls, kGcc, "-O2 -fno-pic"},
    {"calls-gcc-large", kCalls, kGcc, "-O2 -mcmodel=large"},
    {"calls-gcc-medium", kCalls, kGcc, "-O2 -mcmodel=medium"},
    {"calls-gcc-no-plt", kCalls, kGcc, "-O2 -fPIC -fno-plt"},
    {"calls-gcc-sections", kCalls, kGcc, "-O2 -ffunction-sections -fdata-sections"},
    {"calls-gcc-control-flow", kCalls, kGcc, "-O2 -fPIC -fcf-protection=full"},
    {"calls-clang", kCalls, kClang, ""},
    {"calls-clang-O2", kCalls, kClang, "-O2"},
    {"calls-clang-pic", kCalls, kClang, "-O2 -fPIC"},
    {"calls-clang-large", kCalls, kClang, "-O2 -fPIC -mcmodel=large"},
    {"calls-clang-no-pic", kCalls, kClang, "-O1 -fno-pic"},
    {"calls-clang-sections", kCalls, kClang, "-O2 -ffunction-sections -faddrsig"},
    {"calls-clang-control-flow", kCalls, kClang, "-O2 -fcf-protection=branch"},
    {"calls-clang-compact", kCalls, kClang, "-O2 -fPIC -Wa,--allow-experimental-crel,--crel"},
    {"exceptions-clang-compact", kExceptions, kClang, "-O1 -g -Wa,--allow-experimental-crel,--crel"},
    {"commons-gcc", kCommons, kGcc, "-O2 -fcommon"},
    {"commons-gcc-medium", kCommons, kGcc, "-fcommon -mcmodel=medium -mlarge-data-threshold=64"},
    {"commons-clang", kCommons, kClang, "-O2 -fcommon"},
    {"indirect-gcc", kIndirect, kGcc, "-O2"},
    {"indirect-gcc-pic", kIndirect, kGcc, "-fPIC"},
    {"indirect-gcc-no-pic", kIndirect, kGcc, "-O2 -fno-pic"},
    {"indirect-clang", kIndirect, kClang, "-O2"},
    {"exceptions-gcc", kExceptions, kGcc, ""},
    {"exceptions-gcc-O2", kExceptions, kGcc, "-O2"},
    {"exceptions-gcc-pic", kExceptions, kGcc, "-O2 -fPIC -ffunction-sections"},
    {"exceptions-gcc-no-pic", kExceptions, kGcc, "-O1 -fno-pic"},
    {"exceptions-gcc-debug", kExceptions, kGcc, "-O2 -g -gdwarf-4"},
    {"exceptions-clang", kExceptions, kClang, ""},
    {"exceptions-clang-O2", kExceptions, kClang, "-O2"},
    {"exceptions-clang-large", kExceptions, kClang, "-O1 -mcmodel=large"},
    {"relocations-gas", kRelocations, kGcc, ""},
    {"relocations-gas-unrelaxable", kRelocations, kGcc, "-Wa,-mrelax-relocations=no"},
    {"sections-gas", kSections, kGcc, ""},
    {"sections-gas-debug", kSections, kGcc, "-g"},
    {"company-gas", kCompany, kGcc, ""},
    {"unused-gcc", kUnused, kGcc, "-ffunction-sections"},
    {"unused-gcc-frames", kUnused, kGcc, "-ffunction-sections -fdata-sections -fasynchronous-unwind-tables"},
    {"unused-clang", kUnused, kClang, "-O0 -ffunction-sections -fdata-sections"},
    {"library-gcc", kLibrary, kGcc, "-fPIC"},
    {"library-user-gcc", kLibraryUser, kGcc, "-O1"},
    {"library-user-gcc-pic", kLibraryUser, kGcc, "-O1 -fPIC"},
    {"library-user-gcc-no-pic", kLibraryUser, kGcc, "-O1 -fno-pic"},
    {"versions-gas", kVersions, kGcc, ""},
    {"bundle-gas", kBundle, kGcc, ""},
    {"operators-gcc", kOperators, kGcc, "-O1"},
    {"operators-clang", kOperators, kClang, "-O2 -fPIC"},
    {"huge-gas", kHuge, kGcc, ""},
    {"other-huge-gas", kOtherHuge, kGcc, ""},
    {"threads-gcc", kThreads, kGcc, ""},
    {"threads-gcc-pic", kThreads, kGcc, "-fPIC"},
    {"threads-gcc-no-plt", kThreads, kGcc, "-O2 -fPIC -fno-plt -ftls-model=local-dynamic"},
    {"threads-gcc-descriptors", kThreads, kGcc, "-O2 -fPIC -mtls-dialect=gnu2"},
    {"threads-gcc-large", kThreads, kGcc, "-fPIC -mcmodel=large"},
    {"threads-clang-initial-exec", kThreads, kClang, "-O2 -ftls-model=initial-exec"},
};

struct Recipe {
  std::string_view name;
  SeedKind kind;
  std::string_view command;
};

// Made of the objects above, in their directory.
const Recipe kRecipes[] = {
    {"gnu.a", SeedKind::kArchive, "ar rcs gnu.a unused-gcc.o commons-gcc.o indirect-gcc.o exceptions-gcc-O2.o"},
    {"long-names.a", SeedKind::kArchive, "ar rc long-names.a exceptions-gcc-no-pic.o relocations-gas-unrelaxable.o"},
    {"no-index.a", SeedKind::kArchive, "ar rcS no-index.a calls-gcc.o commons-gcc.o"},
    {"bsd.a", SeedKind::kArchive, "llvm-ar-19 --format=bsd rcs bsd.a unused-gcc.o commons-gcc.o"},
    {"darwin.a", SeedKind::kArchive, "llvm-ar-19 --format=darwin rcs darwin.a calls-gcc-O2.o commons-gcc.o"},
    {"one-member.a", SeedKind::kArchive, "ar rcs one-member.a sections-gas.o"},
    {"gnu-hash.so", SeedKind::kSharedLibrary, "gcc -shared -O2 -fPIC -Wl,--hash-style=gnu -o gnu-hash.so unused-gcc.c"},
    {"both-hashes.so", SeedKind::kSharedLibrary,
     "gcc -shared -fPIC -Wl,--hash-style=both -o both-hashes.so unused-gcc.c"},
    {"versions.so", SeedKind::kSharedLibrary,
     "printf 'V1 { local: library_old; library_new; }; V2 { global: *; } V1;' >versions.map && "
     "gcc -shared -fPIC -Wl,--version-script=versions.map,-z,relro -o versions.so library-gcc.c"},
    {"versions-old-hash.so", SeedKind::kSharedLibrary,
     "gcc -shared -fPIC -Wl,--version-script=versions.map,--hash-style=sysv -o versions-old-hash.so library-gcc.c"},
    {"program.so", SeedKind::kSharedLibrary, "gcc -pie -fPIE -o program.so unused-gcc.c"},
    {"old-hash.so", SeedKind::kSharedLibrary,
     "gcc -shared -fPIC -Wl,--hash-style=sysv,-soname,old.so.1 -o old-hash.so unused-gcc.c"},
};

constexpr std::string_view kScripts[] = {
    "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/libc.so.6 libc_nonshared.a AS_NEEDED ( ld.so.2 ) "
    ")\n",
    "INPUT(-lm, \"a file.o\" libx.a) SEARCH_DIR(/usr/lib)\n",
    "GROUP(AS_NEEDED(-lgcc_s) -lgcc)",
};

class Workshop {
 public:
  Workshop() {
    std::string pattern = (fs::temp_directory_path() / "enfold-seeds-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) directory_ = pattern;
  }
  ~Workshop() {
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  bool run(const std::string& command) const {
    return std::system(("cd " + directory_.string() + " && " + command).c_str()) == 0;  // NOLINT(cert-env33-c)
  }

  // One job for each of the machine's two likely cores.
  void compile() const {
    std::string jobs[2];
    std::size_t next = 0;
    for (const Variant& v : kVariants) {
      const std::string source = std::string(v.name) + "." + std::string(v.source.extension);
      std::ofstream(directory_ / source) << v.source.text;
      if (v.compiler.empty()) continue;
      jobs[next++ % 2] += std::string(v.compiler) + " -c -w " + std::string(v.flags) + " -o " + std::string(v.name) +
                          ".o " + source + " 2>/dev/null; ";
    }
    run("{ { " + jobs[0] + "} & " + jobs[1] + " wait; }");
    for (const Recipe& r : kRecipes) run(std::string(r.command) + " 2>/dev/null");
  }

  void collect(std::string_view file, SeedKind kind, std::vector<Seed>& seeds) const {
    std::ifstream in(directory_ / file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    if (text.empty()) return;
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    seeds.push_back({std::string(file), kind, std::vector<std::byte>(bytes, bytes + text.size())});
  }

 private:
  fs::path directory_;
};

}  // namespace

std::vector<Seed> make_seeds() {
  const Workshop workshop;
  workshop.compile();
  std::vector<Seed> seeds;
  for (const Variant& v : kVariants) workshop.collect(std::string(v.name) + ".o", SeedKind::kObject, seeds);
  for (const Recipe& r : kRecipes) workshop.collect(r.name, r.kind, seeds);
  for (const std::string_view script : kScripts) {
    const auto* bytes = reinterpret_cast<const std::byte*>(script.data());
    seeds.push_back({"script-" + std::to_string(seeds.size()), SeedKind::kLinkerScript,
                     std::vector<std::byte>(bytes, bytes + script.size())});
  }
  return seeds;
}

}  // namespace enfold::fuzz
