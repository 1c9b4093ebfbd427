// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "parts.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace enfold::stress {
namespace {

constexpr std::string_view kPlaceholder = "TTTT";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string two_digits(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

std::vector<int> callees(int name) {
  std::vector<int> found;
  if (name % 3 == 0) return found;
  for (const int back : {1, 3}) {
    if (name >= back) found.push_back(name - back);
  }
  return found;
}

unsigned long own_value(const Part& part, unsigned long x) {
  const auto i = static_cast<unsigned long>(part.name), v = static_cast<unsigned long>(part.variant);
  return x * (2 * i + 3 + v) + 100 * i + 7 * v + 1;
}

Files read_objects() {
  Files files;
  std::ifstream list(ENFOLD_STRESS_OBJECTS);
  for (std::string path; std::getline(list, path);) {
    if (path.empty()) continue;
    const std::filesystem::path name = std::filesystem::path(path).filename();
    files[name.stem().stem().string()] = contents(path);  // part_07_1.c.o
  }
  if (files.empty()) throw std::runtime_error("no objects are listed in " ENFOLD_STRESS_OBJECTS);
  return files;
}

Objects::Objects(const Files& files, int thread) : thread_(std::to_string(10'000 + thread).substr(1)), files_(files) {
  for (auto& [name, bytes] : files_) {
    for (std::size_t at = 0; (at = bytes.find(kPlaceholder, at)) != std::string::npos;) {
      bytes.replace(at, kPlaceholder.size(), thread_);
    }
  }
}

Bytes Objects::find(const std::string& name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) throw std::runtime_error("there is no object " + name);
  return std::as_bytes(std::span(found->second));
}

Bytes Objects::part(const Part& part) const {
  return find("part_" + two_digits(part.name) + "_" + std::to_string(part.variant));
}
Bytes Objects::contested(int name, int variant) const {
  return find("contested_" + two_digits(name) + "_" + std::to_string(variant));
}
Bytes Objects::user(int name) const { return find("user_" + two_digits(name)); }

std::string Objects::symbol(const char* stem, int name) const {
  return std::string(stem) + "_" + thread_ + "_" + two_digits(name);
}

}  // namespace enfold::stress
