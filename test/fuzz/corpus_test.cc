// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Thousands of damaged objects, alone and in pairs, planned, linked and unloaded over the mock process. Each either
// links, with everything that must hold holding, or gives an error that says something; none takes long. Sanitizers
// see the rest.
#include <gtest/gtest.h>

#include <cstdio>

#include "checked_link.h"
#include "elf_edit.h"
#include "mutate.h"
#include "seeds.h"
#include "support.h"

namespace enfold::fuzz {
namespace {

constexpr int kMutantCount = 2400, kPairCount = 400, kArchiveCount = 400, kCompactCount = 800;
constexpr double kLongest = 3.0;  // CPU seconds for one input, sanitizers included

std::string joined(const Violations& violations) {
  std::string text;
  for (const std::string& v : violations) text += v + "; ";
  return text;
}

// Seeds that define no `main`, and so go with others.
std::vector<Seed> companions(const std::vector<Seed>& seeds) {
  std::vector<Seed> some;
  for (const Seed& seed : seeds) {
    if (seed.name.starts_with("commons")) some.push_back(seed);
  }
  return some;
}

std::vector<Seed> of_kind(const std::vector<Seed>& seeds, SeedKind kind) {
  std::vector<Seed> some;
  for (const Seed& seed : seeds) {
    if (seed.kind == kind) some.push_back(seed);
  }
  return some;
}

class Corpus : public testing::Test {
 protected:
  static void SetUpTestSuite() { seeds_ = new std::vector<Seed>(make_seeds()); }
  static void TearDownTestSuite() { delete seeds_; }

  void run(std::span<const InputBytes> inputs, std::uint8_t options, const std::string& what) {
    const double start = cpu_seconds();
    const Outcome outcome = linker_.run(inputs, options_from(options), sets_from(options));
    const double took = cpu_seconds() - start;
    longest_ = std::max(longest_, took);
    ++(outcome.linked ? linked_ : refused_);
    EXPECT_TRUE(outcome.sound()) << what << ": " << joined(outcome.violations);
    EXPECT_LT(took, kLongest) << what;
    EXPECT_NE(outcome.linked, outcome.code.has_value() && !outcome.text.empty()) << what;
  }

  void expect_error(const ElfEdit& object, ErrorCode code, const std::string& what) {
    const InputBytes input{object.bytes(), "damaged.o"};
    const Outcome outcome = linker_.run({&input, 1}, {});
    EXPECT_TRUE(outcome.sound()) << what << ": " << joined(outcome.violations);
    ASSERT_FALSE(outcome.linked) << what;
    EXPECT_EQ(*outcome.code, code) << what << ": " << outcome.text;
    EXPECT_NE(outcome.text.find("damaged.o"), std::string::npos) << what << ": " << outcome.text;
    ++refused_;
  }

  void TearDown() override {
    std::printf("%d linked, %d refused, the longest took %.3f s\n", linked_, refused_, longest_);
  }

