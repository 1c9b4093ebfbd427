// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an ELF64 shared library defines, read from its file without loading it. Only what the dynamic linker itself will
// look at is read: the dynamic segment and the tables it points to. Section headers may be missing or wrong.
#ifndef ENFOLD_READ_SHARED_LIBRARY_H_
#define ENFOLD_READ_SHARED_LIBRARY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <enfold/error.h>

#include "read/bytes.h"
#include "read/name_index.h"

namespace enfold::read {

enum class SharedSymbolType : std::uint8_t { kNoType, kFunction, kObject, kIfunc, kTls };

struct SharedSymbol {
  SharedSymbolType type = SharedSymbolType::kNoType;
  bool weak = false;
  std::uint64_t size = 0;
  std::uint64_t value = 0;  // address before relocation; for kTls, offset in the library's block
};

// Ownership: borrows the file's bytes.
// Threads: const functions may be called from several threads at once.
class SharedLibrary {
 public:
  // Errors: kMalformed; kUnsupported for position-independent executables, 32-bit and big-endian files.
  static Expected<SharedLibrary> open(Bytes bytes, const std::string& path);

  std::uint16_t machine() const { return machine_; }            // e_machine
  const std::string& soname() const { return soname_; }         // empty where the library has none

  // The definition that a program linked today would bind to: not an undefined symbol, not a local or hidden one, and
  // not of a version kept for old programs only ("name@VERSION").
  std::optional<SharedSymbol> find(std::string_view name) const;

 private:
  // The tables' ends are not recorded: each runs to the end of the segment that it begins in.
  struct Tables {
    Bytes symbols;
    Bytes strings;
    Bytes versions;  // empty where symbols have none
  };
  struct GnuHash {
    std::uint32_t bucket_count = 0;
    std::uint32_t first_symbol = 0;
    std::uint32_t bloom_size = 0;
    std::uint32_t bloom_shift = 0;
    Bytes bloom;
    Bytes buckets;
    Bytes chains;
  };
  friend class SharedLibraryReader;

  std::optional<SharedSymbol> find_hashed(std::string_view name) const;
  std::optional<SharedSymbol> definition(std::uint64_t index) const;
  bool is_named(std::uint64_t index, std::string_view name) const;

  std::uint16_t machine_ = 0;
  std::string soname_;
  Tables tables_;
  std::optional<GnuHash> gnu_hash_;
  NameIndex names_;  // where there is no DT_GNU_HASH
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_SHARED_LIBRARY_H_
