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
#include <utility>
#include <vector>

#include <enfold/error.h>

#include "read/bytes.h"
#include "read/name_index.h"
#include "read/source.h"

namespace enfold::read {

enum class SharedSymbolType : std::uint8_t { kNoType, kFunction, kObject, kIfunc, kTls };

struct SharedSymbol {
  SharedSymbolType type = SharedSymbolType::kNoType;
  bool weak = false;
  std::uint64_t size = 0;
  std::uint64_t value = 0;  // address before relocation; for kTls, offset in the library's block
  std::string_view version{};  // empty where the library gives the symbol none
};

// Ownership: borrows the file's bytes.
// Threads: const functions may be called from several threads at once.
class SharedLibrary {
 public:
  // Errors: kMalformed; kUnsupported for position-independent executables, 32-bit and big-endian files.
  static Expected<SharedLibrary> open(Source source, const std::string& path);

  std::uint16_t machine() const { return machine_; }            // e_machine
  const std::string& soname() const { return soname_; }         // empty where the library has none

  // The definition that a program linked today would bind to: not an undefined symbol, not a local or hidden one, and
  // not of a version kept for old programs only ("name@VERSION").
  std::optional<SharedSymbol> find(std::string_view name) const;
  // The definition of that version, default or not: what "name@VERSION" refers to.
  std::optional<SharedSymbol> find(std::string_view name, std::string_view version) const;

  // The versions that there are of a name. Looks at all symbols.
  std::vector<std::string_view> versions_of(std::string_view name) const;
  // The names that the object at that address has. The first call looks at all symbols; one thread at a time.
  std::vector<std::string_view> names_at(std::uint64_t value) const;

  // Is that address in a part that is never written to once the library is relocated?
  bool is_read_only(std::uint64_t value) const;

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };
  // As far as the hash table says that there are symbols, or as the segment goes.
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

  template <class Accept>
  std::optional<SharedSymbol> find_hashed(std::string_view name, const Accept& accept) const;
  template <class Visit>
  void each_symbol(const Visit& visit) const;
  std::optional<SharedSymbol> definition(std::uint64_t index) const;
  // The same, of whatever version.
  std::optional<SharedSymbol> any_definition(std::uint64_t index) const;
  std::string_view version_at(std::uint64_t index) const;
  bool is_named(std::uint64_t index, std::string_view name) const;

  std::uint16_t machine_ = 0;
  std::string soname_;
  Tables tables_;
  std::optional<GnuHash> gnu_hash_;
  mutable std::vector<std::pair<std::uint64_t, std::uint64_t>> by_value_;  // with their indices; empty until asked for
  NameIndex names_;  // where there is no DT_GNU_HASH
  std::uint64_t symbol_count_ = 0;  // likewise
  std::vector<std::string_view> versions_;  // by their number in the version table; empty: none
  std::vector<Range> writable_, relocated_;  // addresses: of writable segments, of RELRO
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_SHARED_LIBRARY_H_
