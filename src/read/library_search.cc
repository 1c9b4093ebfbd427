// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/library_search.h"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/ranges.h>

namespace enfold::read {
namespace {

// Debian's name for the machine that this library is built for: what it links runs in its own process.
constexpr std::string_view kTriplet =
#if defined(__x86_64__)
    "x86_64-linux-gnu";
#elif defined(__aarch64__)
    "aarch64-linux-gnu";
#elif defined(__riscv)
    "riscv64-linux-gnu";
#else
    "";
#endif

bool is_file(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

// A leading '=' stands for the root of a cross compiler's system; ours is "/".
std::string in_directory(const std::string& directory, std::string_view name) {
  std::string path = directory.starts_with('=') ? directory.substr(1) : directory;
  if (path.empty()) return std::string(name);
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

std::optional<std::string> existing(std::string path, const LibrarySearch::Fits& fits = {}) {
  if (!is_file(path) || (fits && !fits(path))) return std::nullopt;
  return path;
}

}  // namespace

std::vector<std::string> system_library_directories() {
  std::vector<std::string> directories;
  if (!kTriplet.empty()) {
    for (const char* prefix : {"/usr/local/lib/", "/lib/", "/usr/lib/"}) {
      directories.push_back(prefix + std::string(kTriplet));
    }
  }
  for (const char* plain : {"/usr/local/lib", "/lib", "/usr/lib", "/lib64", "/usr/lib64"}) {
    directories.emplace_back(plain);
  }
  return directories;
}

template <class Try>
std::optional<std::string> LibrarySearch::first_of(const Try& try_directory, const std::string& last) const {
  const std::vector<std::string> system = system_library_directories();  // most sets search for nothing
  for (const std::vector<std::string>* directories : {&own_, &system}) {
    for (const std::string& directory : *directories) {
      if (auto path = try_directory(directory)) return path;
    }
  }
  return last.empty() ? std::nullopt : try_directory(last);
}

std::optional<std::string> LibrarySearch::find_library(std::string_view name, const Fits& fits,
                                                       const std::string& last) const {
  if (name.starts_with(':')) {
    const std::string_view file = name.substr(1);
    return first_of([&](const std::string& directory) { return existing(in_directory(directory, file), fits); }, last);
  }
  const std::string stem = "lib" + std::string(name);
  const auto try_directory = [&](const std::string& directory) {
    auto path = existing(in_directory(directory, stem + ".so"), fits);
    return path ? path : existing(in_directory(directory, stem + ".a"), fits);
  };
  return first_of(try_directory, last);
}

std::optional<std::string> LibrarySearch::find_file(const std::string& name, const Fits& fits,
                                                    const std::string& script_directory) const {
  if (name.starts_with('=')) return existing(name.substr(1));
  if (name.starts_with('/')) return existing(name);
  if (auto path = existing(in_directory(script_directory, name), fits)) return path;
  if (auto path = existing(name, fits)) return path;
  return first_of([&](const std::string& directory) { return existing(in_directory(directory, name), fits); }, {});
}

std::string LibrarySearch::directories() const {
  std::vector<std::string> named;
  const std::vector<std::string> system = system_library_directories();  // most sets search for nothing
  for (const std::vector<std::string>* directories : {&own_, &system}) {
    for (const std::string& directory : *directories) {
      if (std::ranges::find(named, directory) == named.end()) named.push_back(directory);
    }
  }
  return fmt::format("{}", fmt::join(named, ", "));
}

}  // namespace enfold::read
