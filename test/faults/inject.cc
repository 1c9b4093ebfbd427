// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "inject.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

// The C library's own, under names that nobody interposes.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

constexpr long kNever = -1;
constexpr const char* kNames[kFaultKindCount] = {"allocation", "map", "protect", "thread", "open", "read", "file"};

std::atomic<int> chosen{kFaultKindCount};
std::atomic<long> left{kNever};
std::atomic<bool> all_that_follow{false};
std::atomic<bool> failed{false};
int told = -1;

bool fails(FaultKind kind) {
  if (chosen.load(std::memory_order_relaxed) != kind) return false;
  if (failed.load(std::memory_order_relaxed)) return all_that_follow.load(std::memory_order_relaxed);
  if (left.fetch_sub(1, std::memory_order_relaxed) != 0) return false;
  failed = true;
  if (told >= 0) ::syscall(SYS_write, told, "!", 1);
  return true;
}

template <class Result>
Result failure(int error, Result result) {
  errno = error;
  return result;
}

[[gnu::constructor(101)]] void read_environment() {
  const char* text = std::getenv("ENFOLD_FAULT");
  if (text == nullptr) return;
  const auto* path = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  const bool again = std::strncmp(path, "/proc/self/fd", 13) == 0;
  if (again != (std::strstr(text, ":again") != nullptr)) return;
  for (int kind = 0; kind < kFaultKindCount; ++kind) {
    const std::size_t size = std::strlen(kNames[kind]);
    if (std::strncmp(text, kNames[kind], size) != 0 || text[size] != ':') continue;
    char* end = nullptr;
    const long n = std::strtol(text + size + 1, &end, 10);
    told = *end == ':' ? std::atoi(end + 1) : -1;
    enfold_fault_set(static_cast<FaultKind>(kind), n, 0);
  }
}

int open_at(int directory, const char* path, int flags, va_list& arguments) {
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  const mode_t mode = has_mode ? va_arg(arguments, mode_t) : 0;
  if (fails(kFaultOpen)) return failure(EMFILE, -1);
  return static_cast<int>(::syscall(SYS_openat, directory, path, flags, mode));
}

}  // namespace

extern "C" {

void enfold_fault_set(FaultKind kind, long n, int more) {
  failed = false;
  all_that_follow = more != 0;
  left = n;
  chosen = kind;
}

int enfold_fault_clear() {
  chosen = kFaultKindCount;
  return failed.load();
}

void* malloc(std::size_t size) noexcept {
  return fails(kFaultAllocation) ? failure<void*>(ENOMEM, nullptr) : __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails(kFaultAllocation) ? failure<void*>(ENOMEM, nullptr) : __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  return fails(kFaultAllocation) ? failure<void*>(ENOMEM, nullptr) : __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails(kFaultAllocation) ? failure<void*>(ENOMEM, nullptr) : __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept { return aligned_alloc(alignment, size); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  void* const made = aligned_alloc(alignment, size);
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

void* mmap(void* address, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  if (fails(kFaultMap)) return failure(ENOMEM, MAP_FAILED);
  return reinterpret_cast<void*>(::syscall(SYS_mmap, address, size, protection, flags, file, offset));
}
void* mmap64(void* address, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  return mmap(address, size, protection, flags, file, offset);
}
int mprotect(void* address, std::size_t size, int protection) noexcept {
  if (fails(kFaultProtect)) return failure(ENOMEM, -1);
  return static_cast<int>(::syscall(SYS_mprotect, address, size, protection));
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) noexcept {
  using Create = decltype(&pthread_create);
  static const Create create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  return fails(kFaultThread) ? EAGAIN : create(thread, attributes, run, argument);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int file = open_at(AT_FDCWD, path, flags, arguments);
  va_end(arguments);
  return file;
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int file = open_at(AT_FDCWD, path, flags, arguments);
  va_end(arguments);
  return file;
}
int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int file = open_at(directory, path, flags, arguments);
  va_end(arguments);
  return file;
}

ssize_t read(int file, void* bytes, std::size_t size) {
  return fails(kFaultRead) ? failure<ssize_t>(EIO, -1) : ::syscall(SYS_read, file, bytes, size);
}
ssize_t pread(int file, void* bytes, std::size_t size, off_t offset) {
  return fails(kFaultRead) ? failure<ssize_t>(EIO, -1) : ::syscall(SYS_pread64, file, bytes, size, offset);
}
ssize_t pread64(int file, void* bytes, std::size_t size, off_t offset) { return pread(file, bytes, size, offset); }

int memfd_create(const char* name, unsigned flags) noexcept {
  return fails(kFaultFile) ? failure(EMFILE, -1) : static_cast<int>(::syscall(SYS_memfd_create, name, flags));
}
}
