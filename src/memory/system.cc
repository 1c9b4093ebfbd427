// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/system.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/core.h>

#include "fork.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

namespace enfold::memory {
namespace {

void* pointer(std::uint64_t address) { return reinterpret_cast<void*>(address); }

constexpr int kHighFile = 1000;  // below 1,024, which select(2) and the usual limit end at

std::uint64_t limit_of(rlim_t limit) { return limit == RLIM_INFINITY ? kUnlimited : std::uint64_t{limit}; }

// read(2) until the end. Files under /proc have no size and come in pieces of a page or less.
int read_all(int file, std::string& text) {
  constexpr std::size_t kPiece = 64 << 10;
  std::size_t used = 0;
  for (;;) {
    text.resize(used + kPiece);
    const ssize_t got = ::read(file, text.data() + used, kPiece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    used += static_cast<std::size_t>(got);
    if (got == 0) break;
  }
  text.resize(used);
  return 0;
}

// Who makes a file larger than the limit is sent SIGXFSZ, which ends the process, though it be a file in memory.
bool may_have_file(std::uint64_t size) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) != 0 || size <= limit_of(limit.rlim_cur);
}

// Kernels before 6.3 know no MFD_EXEC, and some refuse it; without it the file is executable there by default.
int create_executable_file(const char* name) {
  const int file = ::memfd_create(name, MFD_CLOEXEC | MFD_EXEC);
  return file >= 0 ? file : ::memfd_create(name, MFD_CLOEXEC);
}

class HostSystem final : public System {
 public:
  int map(AddressRange range, int protection, int flags, int file, std::int64_t offset) override {
    void* got = ::mmap(pointer(range.lo), range.hi - range.lo, protection, flags, file, offset);
    if (got == MAP_FAILED) return errno;
    if (got == pointer(range.lo)) return 0;
    // A kernel before 4.17 takes MAP_FIXED_NOREPLACE for a mere wish.
    ::munmap(got, range.hi - range.lo);
    return EEXIST;
  }

  int unmap(AddressRange range) override { return ::munmap(pointer(range.lo), range.hi - range.lo) == 0 ? 0 : errno; }

  int protect(AddressRange range, int protection) override {
    return ::mprotect(pointer(range.lo), range.hi - range.lo, protection) == 0 ? 0 : errno;
  }

  int advise(AddressRange range, int advice) override {
    return ::madvise(pointer(range.lo), range.hi - range.lo, advice) == 0 ? 0 : errno;
  }

  int map_anywhere(std::uint64_t size, int protection, int flags, int file, std::uint64_t& address) override {
    void* got = ::mmap(nullptr, size, protection, flags, file, 0);
    if (got == MAP_FAILED) return errno;
    address = reinterpret_cast<std::uint64_t>(got);
    return 0;
  }

  int move(AddressRange from, std::uint64_t to) override {
    const std::uint64_t size = from.hi - from.lo;
    void* got = ::mremap(pointer(from.lo), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, pointer(to));
    return got == MAP_FAILED ? errno : 0;
  }

  int create_file(const char* name, std::uint64_t size, int& file) override {
    if (!may_have_file(size)) return EFBIG;
    file = create_executable_file(name);
    if (file < 0) return errno;
    if (::ftruncate(file, static_cast<off_t>(size)) == 0) return 0;
    const int failure = errno;
    ::close(file);
    return failure;
  }

  int open_file(const char* path, int flags, int& file) override {
    const int low = ::open(path, flags | O_CLOEXEC);
    if (low < 0) return errno;
    // Programs see which numbers their own files get: ours is to stay out of the way, where the limit lets it.
    const int high = ::fcntl(low, F_DUPFD_CLOEXEC, kHighFile);
    file = high < 0 ? low : high;
    if (high >= 0) ::close(low);
    return 0;
  }

  void close_file(int file) override { ::close(file); }

  int write_at(int file, std::span<const std::byte> bytes, std::uint64_t offset) override {
    while (!bytes.empty()) {
      const ssize_t done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return done == 0 ? EIO : errno;
      bytes = bytes.subspan(static_cast<std::size_t>(done));
      offset += static_cast<std::uint64_t>(done);
    }
    return 0;
  }

  int process_id() override { return ::getpid(); }

  int read_file(const char* path, std::string& text) override {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    const struct Closed {
      int file;
      ~Closed() { ::close(file); }
    } closed{file};
    return read_all(file, text);
  }

  int limits(Limits& limits) override {
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0) return errno;
    limits.address_space = limit_of(limit.rlim_cur);
    if (::getrlimit(RLIMIT_STACK, &limit) != 0) return errno;
    limits.stack = limit_of(limit.rlim_cur);
    return 0;
  }

  std::uint64_t program_break() override {
    void* now = ::sbrk(0);
    return now == pointer(kUnlimited) ? 0 : reinterpret_cast<std::uint64_t>(now);
  }

  std::uint64_t page_size() override { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }
};

// "Cannot allocate memory (ENOMEM)"
std::string describe(int number) {
  std::string text = std::generic_category().message(number);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  if (const char* symbol = ::strerrorname_np(number)) return fmt::format("{} ({})", text, symbol);
#endif
  return fmt::format("{} (errno {})", text, number);
}

}  // namespace

System::~System() = default;

System& host_system() {
  return lasting<HostSystem>();
}

Error system_error(std::string_view call, AddressRange range, int number) {
  return Error(ErrorCode::kMemory,
               fmt::format("{} of {} bytes at {:#x}: {}", call, range.hi - range.lo, range.lo, describe(number)));
}

Error system_error(std::string_view call, std::string_view path, int number) {
  return Error(ErrorCode::kMemory, fmt::format("{} of {}: {}", call, path, describe(number)));
}

}  // namespace enfold::memory
