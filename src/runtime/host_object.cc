// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Symbols are looked up by name in the hash table of the object that holds the address (DT_GNU_HASH, or System V's
// DT_HASH: gABI, "Hash Table"). dladdr1(3) would do for a start, but it walks the whole table, 3,000 symbols of libc
// for each call, and it answers with the nearest symbol at or before the address, whatever that is.
#include "runtime/host_object.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/auxv.h>

#include "elf_hash.h"
#include "runtime/loader_call.h"

namespace enfold::runtime {
namespace {

struct Search {
  std::uint64_t address = 0;
  bool begun = false;
  bool initial = false;  // the objects that are visited now
  std::optional<HostObject> found{};
};

bool covers(std::uint64_t address, std::uint64_t start, std::uint64_t size) {
  return address >= start && address - start < size;
}

// Objects are listed in the order in which they were loaded. Those that a process begins with, from the executable to
// the C library and on, are never unloaded, and come first in the global scope. A program without an interpreter begins
// with none; nor does a namespace of dlmopen(3), whose list has no executable.
bool begins_with(const HostObject& first) { return getauxval(AT_BASE) != 0 && *first.name == '\0'; }
std::uint64_t in_c_library() { return reinterpret_cast<std::uint64_t>(&::abort); }

// What the object says of its thread-locals, and the calling thread's copy of them.
void note_thread_block(const dl_phdr_info& info, std::size_t info_size, HostObject& object) {
  if (info_size < offsetof(dl_phdr_info, dlpi_tls_data) + sizeof info.dlpi_tls_data) return;
  object.thread_module = info.dlpi_tls_modid;
  object.thread_block = reinterpret_cast<std::uint64_t>(info.dlpi_tls_data);
}

int visit(dl_phdr_info* info, std::size_t info_size, void* data) {
  Search& search = *static_cast<Search*>(data);
  HostObject object{.bias = info->dlpi_addr};
  if (info->dlpi_name != nullptr) object.name = info->dlpi_name;
  if (!std::exchange(search.begun, true)) search.initial = begins_with(object);
  object.initial = search.initial;
  note_thread_block(*info, info_size, object);
  bool found = false;
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type == PT_DYNAMIC) {
      object.dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + header.p_vaddr);
    } else if (header.p_type == PT_LOAD) {
      const std::uint64_t start = info->dlpi_addr + header.p_vaddr;
      if (covers(in_c_library(), start, header.p_memsz)) search.initial = false;  // those behind it
      if (!covers(search.address, start, header.p_memsz)) continue;
      found = true;
      object.executable = (header.p_flags & PF_X) != 0;
      object.read_only = object.read_only || (header.p_flags & PF_W) == 0;
    } else if (header.p_type == PT_GNU_RELRO) {
      object.read_only |= covers(search.address, info->dlpi_addr + header.p_vaddr, header.p_memsz);
    } else if (header.p_type == PT_TLS && object.thread_block != 0 &&
               covers(search.address, object.thread_block, header.p_memsz)) {
      found = object.thread_local_block = true;
    }
  }
  if (found) search.found = object;
  return found ? 1 : 0;
}

// The tables of PT_DYNAMIC that look-up needs.
struct SymbolTables {
  const DynamicSymbol* symbols = nullptr;
  const char* names = nullptr;
  const std::uint32_t* gnu_hash = nullptr;
  const std::uint32_t* hash = nullptr;
  const ElfW(Half) * versions = nullptr;
};

SymbolTables tables_of(const HostObject& object) {
  SymbolTables tables;
  for (const ElfW(Dyn)* entry = object.dynamic; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
    // Most dynamic linkers turn these into addresses in place; where they do not, the value is below the bias.
    const std::uint64_t table = entry->d_un.d_ptr < object.bias ? object.bias + entry->d_un.d_ptr : entry->d_un.d_ptr;
    switch (entry->d_tag) {
      case DT_SYMTAB:
        tables.symbols = reinterpret_cast<const DynamicSymbol*>(table);
        break;
      case DT_STRTAB:
        tables.names = reinterpret_cast<const char*>(table);
        break;
      case DT_GNU_HASH:
        tables.gnu_hash = reinterpret_cast<const std::uint32_t*>(table);
        break;
      case DT_HASH:
        tables.hash = reinterpret_cast<const std::uint32_t*>(table);
        break;
      case DT_VERSYM:
        tables.versions = reinterpret_cast<const ElfW(Half)*>(table);
        break;
      default:
        break;
    }
  }
  return tables;
}

