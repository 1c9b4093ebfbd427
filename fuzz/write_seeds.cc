// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold-fuzz-seeds DIR: writes the corpora that the fuzz targets start from, one directory a target.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "seeds.h"

namespace {

using enfold::fuzz::Seed;
using enfold::fuzz::SeedKind;
namespace fs = std::filesystem;

void write(const fs::path& directory, const Seed& seed, const std::string& before = {}) {
  fs::create_directories(directory);
  std::ofstream out(directory / seed.name, std::ios::binary);
  out << before;
  out.write(reinterpret_cast<const char*>(seed.bytes.data()), static_cast<std::streamsize>(seed.bytes.size()));
}

fs::path target_of(SeedKind kind) {
  switch (kind) {
    case SeedKind::kObject:
      return "elf-object";
    case SeedKind::kArchive:
      return "archive";
    case SeedKind::kSharedLibrary:
      return "shared-library";
    case SeedKind::kLinkerScript:
      break;
  }
  return "linker-script";
}

// What the link target takes: options, then two objects with the first one's size before it.
void write_pair(const fs::path& directory, char options, const Seed& a, const Seed& b) {
  const auto size = static_cast<std::uint32_t>(a.bytes.size());
  std::string before(1, options);
  before.append(reinterpret_cast<const char*>(&size), sizeof size);
  before.append(reinterpret_cast<const char*>(a.bytes.data()), a.bytes.size());
  write(directory, Seed{a.name + "+" + b.name, b.kind, b.bytes}, before);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: enfold-fuzz-seeds DIRECTORY\n");
    return 2;
  }
  const fs::path root = argv[1];
  const std::vector<Seed> seeds = enfold::fuzz::make_seeds();
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const Seed& seed = seeds[i];
    write(root / target_of(seed.kind), seed);
    if (seed.kind == SeedKind::kLinkerScript) continue;
    write(root / "link", seed, std::string(1, static_cast<char>(i % 32)));
    const auto other_options = static_cast<char>(i * 7 % 32);
    if (i != 0 && seed.bytes.size() < 8192) write_pair(root / "link", other_options, seeds[i - 1], seed);
  }
  std::printf("%zu seeds\n", seeds.size());
}
