// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "default_libs.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

namespace tool {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kMachine = "x86_64";
#elif defined(__aarch64__)
constexpr std::string_view kMachine = "aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::string_view kMachine = "riscv64";
#else
constexpr std::string_view kMachine = "unknown";
#endif

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// The names in a directory; none where it cannot be read.
std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
  while (const dirent* entry = open ? ::readdir(open.get()) : nullptr) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

// Without symbolic links; empty where there is no such file.
std::string canonical(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? real.get() : std::string();
}

// "x86_64-linux-gnu" and "x86_64-pc-linux-gnu" are this machine's; "x86_64-w64-mingw32" and "...-gnux32" are not.
bool is_native(std::string_view triplet) {
  return triplet.starts_with(kMachine) && triplet.substr(kMachine.size()).starts_with('-') &&
         triplet.find("linux") != std::string_view::npos && !triplet.ends_with("x32");
}

// "12" is older than "12.3.0", and "9" older than both.
std::vector<unsigned long> version_of(const std::string& name) {
  std::vector<unsigned long> numbers;
  for (const char* p = name.c_str(); *p >= '0' && *p <= '9';) {
    char* end = nullptr;
    numbers.push_back(std::strtoul(p, &end, 10));
    p = *end == '.' ? end + 1 : end;
  }
  return numbers;
}

// The newest compiler's directory that has a libgcc.a, or an empty string.
std::string newest_gcc() {
  std::pair<std::vector<unsigned long>, std::string> newest;
  for (const char* root : {"/usr/lib/gcc", "/usr/lib64/gcc", "/usr/local/lib/gcc"}) {
    for (const std::string& triplet : names_in(root)) {
      if (!is_native(triplet)) continue;
      const std::string versions = std::string(root) + "/" + triplet;
      for (const std::string& version : names_in(versions)) {
        const std::string directory = versions + "/" + version;
        if (exists(directory + "/libgcc.a")) newest = std::max(newest, std::pair(version_of(version), directory));
      }
    }
  }
  return newest.second;
}

std::vector<std::string> usual_directories(const std::string& gcc) {
  const std::string multiarch = std::string(kMachine) + "-linux-gnu";
  std::vector<std::string> candidates = {
      "/usr/local/lib/" + multiarch, "/lib/" + multiarch, "/usr/lib/" + multiarch, "/usr/local/lib64", "/lib64",
      "/usr/lib64", "/usr/local/lib", "/lib", "/usr/lib"};
  if (!gcc.empty()) candidates.insert(candidates.begin(), gcc);
  std::vector<std::string> result, seen;  // /lib is /usr/lib on most systems
  for (std::string& candidate : candidates) {
    std::string real = canonical(candidate);
    if (real.empty() || std::ranges::find(seen, real) != seen.end()) continue;
    seen.push_back(std::move(real));
    result.push_back(std::move(candidate));
  }
  return result;
}

// The first of that name in the usual directories, or an empty string.
std::string find_in(const std::vector<std::string>& directories, const char* name) {
  for (const std::string& directory : directories) {
    std::string file = directory + "/" + name;
    if (exists(file)) return file;
  }
  return {};
}

}  // namespace

DefaultLibs find_default_libs() {
  DefaultLibs found;
  const std::string gcc = newest_gcc();
  found.directories = usual_directories(gcc);
  if (!gcc.empty()) found.archives.push_back(gcc + "/libgcc.a");
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