// Collects the best of the symbols with one name.
struct Choice {
  const SymbolTables& tables;
  std::string_view name;
  std::optional<std::uint64_t> value;  // the address without the bias; of thread-locals, the offset, or any
  bool thread_local_one = false;
  const DynamicSymbol* exact = nullptr;
  const DynamicSymbol* indirect = nullptr;

  void consider(std::uint32_t index) {
    const DynamicSymbol& symbol = tables.symbols[index];
    if (symbol.st_shndx == SHN_UNDEF || name != tables.names + symbol.st_name) return;
    const auto type = ELF64_ST_TYPE(symbol.st_info);
    if ((type == STT_TLS) != thread_local_one) return;
    if (type == STT_GNU_IFUNC) {
      indirect = &symbol;
    } else if (!value || symbol.st_value == *value) {
      exact = &symbol;
    }
  }
};

// Header: bucket count, first symbol index, Bloom word count, Bloom shift. Then the Bloom filter in words of the
// machine, the buckets, and for each symbol its hash, of which the lowest bit says that its chain ends.
void search_gnu_hash(Choice& choice) {
  const std::uint32_t* header = choice.tables.gnu_hash;
  const std::uint32_t bucket_count = header[0], first = header[1], bloom_count = header[2];
  if (bucket_count == 0) return;
  const std::uint32_t* buckets = header + 4 + std::size_t{bloom_count} * (sizeof(ElfW(Addr)) / 4);
  const std::uint32_t* hashes = buckets + bucket_count;
  const std::uint32_t hash = gnu_hash_of(choice.name);
  std::uint32_t index = buckets[hash % bucket_count];
  if (index < first) return;
  for (;; ++index) {
    const std::uint32_t entry = hashes[index - first];
    if ((entry | 1) == (hash | 1)) choice.consider(index);
    if ((entry & 1) != 0) return;
  }
}

// bucket count, chain count, buckets, chains
void search_sysv_hash(Choice& choice) {
  const std::uint32_t* header = choice.tables.hash;
  const std::uint32_t bucket_count = header[0];
  if (bucket_count == 0) return;
  const std::uint32_t* chains = header + 2 + bucket_count;
  std::uint32_t index = header[2 + sysv_hash_of(choice.name) % bucket_count];
  for (; index != STN_UNDEF; index = chains[index]) choice.consider(index);
}

const DynamicSymbol* search(const SymbolTables& tables, std::string_view name, std::optional<std::uint64_t> value,
                            bool thread_local_one) {
  if (tables.symbols == nullptr || tables.names == nullptr) return nullptr;
  Choice choice{.tables = tables, .name = name, .value = value, .thread_local_one = thread_local_one};
  if (tables.gnu_hash != nullptr) {
    search_gnu_hash(choice);
  } else if (tables.hash != nullptr) {
    search_sysv_hash(choice);
  }
  return choice.exact != nullptr ? choice.exact : choice.indirect;
}

std::optional<DynamicSymbol> search(const HostObject& object, std::string_view name,
                                    std::optional<std::uint64_t> value, bool thread_local_one) {
  const DynamicSymbol* found = search(tables_of(object), name, value, thread_local_one);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

}  // namespace

std::optional<HostObject> find_host_object(std::uint64_t address) {
  const LoaderCall call;
  Search search{.address = address};
  dl_iterate_phdr(visit, &search);
  return search.found;
}

std::optional<DynamicSymbol> find_dynamic_symbol(const HostObject& object, std::string_view name,
                                                 std::uint64_t address) {
  return search(object, name, address - object.bias, false);
}

std::optional<DynamicSymbol> find_dynamic_symbol(const HostObject& object, std::string_view name) {
  return search(object, name, std::nullopt, false);
}

bool serves_all_versions(const HostObject& object, std::string_view name, std::uint64_t address) {
  const SymbolTables tables = tables_of(object);
  const DynamicSymbol* found = search(tables, name, address - object.bias, false);
  return found != nullptr && (tables.versions == nullptr || tables.versions[found - tables.symbols] <= VER_NDX_GLOBAL);
}

std::optional<DynamicSymbol> find_thread_symbol(const HostObject& object, std::string_view name,
                                                std::optional<std::uint64_t> offset) {
  return search(object, name, offset, true);
}

}  // namespace enfold::runtime
