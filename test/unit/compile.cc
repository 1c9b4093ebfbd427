// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compile.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace enfold::test {
namespace {

namespace fs = std::filesystem;

constexpr char kCc[] = ENFOLD_TEST_CC, kCxx[] = ENFOLD_TEST_CXX;

fs::path directory() {
  static const fs::path path = [] {
    const fs::path made(ENFOLD_TEST_SCRATCH);
    fs::create_directories(made);
    return made;
  }();
  return path;
}

// Two independent 64-bit hashes: a collision would run the wrong code.
std::string hash_of(std::string_view text) {
  std::uint64_t a = 0xcbf29ce484222325, b = 0x9e3779b97f4a7c15;
  for (const char c : text) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    b = (b + static_cast<unsigned char>(c)) * 0xd6e8feb86659fd93;
    b ^= b >> 29;
  }
  std::ostringstream out;
  out << std::hex << a << b;
  return out.str();
}

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

// The path of what `command -o PATH SOURCE` makes; other processes may be making the same.
fs::path made_by(const std::string& command, std::string_view source, const char* suffix) {
  const std::string key = hash_of(command + '\0' + std::string(source) + '\0' + __VERSION__);
  const fs::path made = directory() / (key + ".out");
  if (fs::exists(made)) return made;
  const std::string mine = (directory() / (key + "-" + std::to_string(getpid()))).string();
  std::ofstream(mine + suffix) << source;
  run(command + " -o " + mine + ".new " + mine + suffix);
  fs::remove(mine + suffix);
  fs::rename(mine + ".new", made);
  return made;
}

ObjectBytes object(const std::string& command, std::string_view source, const char* suffix) {
  static std::map<fs::path, std::string> cache;
  const fs::path path = made_by(command, source, suffix);
  auto found = cache.find(path);
  if (found == cache.end()) found = cache.emplace(path, text_of(path)).first;
  return std::as_bytes(std::span(found->second));
}

std::string compiler(const char* driver, std::string_view flags) {
  return std::string(driver) + " -w " + std::string(flags) + " -c";
}

}  // namespace

ObjectBytes c_object(std::string_view source, std::string_view flags) {
  return object(compiler(kCc, flags), source, ".c");
}
ObjectBytes cxx_object(std::string_view source, std::string_view flags) {
  return object(compiler(kCxx, flags) + " -std=gnu++20", source, ".cc");
}
ObjectBytes assembled(std::string_view source) {
  return object(compiler(kCc, ""), std::string(source) + "\n.section .note.GNU-stack,\"\",@progbits\n", ".s");
}
ObjectBytes c_file(const std::string& path, std::string_view flags) { return c_object(text_of(path), flags); }
ObjectBytes cxx_file(const std::string& path, std::string_view flags) { return cxx_object(text_of(path), flags); }

std::string shared_library(std::string_view source, std::string_view flags) {
  const std::string command = std::string(kCc) + " -w -shared -fPIC " + std::string(flags);
  const fs::path made = made_by(command, source, ".c");
  const fs::path named = fs::path(made).replace_extension(".so");  // dlopen takes any name, our reader goes by contents
  std::error_code exists;
  fs::create_hard_link(made, named, exists);
  return named.string();
}

namespace {

// One line for each of `text`'s that `part` tells the beginning of something in: its words to `end`, single blanks
// between them.
template <class Part>
std::string instructions(const std::string& text, Part part, char end = '\0') {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = part(line);
    if (begin == std::string::npos) continue;
    std::istringstream words(line.substr(begin, line.find(end, begin) - begin));
    std::string instruction;
    for (std::string word; words >> word;) instruction += (instruction.empty() ? "" : " ") + word;
    out += instruction + "\n";
  }
  return out;
}

}  // namespace

std::string disassemble(std::span<const std::byte> code, std::uint64_t address) {
  const fs::path raw = directory() / ("code-" + std::to_string(getpid())), listing = raw.string() + ".s";
  std::ofstream(raw, std::ios::binary).write(reinterpret_cast<const char*>(code.data()),
                                             static_cast<std::streamsize>(code.size()));
  run("LC_ALL=C objdump -D -b binary -m i386:x86-64 --no-show-raw-insn --adjust-vma=" + std::to_string(address) + " " +
      raw.string() + " > " + listing.string());
  const std::string text = text_of(listing);
  fs::remove(raw);
  fs::remove(listing);
  return instructions(text, [](const std::string& line) {
    const std::size_t tab = line.find(":\t");
    return tab == std::string::npos ? tab : tab + 2;
  });
}

std::string disassemble_by_llvm(std::span<const std::byte> code) {
  const fs::path hex = directory() / ("hex-" + std::to_string(getpid())), listing = hex.string() + ".s";
  std::ofstream out(hex);
  for (const std::byte b : code) out << "0x" << std::hex << std::to_integer<int>(b) << ' ';
  out.close();
  run("llvm-mc-19 --disassemble --triple=x86_64 --mattr=+egpr,+ndd,+nf " + hex.string() + " > " + listing.string());
  const std::string text = text_of(listing);
  fs::remove(hex);
  fs::remove(listing);
  const auto part = [](const std::string& line) { return line.starts_with("\t.") ? std::string::npos : 0; };
  return instructions(text, part, '#');
}

}  // namespace enfold::test
