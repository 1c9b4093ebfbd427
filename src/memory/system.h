// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The system calls that memory providers make, and no others, behind one interface: a test replaces it to make the n-th
// call fail or to look at the address map after each.
#ifndef ENFOLD_MEMORY_SYSTEM_H_
#define ENFOLD_MEMORY_SYSTEM_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <enfold/error.h>
#include <enfold/memory.h>

namespace enfold::memory {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Units: bytes.
struct Limits {
  std::uint64_t address_space = kUnlimited;  // RLIMIT_AS: counts reservations
  std::uint64_t stack = kUnlimited;          // RLIMIT_STACK
};

// advice: brings pages in, ready to be written. MADV_POPULATE_WRITE of Linux 5.14, which older C libraries do not name
// and older kernels refuse: there pages come as they are touched.
inline constexpr int kPopulateWrite = 23;

// Threads: all functions may be called from several threads at once.
// Errors: the functions that return int return 0 or an errno value.
class System {
 public:
  virtual ~System();

  // mmap at exactly `range`; never anywhere else.
  virtual int map(AddressRange range, int protection, int flags, int file, std::int64_t offset) = 0;
  virtual int unmap(AddressRange range) = 0;
  virtual int protect(AddressRange range, int protection) = 0;
  // madvise
  virtual int advise(AddressRange range, int advice) = 0;
  // mmap where the kernel likes.
  virtual int map_anywhere(std::uint64_t size, int protection, int flags, int file, std::uint64_t& address) = 0;
  // mremap(MREMAP_MAYMOVE | MREMAP_FIXED): the pages of `from` replace those at `to`.
  virtual int move(AddressRange from, std::uint64_t to) = 0;
  // memfd_create and ftruncate: a file of zeros in memory that may be mapped executable.
  virtual int create_file(const char* name, std::uint64_t size, int& file) = 0;
  // open(O_CLOEXEC)
  virtual int open_file(const char* path, int flags, int& file) = 0;
  virtual void close_file(int file) = 0;
  // pwrite of all bytes. Into /proc/self/mem at an address of this process: a forced write, which asks for no write
  // permission and makes a private copy of a private page.
  virtual int write_at(int file, std::span<const std::byte> bytes, std::uint64_t offset) = 0;
  virtual int process_id() = 0;
  // Replaces `text` by all of the file.
  virtual int read_file(const char* path, std::string& text) = 0;
  virtual int limits(Limits& limits) = 0;
  // Where the heap ends now: sbrk(0).
  virtual std::uint64_t program_break() = 0;
  virtual std::uint64_t page_size() = 0;
};

// This process. Stateless.
System& host_system();

// kMemory: "mmap of 4096 bytes at 0x10000: Cannot allocate memory (ENOMEM)".
Error system_error(std::string_view call, AddressRange range, int number);
Error system_error(std::string_view call, std::string_view path, int number);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_SYSTEM_H_
