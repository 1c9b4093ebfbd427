// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of a file, for as long as somebody holds them.
#ifndef ENFOLD_READ_FILE_BYTES_H_
#define ENFOLD_READ_FILE_BYTES_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <enfold/error.h>

#include "read/bytes.h"

namespace enfold::read {

// What makes two paths the same file.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

// A file's contents: mapped privately and read-only when it is a regular file of 64 KiB or more, read into memory
// otherwise (small files, pipes, terminals, files of /proc).
// Ownership: the bytes live as long as the object. A mapped file must not be truncated meanwhile.
// Threads: immutable, shared freely.
class FileBytes {
 public:
  // Errors: kIo with the system's own words; a directory is one.
  static Expected<std::shared_ptr<const FileBytes>> open(const std::string& path);
  // The same, or `opened` if that was opened by the same path.
  static Expected<std::shared_ptr<const FileBytes>> open(const std::string& path,
                                                         std::shared_ptr<const FileBytes> opened) {
    if (opened != nullptr && opened->path() == path) return opened;
    return open(path);
  }

  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  Bytes bytes() const { return Bytes({data_, size_}); }
  const std::string& path() const { return path_; }  // by which it was opened
  const FileId& id() const { return id_; }
  bool is_mapped() const { return mapped_; }

 private:
  FileBytes() = default;
  bool map(int fd, std::size_t size);
  int read_all(int fd, std::size_t expected_size);

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
  bool mapped_ = false;
  FileId id_;
  std::string path_;
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_FILE_BYTES_H_
