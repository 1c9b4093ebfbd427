// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files to read: a directory of the test's own, commands run in it, bytes in and out.
#ifndef ENFOLD_TEST_READ_SUPPORT_H_
#define ENFOLD_TEST_READ_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/error.h>

#include "read/bytes.h"
#include "read/elf.h"

namespace enfold::read::test {

// Removed with everything in it.
class TempDir {
 public:
  TempDir() {
    std::string path = (std::filesystem::temp_directory_path() / "enfold-read-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) std::abort();
    path_ = path;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(std::string_view name = {}) const {
    return name.empty() ? path_ : path_ + "/" + std::string(name);
  }

  std::string write(std::string_view name, std::string_view contents) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << contents;
    return path(name);
  }

  // Runs a shell command in the directory; a test whose tools are missing fails here.
  void run(const std::string& command) const {
    ASSERT_EQ(std::system(("cd '" + path_ + "' && { " + command + " ; }").c_str()), 0) << command;
  }

 private:
  std::string path_;
};

// A file's contents on the heap, in an allocation of exactly their size: AddressSanitizer sees what leaves them.
class Contents {
 public:
  explicit Contents(std::string_view text) : bytes_(text.size()) {
    if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
  }
  static Contents of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    return Contents(std::string(std::istreambuf_iterator<char>(in), {}));
  }

  Bytes bytes() const { return Bytes(std::span<const std::byte>(bytes_)); }
  std::span<const std::byte> span() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  std::byte& operator[](std::size_t i) { return bytes_[i]; }
  Contents prefix(std::size_t size) const { return Contents(bytes().text().substr(0, size)); }

 private:
  std::vector<std::byte> bytes_;
};

// What a command prints.
inline std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  char buffer[4096];
  for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) != 0;) text.append(buffer, got);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

template <class T>
std::string why(const Expected<T>& result) {
  return result ? std::string("no error") : result.error().text();
}

// The names that an index of an ELF object's archive would hold. No machine's peculiarities are asked for.
inline Expected<void> enumerate(Bytes bytes, const std::string& name,
                                const std::function<void(std::string_view)>& sink) {
  constexpr ElfMachine kX86_64{.number = 62};
  return enumerate_elf_definitions(bytes, name, {&kX86_64, 1}, sink);
}

inline std::string cc() { return std::string("'") + ENFOLD_TEST_CC + "'"; }

}  // namespace enfold::read::test

#endif  // ENFOLD_TEST_READ_SUPPORT_H_
