// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace enfold::read {
namespace {

// Below this size a copy costs less than the faults and the unmapping of a mapping.
constexpr std::size_t kMapThreshold = std::size_t{64} << 10;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

int open_for_reading(const std::string& path) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

Error io_error(const std::string& path, const char* what, int error_number) {
  return Error(ErrorCode::kIo, std::string(what) + ": " + std::generic_category().message(error_number),
               {.object = path});
}

}  // namespace

FileBytes::~FileBytes() {
  if (mapped_) ::munmap(const_cast<std::byte*>(data_), size_);
}

bool FileBytes::map(int fd, std::size_t size) {
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) return false;
  data_ = static_cast<const std::byte*>(address);
  size_ = size;
  mapped_ = true;
  return true;
}

// Reads to the end of the file, whatever size was announced: files of /proc announce 0, pipes nothing. Returns an
// error number, or 0.
int FileBytes::read_all(int fd, std::size_t expected_size) {
  // One byte more than announced, so that the read that finds the end needs no larger buffer.
  std::size_t capacity = std::max<std::size_t>(expected_size, 4095) + 1;
  auto buffer = std::make_unique_for_overwrite<std::byte[]>(capacity);
  std::size_t used = 0;
  for (;;) {
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
  const FileDescriptor fd(open_for_reading(path));
  if (fd.get() < 0) return std::unexpected(io_error(path, "cannot open", errno));
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(io_error(path, "cannot read", errno));
  if (S_ISDIR(status.st_mode)) return std::unexpected(io_error(path, "cannot read", EISDIR));

  std::shared_ptr<FileBytes> file(new FileBytes);
  file->id_ = {.device = status.st_dev, .inode = status.st_ino};
  file->path_ = path;
  const std::size_t size = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
  if (size >= kMapThreshold && file->map(fd.get(), size)) return file;
  if (const int error_number = file->read_all(fd.get(), size); error_number != 0) {
    return std::unexpected(io_error(path, "cannot read", error_number));
  }
  return file;
}

}  // namespace enfold::read
