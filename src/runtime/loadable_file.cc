// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/loadable_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "align.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8U  // Linux 6.3
#endif

namespace enfold::runtime {
namespace {

std::atomic<std::uint64_t> next_serial{1};

std::string reason(int number) { return std::generic_category().message(number); }

// The same directory, in more characters.
std::string lengthened(std::string directory, std::size_t length) {
  constexpr std::size_t kMost = PATH_MAX - 128;
  while (directory.size() + 1 < std::min(length, kMost)) directory += "/.";
  return directory;
}

// A debugger's own "/proc/self" is another one.
std::string spelt(std::uint64_t serial, int file, std::size_t length) {
  std::string path = "/proc";
  for (; serial != 0; serial /= 2) path += serial % 2 != 0 ? "/." : "/";
  return lengthened(path + fmt::format("/{}/fd", ::getpid()), length) + fmt::format("/{}", file);
}

int above_standard_files(int file) {
  constexpr int kFirst = STDERR_FILENO + 1;
  if (file < 0 || file >= kFirst) return file;
  const int higher = ::fcntl(file, F_DUPFD_CLOEXEC, kFirst);
  const int reason = errno;
  ::close(file);
  errno = reason;
  return higher;
}

const char* from_environment(const char* name) {
  const char* const value = ::secure_getenv(name);
  return value != nullptr && *value == '/' ? value : nullptr;
}

}  // namespace

// Where executable memory files are forbidden, a file has to say that it is none; older systems do not know how.
void append_section_headers(std::vector<std::byte>& object) {
  enum : unsigned { kNone, kSymbols, kNames, kCount };
  const ElfW(Sym) no_symbol{};  // with a name of no character: its string table is one zero
  const std::size_t at = align_up_p2(object.size(), 3);
  std::array<ElfW(Shdr), kCount> headers{};
  headers[kSymbols].sh_type = SHT_DYNSYM;
  headers[kSymbols].sh_offset = at + sizeof headers;
  headers[kSymbols].sh_size = headers[kSymbols].sh_entsize = sizeof no_symbol;
  headers[kSymbols].sh_link = kNames;
  headers[kSymbols].sh_info = 1;  // symbols that are local
  headers[kSymbols].sh_addralign = alignof(ElfW(Sym));
  headers[kNames].sh_type = SHT_STRTAB;
  headers[kNames].sh_offset = headers[kSymbols].sh_offset;
  headers[kNames].sh_size = 1;
  headers[kNames].sh_addralign = 1;
  object.resize(at + sizeof headers + sizeof no_symbol);
  std::memcpy(object.data() + at, headers.data(), sizeof headers);
  ElfW(Ehdr) header;
  std::memcpy(&header, object.data(), sizeof header);
  header.e_shoff = at;
  header.e_shentsize = sizeof(ElfW(Shdr));
  header.e_shnum = kCount;
  header.e_shstrndx = kNames;
  std::memcpy(object.data(), &header, sizeof header);
}

int create_memory_file(const char* name) noexcept {
  const int file = ::memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  return above_standard_files(file < 0 && errno == EINVAL ? ::memfd_create(name, MFD_CLOEXEC) : file);
}

// Who makes a file larger than the limit is sent SIGXFSZ, which ends the process.
int write_all(int file, std::span<const std::byte> bytes) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes.size() > limit.rlim_cur) return EFBIG;
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written == 0 ? EIO : errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

Expected<LoadableFile> LoadableFile::make(std::span<const std::byte> bytes, const char* name, const char* what,
                                          std::size_t length) {
  LoadableFile made;
  std::string tried;
  const auto tries = [&](const char* place, int failure) {
    if (failure != 0) tried += fmt::format("{}{}: {}", tried.empty() ? "" : "; ", place, reason(failure));
    return failure == 0;
  };
  if (tries("memfd_create", made.make_in_memory(bytes, name, length))) return made;
  for (const char* directory : {"/dev/shm", from_environment("XDG_RUNTIME_DIR"), from_environment("TMPDIR"), "/tmp"}) {
    if (directory != nullptr && tries(directory, made.make_in(directory, bytes, length))) return made;
  }
  return std::unexpected(Error(ErrorCode::kRuntime, fmt::format("no file can be made for {}: {}", what, tried))
                             .with_cure("allow memfd_create and mount /proc, or let $TMPDIR name a directory that can "
                                        "be written to; raise the limits of open files (ulimit -n) and file sizes "
                                        "(ulimit -f) if they are reached"));
}

LoadableFile::LoadableFile(LoadableFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      device_(other.device_),
      inode_(other.inode_),
      named_(std::exchange(other.named_, false)),
      path_(std::move(other.path_)) {}

LoadableFile::~LoadableFile() { close(); }

// The number may be another file's by now: programs close what they find open.
void LoadableFile::close() noexcept {
  if (std::exchange(named_, false)) ::unlink(path_.c_str());
  struct stat status {};
  const int file = std::exchange(file_, -1);
  if (file < 0 || ::fstat(file, &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::close(file);
}

int LoadableFile::take(int file, std::string path) noexcept {
  struct stat status {};
  if (::fstat(file, &status) != 0) return errno;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  file_ = file;
  path_ = std::move(path);
  return 0;
}

int LoadableFile::make_in_memory(std::span<const std::byte> bytes, const char* name, std::size_t length) {
  const int file = create_memory_file(name);
  if (file < 0) return errno;
  std::string path = spelt(next_serial.fetch_add(1, std::memory_order_relaxed), file, length);
  int failure = write_all(file, bytes);
  if (failure == 0 && ::access(path.c_str(), R_OK) != 0) failure = errno;
  if (failure == 0) failure = take(file, std::move(path));
  if (failure != 0) ::close(file);
  return failure;
}

// mkostemp() lets nobody but the user read or write it.
int LoadableFile::make_in(const char* directory, std::span<const std::byte> bytes, std::size_t length) {
  std::string path = fmt::format("{}/enfold-{}-{}-XXXXXX", lengthened(directory, length), ::getpid(),
                                 next_serial.fetch_add(1, std::memory_order_relaxed));
  const int file = above_standard_files(::mkostemp(path.data(), O_CLOEXEC));
  if (file < 0) return errno;
  int failure = write_all(file, bytes);
  if (failure == 0) failure = take(file, path);
  named_ = failure == 0;
  if (named_) return 0;
  ::unlink(path.c_str());
  ::close(file);
  return failure;
}

}  // namespace enfold::runtime