  static const std::vector<Seed>* seeds_;
  CheckedLinker linker_;
  double longest_ = 0;
  int linked_ = 0, refused_ = 0;
};

const std::vector<Seed>* Corpus::seeds_ = nullptr;

TEST_F(Corpus, HasSeeds) { EXPECT_GE(of_kind(*seeds_, SeedKind::kObject).size(), 25u); }

TEST_F(Corpus, SeedsLinkOrAreRefusedSoundly) {
  for (const Seed& seed : *seeds_) {
    if (seed.kind == SeedKind::kLinkerScript) continue;
    const InputBytes input{seed.bytes, seed.name};
    for (int options = 0; options < 16; ++options) run({&input, 1}, static_cast<std::uint8_t>(options), seed.name);
  }
  EXPECT_GT(linked_, refused_);
}

TEST_F(Corpus, DamagedObjects) {
  const std::vector<Seed> seeds = of_kind(*seeds_, SeedKind::kObject);
  for (int i = 0; i < kMutantCount; ++i) {
    const std::vector<std::byte> bytes = Mutator(seeds, static_cast<std::uint64_t>(i)).next();
    const InputBytes input{bytes, "damaged.o"};
    run({&input, 1}, static_cast<std::uint8_t>(i), "mutant " + std::to_string(i));
  }
  EXPECT_GT(linked_, kMutantCount / 20);
  EXPECT_GT(refused_, kMutantCount / 20);
}

TEST_F(Corpus, DamagedObjectsBesideWholeOnes) {
  const std::vector<Seed> seeds = of_kind(*seeds_, SeedKind::kObject), others = companions(seeds);
  for (int i = 0; i < kPairCount; ++i) {
    const auto number = static_cast<std::uint64_t>(1'000'000 + i);
    const std::vector<std::byte> bytes = Mutator(seeds, number).next();
    const Seed& whole = others[number % others.size()];
    const InputBytes inputs[] = {{bytes, "damaged.o"}, {whole.bytes, whole.name}};
    run(inputs, static_cast<std::uint8_t>(i), "pair " + std::to_string(i));
  }
}

TEST_F(Corpus, DamagedArchivesAndLibraries) {
  std::vector<Seed> seeds = of_kind(*seeds_, SeedKind::kArchive);
  const std::vector<Seed> libraries = of_kind(*seeds_, SeedKind::kSharedLibrary);
  seeds.insert(seeds.end(), libraries.begin(), libraries.end());
  const std::vector<Seed> objects = of_kind(*seeds_, SeedKind::kObject);
  for (int i = 0; i < kArchiveCount; ++i) {
    const auto number = static_cast<std::uint64_t>(2'000'000 + i);
    const std::vector<std::byte> bytes = Mutator(seeds, number).next();
    const Seed& user = objects[number % objects.size()];
    const InputBytes inputs[] = {{user.bytes, user.name}, {bytes, "damaged.a"}};
    run(inputs, static_cast<std::uint8_t>(i), "archive " + std::to_string(i));
  }
}

// Sound ones beside each other, as one set and as two, of which the later one binds to the earlier and shares with it.
TEST_F(Corpus, PairsOfSeeds) {
  constexpr std::size_t kStep = 5;
  const std::vector<Seed> objects = of_kind(*seeds_, SeedKind::kObject);
  const auto meets = [](const Seed& a, const Seed& b) {
    return (a.name.starts_with("library") && b.name.starts_with("library")) ||
           (a.name.starts_with("versions") && b.name.starts_with("bundle"));
  };
  int options = 0;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (std::size_t j = 0; j < objects.size(); ++j) {
      const bool always = meets(objects[i], objects[j]);
      if (!always && (i * objects.size() + j) % kStep != 0) continue;
      const InputBytes inputs[] = {{objects[i].bytes, objects[i].name}, {objects[j].bytes, objects[j].name}};
      for (int more = 0; more < (always ? 64 : 1); ++more) {
        run(inputs, static_cast<std::uint8_t>(options++), objects[i].name + " and " + objects[j].name);
      }
    }
  }
  EXPECT_GT(linked_, 0);
}

// The same relocations in another form.
TEST_F(Corpus, CompactRelocationsMeanTheSame) {
  for (const Seed& seed : of_kind(*seeds_, SeedKind::kObject)) {
    ElfEdit object(seed.bytes);
    object.make_relocations_compact();
    const InputBytes whole{seed.bytes, seed.name}, compact{object.bytes(), seed.name};
    const Outcome expected = linker_.run({&whole, 1}, {}), outcome = linker_.run({&compact, 1}, {});
    EXPECT_EQ(outcome.linked, expected.linked) << seed.name << ": " << outcome.text;
    EXPECT_EQ(outcome.code, expected.code) << seed.name << ": " << outcome.text;
    EXPECT_TRUE(outcome.sound()) << seed.name << ": " << joined(outcome.violations);
  }
}

TEST_F(Corpus, DamagedCompactRelocations) {
  std::vector<Seed> seeds = of_kind(*seeds_, SeedKind::kObject);
  for (Seed& seed : seeds) {
    ElfEdit object(seed.bytes);
    object.make_relocations_compact();
    seed.bytes = object.bytes();
  }
  for (int i = 0; i < kCompactCount; ++i) {
    const std::vector<std::byte> bytes = Mutator(seeds, static_cast<std::uint64_t>(3'000'000 + i)).next();
    const InputBytes input{bytes, "damaged.o"};
    run({&input, 1}, static_cast<std::uint8_t>(i), "compact " + std::to_string(i));
  }
}

// Section headers come last in what assemblers write.
TEST_F(Corpus, CutObjectsAreMalformed) {
  for (const Seed& seed : of_kind(*seeds_, SeedKind::kObject)) {
    for (std::size_t size = 4; size < seed.bytes.size(); size += 1 + seed.bytes.size() / 16) {
      expect_error(ElfEdit({seed.bytes.begin(), seed.bytes.begin() + static_cast<std::ptrdiff_t>(size)}),
                   ErrorCode::kMalformed, seed.name + " cut to " + std::to_string(size));
    }
  }
}

struct BadRelocation {
  Elf64_Rela (*make)(Elf64_Rela good, std::uint64_t section_size);
  ErrorCode code;
  const char* what;
};

constexpr BadRelocation kBadRelocations[] = {
    {[](Elf64_Rela r, std::uint64_t size) { return r.r_offset = size, r; }, ErrorCode::kMalformed, "offset"},
    {[](Elf64_Rela r, std::uint64_t) { return r.r_info |= ELF64_R_INFO(1UL << 31, 0), r; }, ErrorCode::kMalformed,
     "symbol"},
    {[](Elf64_Rela r, std::uint64_t) { return r.r_info |= 0xf0, r; }, ErrorCode::kUnsupported, "type"},
};

TEST_F(Corpus, DamagedRelocationsOfLoadedSectionsAreErrors) {
  for (const Seed& seed : of_kind(*seeds_, SeedKind::kObject)) {
    const InputBytes input{seed.bytes, "whole.o"};
    if (!linker_.run({&input, 1}, {}).linked) continue;
    if (seed.name.starts_with("company-")) continue;  // of which sections are dropped: nobody reads their relocations
    const ElfEdit whole(seed.bytes);
    for (std::uint32_t i = 1; i < whole.section_count(); ++i) {
      const Elf64_Shdr h = whole.section(i), target = whole.section(h.sh_info);
      if (h.sh_type != SHT_RELA || (target.sh_flags & SHF_ALLOC) == 0) continue;
      for (const BadRelocation& bad : kBadRelocations) {
        ElfEdit object = whole;
        object.put(h.sh_offset, bad.make(whole.get<Elf64_Rela>(h.sh_offset), target.sh_size));
        expect_error(object, bad.code, seed.name + ": " + bad.what + " in section " + std::to_string(i));
      }
    }
  }
}

}  // namespace
}  // namespace enfold::fuzz
