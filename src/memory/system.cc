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

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace enfold::memory {
namespace {

void* pointer(std::uint64_t address) { return reinterpret_cast<void*>(address); }

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

  int discard(AddressRange range) override {
    return ::madvise(pointer(range.lo), range.hi - range.lo, MADV_DONTNEED) == 0 ? 0 : errno;
  }

  int read_file(const char* path, std::string& text) override {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    const int failure = read_all(file, text);
    ::close(file);
    return failure;
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
  static HostSystem system;
  return system;
}

Error system_error(std::string_view call, AddressRange range, int number) {
  return Error(ErrorCode::kMemory,
               fmt::format("{} of {} bytes at {:#x}: {}", call, range.hi - range.lo, range.lo, describe(number)));
}

Error system_error(std::string_view call, std::string_view path, int number) {
  return Error(ErrorCode::kMemory, fmt::format("{} of {}: {}", call, path, describe(number)));
}

}  // namespace enfold::memory
