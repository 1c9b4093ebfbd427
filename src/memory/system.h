// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The system calls that memory providers make, and no others, behind one interface: a test replaces it to make the n-th
// call fail or to look at the address map after each.
#ifndef ENFOLD_MEMORY_SYSTEM_H_
#define ENFOLD_MEMORY_SYSTEM_H_

#include <cstdint>
#include <limits>
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

// Threads: all functions may be called from several threads at once.
// Errors: the functions that return int return 0 or an errno value.
class System {
 public:
  virtual ~System();

  // mmap at exactly `range`; never anywhere else.
  virtual int map(AddressRange range, int protection, int flags, int file, std::int64_t offset) = 0;
  virtual int unmap(AddressRange range) = 0;
  virtual int protect(AddressRange range, int protection) = 0;
  // madvise(MADV_DONTNEED)
  virtual int discard(AddressRange range) = 0;
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
