// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where inputs that are named without a directory are found.
#ifndef ENFOLD_READ_LIBRARY_SEARCH_H_
#define ENFOLD_READ_LIBRARY_SEARCH_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace enfold::read {

// The directories in which this system keeps its libraries, Debian's multiarch ones first. Not all need exist.
std::vector<std::string> system_library_directories();

// Directories in the order they are searched: the set's own, those that scripts add, the system's.
class LibrarySearch {
 public:
  explicit LibrarySearch(std::span<const std::string> own) : own_(own.begin(), own.end()) {}

  // For SEARCH_DIR.
  void add(std::string directory) { own_.push_back(std::move(directory)); }

  // Is the file at that path, which is there, one to take? What is not is passed over.
  using Fits = std::function<bool(const std::string& path)>;

  // The path of -lNAME: in each directory libNAME.so, then libNAME.a; of -l:FILE, FILE itself. `last` is searched
  // after all others when it is not empty.
  std::optional<std::string> find_library(std::string_view name, const Fits& fits, const std::string& last = {}) const;

  // The path of a file that a linker script in `script_directory` names: there, as it is, then in each directory. An
  // absolute one is what it is.
  std::optional<std::string> find_file(const std::string& name, const Fits& fits,
                                       const std::string& script_directory) const;

  // "directory, directory, ...", each once, for error messages.
  std::string directories() const;

 private:
  template <class Try>
  std::optional<std::string> first_of(const Try& try_directory, const std::string& last) const;

  std::vector<std::string> own_;
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_LIBRARY_SEARCH_H_
