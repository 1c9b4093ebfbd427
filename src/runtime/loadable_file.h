// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file for the dynamic linker to load, made of bytes in memory. Most systems have files in memory (memfd_create(2)),
// which are found under /proc. Where the system refuses them, or has no /proc, the file is made in a directory that
// anybody may write to, and unlinked once it is loaded.
//
// The C library takes an object that was loaded under the same path for the one that is asked for. Numbers of open
// files recur, so each path is spelt in a way of its own: a serial number is written in "/" and "/./", two ways of
// saying the same. So the file need not stay open while it is loaded. Once it is closed, a debugger that reads the list
// of loaded objects would open what has its number by then, be it a pipe that never ends: the name in the list has to be
// changed before.
#ifndef ENFOLD_RUNTIME_LOADABLE_FILE_H_
#define ENFOLD_RUNTIME_LOADABLE_FILE_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include <enfold/error.h>

namespace enfold::runtime {

// An empty file in memory, closed on exec, with no number of the standard files': those are the program's, also where
// they are closed. -1 where there is none; errno says why.
int create_memory_file(const char* name) noexcept;

// 0, or an errno value.
int write_all(int file, std::span<const std::byte> bytes) noexcept;

// Section headers, behind the bytes of an ELF object that has none: of a table of dynamic symbols without any. ltrace
// ends, and its program with it, where it finds no such table. The symbols that the dynamic linker is told of stay out
// of it: a debugger that reads them there would set breakpoints before the code is written.
void append_section_headers(std::vector<std::byte>& object);

class LoadableFile {
 public:
  // `name` of the file in memory; `what` it is for, in errors. The path has at least `length` characters, or as many as a path may have.
  // Errors: kRuntime, with what the system says to each way.
  static Expected<LoadableFile> make(std::span<const std::byte> bytes, const char* name, const char* what,
                                     std::size_t length = 0);

  LoadableFile(LoadableFile&& other) noexcept;
  LoadableFile& operator=(LoadableFile&&) = delete;
  ~LoadableFile();

  const std::string& path() const { return path_; }  // no other file has or had it
  void close() noexcept;  // what is loaded stays as it is

 private:
  LoadableFile() = default;
  int make_in_memory(std::span<const std::byte> bytes, const char* name, std::size_t length);
  int make_in(const char* directory, std::span<const std::byte> bytes, std::size_t length);

  int take(int file, std::string path) noexcept;

  int file_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool named_ = false;  // to be unlinked
  std::string path_;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_LOADABLE_FILE_H_
