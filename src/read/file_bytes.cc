// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "large_memory.h"
#include "read/file_kind.h"

namespace enfold::read {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

namespace {

// From here on, contents lie in large pages. A fault for each small one takes longer than copying does.
constexpr std::size_t kLarge = std::size_t{1} << 20;
// What is read in parts has more.
constexpr std::size_t kReadAtMost = std::size_t{16} << 20;
// Parts come in whole blocks: what a member's header stands beside is mostly wanted next.
constexpr std::size_t kBlock = std::size_t{64} << 10;
constexpr std::size_t kStreamAtMost = std::size_t{1} << 30;

int open_for_reading(const std::string& path) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

ssize_t read_at(int fd, std::byte* begin, std::size_t size, std::size_t offset) {
  ssize_t got = 0;
  do {
    got = ::pread(fd, begin, size, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

struct Stretch {
  std::size_t begin = 0, end = 0;  // bytes from the file's start
};

// The next bytes of a file that are no hole, none from `size` on. All, where the file system does not tell.
Stretch next_stretch(int fd, std::size_t from, std::size_t size) {
  const off_t data = ::lseek(fd, static_cast<off_t>(from), SEEK_DATA);
  if (data < 0) return errno == ENXIO ? Stretch{size, size} : Stretch{from, size};
  const off_t hole = ::lseek(fd, data, SEEK_HOLE);
  const std::size_t begin = std::min(static_cast<std::size_t>(data), size);
  const std::size_t end = hole < 0 ? size : std::min(static_cast<std::size_t>(hole), size);
  return {begin, std::max(begin, end)};
}

struct FileStart {
  std::optional<FileKind> kind;  // nothing: it is none that can be linked
  int error_number = 0;
};

FileStart look_at_start(int fd) {
  std::array<std::byte, kBeginning> head{};
  const ssize_t got = read_at(fd, head.data(), head.size(), 0);
  if (got < 0) return {.kind = std::nullopt, .error_number = errno};
  const auto kind = identify(Bytes({head.data(), static_cast<std::size_t>(got)}), {});
  return {.kind = kind ? std::optional(*kind) : std::nullopt};
}

Error io_error(const std::string& path, const char* what, int error_number) {
  return Error(ErrorCode::kIo, std::string(what) + ": " + std::generic_category().message(error_number),
               {.object = path});
}

}  // namespace

// Which blocks of a file are there.
class FileBytes::Parts {
 public:
  Parts(FileDescriptor fd, std::byte* begin, std::size_t size)
      : fd_(std::move(fd)), begin_(begin), size_(size), is_there_((size + kBlock - 1) / kBlock) {}

  bool bring(std::size_t first, std::size_t last);

 private:
  bool read(std::size_t block, std::size_t end);

  const FileDescriptor fd_;
  std::byte* const begin_;
  const std::size_t size_;
  std::mutex mutex_;
  std::vector<bool> is_there_;
};

// Blocks from `first` to `last`, with one call for all that follow each other.
bool FileBytes::Parts::bring(std::size_t first, std::size_t last) {
  const std::lock_guard lock(mutex_);
  for (std::size_t block = first; block <= last; ++block) {
    if (is_there_[block]) continue;
    std::size_t end = block + 1;
    while (end <= last && !is_there_[end]) ++end;
    if (!read(block, end)) return false;
    std::fill(is_there_.begin() + static_cast<std::ptrdiff_t>(block),
              is_there_.begin() + static_cast<std::ptrdiff_t>(end), true);
    block = end;
  }
  return true;
}

bool FileBytes::Parts::read(std::size_t block, std::size_t end) {
  std::size_t at = block * kBlock;
  const std::size_t stop = std::min(end * kBlock, size_);
  bring_in(begin_ + at, stop - at);
  while (at != stop) {
    const ssize_t got = read_at(fd_.get(), begin_ + at, stop - at, at);
    if (got <= 0) return false;
    at += static_cast<std::size_t>(got);
  }
  return true;
}

FileBytes::FileBytes() = default;

FileBytes::~FileBytes() {
  if (large_ != nullptr) unmap_large(large_, large_size_);
}

bool FileBytes::bring_parts(std::uint64_t offset, std::uint64_t size) const {
  return size == 0 || parts_->bring(offset / kBlock, (offset + size - 1) / kBlock);
}

void FileBytes::keep_in_parts(FileDescriptor fd) {
  large_ = map_large(size_);
  large_size_ = size_;
  refuse_large_page(large_, size_ & ~(kSmallPage - 1));  // one would be resident for each part
  data_ = static_cast<const std::byte*>(large_);
  parts_ = std::make_unique<Parts>(std::move(fd), static_cast<std::byte*>(large_), size_);
}

// Returns an error number, or 0. A file that has become shorter ends earlier. What large alignment leaves free in an
// object is a hole in its file, and takes no memory.
int FileBytes::read_large(int fd, std::size_t size, bool is_sparse) {
  large_ = map_large(size);
  large_size_ = size;
  if (is_sparse) refuse_large_page(large_, size & ~(kSmallPage - 1));
  auto* const begin = static_cast<std::byte*>(large_);
  std::size_t used = 0;
  while (used != size) {
    const Stretch stretch = is_sparse ? next_stretch(fd, used, size) : Stretch{used, size};
    used = stretch.begin;
    if (used == size) break;
    const ssize_t got = read_at(fd, begin + used, stretch.end - used, used);
    if (got < 0) return errno;
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  data_ = begin;
  size_ = used;
  return 0;
}

// Reads to the end of the file, whatever size was announced: files of /proc announce 0, pipes nothing. Returns an
// error number, or 0.
int FileBytes::read_all(int fd, bool is_stream) {
  std::size_t capacity = size_ + kBeginning;  // more than announced, so that the read that finds the end needs no larger one
  auto buffer = std::make_unique_for_overwrite<std::byte[]>(capacity);
  std::size_t used = 0;
  bool known = !is_stream;
  for (;;) {
    if (!known && used >= kBeginning) {
      if (!identify(Bytes({buffer.get(), used}), path_)) break;  // as whoever opened it will find
      known = true;
    }
    if (is_stream && used > kStreamAtMost) return EFBIG;
    if (used == capacity) {
      auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity * 2);
      std::memcpy(larger.get(), buffer.get(), used);
      buffer = std::move(larger);
      capacity *= 2;
    }
    const ssize_t got = ::read(fd, buffer.get() + used, capacity - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  buffer_ = std::move(buffer);
  data_ = buffer_.get();
  size_ = used;
  return 0;
}

Expected<std::shared_ptr<const FileBytes>> FileBytes::open(const std::string& path) {
  FileDescriptor fd(open_for_reading(path));
  if (fd.get() < 0) return std::unexpected(io_error(path, "cannot open", errno));
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(io_error(path, "cannot read", errno));
  if (S_ISDIR(status.st_mode)) return std::unexpected(io_error(path, "cannot read", EISDIR));

  std::shared_ptr<FileBytes> file(new FileBytes);
  file->id_ = {.device = status.st_dev, .inode = status.st_ino};
  file->path_ = path;
  const bool is_stream = !S_ISREG(status.st_mode);
  file->size_ = is_stream ? 0 : static_cast<std::size_t>(status.st_size);
  if (file->size_ >= kLarge) {
    const FileStart start = look_at_start(fd.get());
    if (start.error_number != 0) return std::unexpected(io_error(path, "cannot read", start.error_number));
    const bool in_parts = start.kind == FileKind::kArchive || start.kind == FileKind::kSharedLibrary;
    if (in_parts && file->size_ > kReadAtMost) {
      file->keep_in_parts(std::move(fd));
      return file;
    }
    if (!start.kind) {  // as whoever opened it will find
      const int failed = file->read_large(fd.get(), kBeginning, false);
      if (failed != 0) return std::unexpected(io_error(path, "cannot read", failed));
      return file;
    }
  }
  const bool is_sparse = static_cast<std::size_t>(status.st_blocks) * 512 < file->size_ / 2;  // POSIX's unit
  const int error_number = file->size_ >= kLarge ? file->read_large(fd.get(), file->size_, is_sparse)
                                                 : file->read_all(fd.get(), is_stream);
  if (error_number == EFBIG) {
    return std::unexpected(
        Error(ErrorCode::kUnsupported, "more than 1 GiB of what is no regular file", {.object = path})
            .with_cure("write it to a file first"));
  }
  if (error_number != 0) return std::unexpected(io_error(path, "cannot read", error_number));
  return file;
}

}  // namespace enfold::read
