// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Says which files have been written or replaced. Editors and tools write a new file and rename it, so what is watched
// is the directory and the name in it. Only complete files count: closed after writing, or moved to the name. A build
// writes several: they are told together, once it has been quiet for a moment.
#ifndef ENFOLD_TOOL_FILE_WATCH_H_
#define ENFOLD_TOOL_FILE_WATCH_H_

#include <cstddef>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tool {

// Threads: one at a time.
class FileWatch {
 public:
  // Absolute paths, whose directories have to exist.
  static std::expected<FileWatch, std::string> open(std::vector<std::string> paths);
  FileWatch(FileWatch&& other) noexcept;
  FileWatch& operator=(FileWatch&&) = delete;
  ~FileWatch();

  // Waits for changes: indices of the paths that open() was given. Nothing, when there can be no more.
  std::set<std::size_t> wait();

 private:
  struct Directory {
    std::string path;
    std::multimap<std::string, std::size_t> files;  // names in it, and whose they are
  };

  FileWatch(int descriptor, int signals, std::vector<std::string> paths)
      : descriptor_(descriptor), signals_(signals), paths_(std::move(paths)) {}
  std::set<std::size_t> find_directories();
  bool read_events(std::set<std::size_t>& changed);
  void take(int watch, unsigned mask, const std::string& name, std::set<std::size_t>& changed);
  std::set<std::size_t> all() const;

  int descriptor_;
  int signals_;  // readable while some wait; -1 is never
  std::vector<std::string> paths_;
  std::map<int, Directory> directories_;  // by watch
  bool incomplete_ = false;               // a directory is not there now
};

}  // namespace tool

#endif  // ENFOLD_TOOL_FILE_WATCH_H_
