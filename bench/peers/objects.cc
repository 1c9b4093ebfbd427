// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "objects.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <new>

namespace enfold::bench {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kDigits = 6;

// Inputs live as long as the process: nothing frees them.
std::span<std::byte> allot(std::size_t size) {
  return {static_cast<std::byte*>(operator new(size + 1, kAlignment)), size};
}

std::span<const std::byte> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Failure(path + " is not there");
  const auto bytes = allot(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

std::string numbered(const std::string& symbol, std::size_t i) {
  const std::string digits = std::to_string(i);
  return symbol + std::string(kDigits - digits.size(), '0') + digits;
}

}  // namespace

Program load_program(const std::string& directory, const std::string& name) {
  std::ifstream list(directory + "/" + name + ".list");
  Program program;
  std::string word;
  while (list >> word) {
    if (word == "entry") {
      list >> program.entry >> program.argument >> program.result;
    } else if (word == "library") {
      list >> program.libraries.emplace_back();
    } else {
      const std::string path = directory + "/" + word;
      program.objects.push_back({word, path, load(path)});
    }
  }
  if (program.objects.empty()) throw Failure("objects of '" + name + "' were not generated");
  return program;
}

Copies make_copies(const Program& program, std::size_t count) {
  Copies copies;
  const std::string symbol = program.entry.substr(0, program.entry.size() - kDigits);
  const auto original = program.objects.front().bytes;
  const std::string zeroth = program.entry;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = allot(original.size());
    std::memcpy(bytes.data(), original.data(), original.size());
    const std::string& name = copies.names.emplace_back(numbered(symbol, i));
    auto* const first = reinterpret_cast<char*>(bytes.data());
    for (char* at = first;
         (at = std::search(at, first + bytes.size(), zeroth.begin(), zeroth.end())) != first + bytes.size(); ++at) {
      std::ranges::copy(name, at);
    }
    copies.objects.push_back({name + ".o", {}, bytes});
  }
  return copies;
}

}  // namespace enfold::bench
