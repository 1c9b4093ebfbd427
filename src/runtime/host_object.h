// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the process's loaded objects (the executable and its shared libraries) say about an address. dlsym(3) returns a
// bare address; a linker has to know more: code or data, how large, or the calling thread's copy of a thread-local.
#ifndef ENFOLD_RUNTIME_HOST_OBJECT_H_
#define ENFOLD_RUNTIME_HOST_OBJECT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include <elf.h>
#include <link.h>

namespace enfold::runtime {

using DynamicSymbol = ElfW(Sym);

// The loaded object and segment that an address lies in.
struct HostObject {
  std::uint64_t bias = 0;               // what the object's own addresses are off by
  const ElfW(Dyn) * dynamic = nullptr;  // null in a static executable
  bool executable = false;              // the segment holds code
  bool initial = false;                 // loaded as the process began: it never goes, and none comes before it
  bool thread_local_block = false;      // the address is in the calling thread's copy of the object's PT_TLS
  bool read_only = false;               // nobody writes there once the object is relocated
  std::uint64_t thread_module = 0;      // what the dynamic linker numbers its thread-locals with; 0: it has none
  std::uint64_t thread_block = 0;       // the calling thread's copy; 0: it has none yet
  const char* name = "";                // it was loaded under; of the executable, empty
};

std::optional<HostObject> find_host_object(std::uint64_t address);

// What the object's dynamic symbol table knows `name` as: of several versions of one name, that of `address`, or else
// an indirect function, whose address in the table is its resolver's.
std::optional<DynamicSymbol> find_dynamic_symbol(const HostObject& object, std::string_view name,
                                                 std::uint64_t address);

// Any that it defines under that name, and that is no thread-local.
std::optional<DynamicSymbol> find_dynamic_symbol(const HostObject& object, std::string_view name);

// Does the object define `name` at that address without a version? That serves references to any (glibc, elf/dl-lookup.c).
bool serves_all_versions(const HostObject& object, std::string_view name, std::uint64_t address);

// The thread-local of that name, and at that offset, if one is given.
std::optional<DynamicSymbol> find_thread_symbol(const HostObject& object, std::string_view name,
                                                std::optional<std::uint64_t> offset);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_HOST_OBJECT_H_
