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

class FileDescriptor;

inline constexpr std::size_t kBeginning = 4096;  // bytes; enough to tell kinds of files apart

// What makes two paths the same file.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

// A file's contents in memory, so that whoever truncates or writes the file meanwhile harms nobody. They are read when
// it is opened. Of archives and shared libraries of more than 16 MiB, of which a link needs parts, each part is read
// when it is first asked for (read/source.h), and the file stays open.
// Ownership: the bytes live as long as the object.
// Threads: shared freely.
class FileBytes {
 public:
  // Of what is large or no regular file, and begins like nothing that can be linked, no more than the beginning is
  // read: it may have no end. Errors: kIo with the system's own words; a directory is one. kUnsupported: too much to
  // read of what is no regular file.
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

  // All of them; those of a file in parts are read now, and are none where it has become shorter.
  Bytes bytes() const { return bring(0, size_) ? room() : Bytes(); }
  // Where the bytes are that have been brought. False: the file has become shorter, or cannot be read any more.
  Bytes room() const { return Bytes({data_, size_}); }
  [[nodiscard]] bool bring(std::uint64_t offset, std::uint64_t size) const {
    return parts_ == nullptr || bring_parts(offset, size);
  }
  const std::string& path() const { return path_; }  // by which it was opened
  const FileId& id() const { return id_; }
  bool is_in_parts() const { return parts_ != nullptr; }

 private:
  class Parts;

  FileBytes();
  void keep_in_parts(FileDescriptor fd);
  bool bring_parts(std::uint64_t offset, std::uint64_t size) const;
  int read_large(int fd, std::size_t size, bool is_sparse);
  int read_all(int fd, bool is_stream);

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
  FileId id_;
  std::string path_;
  void* large_ = nullptr;  // that the contents lie in, where they are large
  std::size_t large_size_ = 0;
  std::unique_ptr<Parts> parts_;  // null where all bytes are there
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_FILE_BYTES_H_
