// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "default_libs.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

namespace tool {
namespace {

namespace fs = std::filesystem;

#if defined(__x86_64__)
constexpr std::string_view kMachine = "x86_64";
#elif defined(__aarch64__)
constexpr std::string_view kMachine = "aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::string_view kMachine = "riscv64";
#else
constexpr std::string_view kMachine = "unknown";
#endif

std::vector<fs::path> entries(const fs::path& directory) {
  std::vector<fs::path> result;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    result.push_back(it->path());
  }
  return result;
}

// "x86_64-linux-gnu" and "x86_64-pc-linux-gnu" are this machine's; "x86_64-w64-mingw32" and "...-gnux32" are not.
bool is_native(std::string_view triplet) {
  return triplet.starts_with(kMachine) && triplet.substr(kMachine.size()).starts_with('-') &&
         triplet.find("linux") != std::string_view::npos && !triplet.ends_with("x32");
}

// "12" is older than "12.3.0", and "9" older than both.
std::vector<unsigned long> version_of(const fs::path& directory) {
  std::vector<unsigned long> numbers;
  std::string text = directory.filename();
  for (const char* p = text.c_str(); *p >= '0' && *p <= '9';) {
    char* end = nullptr;
    numbers.push_back(std::strtoul(p, &end, 10));
    p = *end == '.' ? end + 1 : end;
  }
  return numbers;
}

// The newest compiler's directory that has a libgcc.a, or an empty path.
fs::path newest_gcc() {
  std::pair<std::vector<unsigned long>, fs::path> newest;
  std::error_code ignored;
  for (const char* root : {"/usr/lib/gcc", "/usr/lib64/gcc", "/usr/local/lib/gcc"}) {
    for (const fs::path& triplet : entries(root)) {
      if (!is_native(triplet.filename().native())) continue;
      for (const fs::path& version : entries(triplet)) {
        if (!fs::exists(version / "libgcc.a", ignored)) continue;
        newest = std::max(newest, std::pair(version_of(version), version));
      }
    }
  }
  return newest.second;
}

std::vector<std::string> usual_directories(const fs::path& gcc) {
  std::string multiarch = std::string(kMachine) + "-linux-gnu";
  std::vector<fs::path> candidates = {"/usr/local/lib/" + multiarch, "/lib/" + multiarch, "/usr/lib/" + multiarch,
                                      "/usr/local/lib64", "/lib64", "/usr/lib64", "/usr/local/lib", "/lib", "/usr/lib"};
  if (!gcc.empty()) candidates.insert(candidates.begin(), gcc);
  std::vector<std::string> result;
  std::vector<fs::path> seen;  // /lib is /usr/lib on most systems
  for (const fs::path& candidate : candidates) {
    std::error_code error;
    fs::path real = fs::canonical(candidate, error);
    if (error || std::find(seen.begin(), seen.end(), real) != seen.end()) continue;
    seen.push_back(real);
    result.push_back(candidate);
  }
  return result;
}

// The first of that name in the usual directories, or an empty path.
std::string find_in(const std::vector<std::string>& directories, const char* name) {
  std::error_code ignored;
  for (const std::string& directory : directories) {
    fs::path file = fs::path(directory) / name;
    if (fs::exists(file, ignored)) return file;
  }
  return {};
}

}  // namespace

DefaultLibs find_default_libs() {
  DefaultLibs found;
  fs::path gcc = newest_gcc();
  found.directories = usual_directories(gcc);
  if (!gcc.empty()) found.archives.push_back(gcc / "libgcc.a");
  if (std::string archive = find_in(found.directories, "libc_nonshared.a"); !archive.empty()) {
    found.archives.push_back(std::move(archive));
  }
  for (const char* name : {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1"}) {
    if (std::string library = find_in(found.directories, name); !library.empty()) {
      found.libraries.push_back(std::move(library));
    }
  }
  return found;
}

}  // namespace tool
