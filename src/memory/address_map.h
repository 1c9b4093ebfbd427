// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What lies where in the process, and where nothing does. Linux describes its mappings in /proc/self/maps, a line each
// (proc(5)):
//
//   7fac7e1ad000-7fac7e303000 r-xp 00026000 fe:00 332835     /usr/lib/x86_64-linux-gnu/libc.so.6
//
// Not every gap between two mappings is free for the taking: the heap grows up from the program break, the main
// thread's stack grows down, and both grow silently into whatever gap is there.
#ifndef ENFOLD_MEMORY_ADDRESS_MAP_H_
#define ENFOLD_MEMORY_ADDRESS_MAP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/error.h>
#include <enfold/memory.h>

#include "memory/system.h"

namespace enfold::memory {

struct Mapping {
  AddressRange range{};
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool shared = false;
  std::string path{};  // a file, or a name of the kernel's: "[heap]", "[stack]", "[vdso]"

  friend bool operator==(const Mapping&, const Mapping&) = default;
};

struct AddressMap {
  std::vector<Mapping> mappings{};  // rising addresses, user space only
  std::uint64_t lowest = 0;         // nothing may be mapped below
  std::uint64_t program_break = 0;  // 0 where unknown
  Limits limits{};

  // Bytes of address space in use, as RLIMIT_AS counts them.
  std::uint64_t mapped_size() const;

  // Unused ranges, rising, less the room that their neighbours need to grow. None above the highest mapping.
  std::vector<AddressRange> gaps() const;
};

// The mappings in the text of a maps file. Lines that are not understood, and [vsyscall], which lies outside user
// space, are left out.
std::vector<Mapping> parse_mappings(std::string_view text);

// Errors: kMemory, where /proc is not mounted.
Expected<AddressMap> read_address_map(System& system);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_ADDRESS_MAP_H_
