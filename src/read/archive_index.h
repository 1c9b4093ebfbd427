// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The symbol index ("armap") of an archive: which member defines a name. Its forms:
//
//   GNU "/"            u32be count, count x u32be header offset, count x NUL-terminated name
//   GNU "/SYM64/"      the same with 64-bit words, where a member starts at 4 GiB or later
//   BSD "__.SYMDEF"    u32le size of the entries, entries of {u32le name's place in the strings, u32le header offset},
//                      u32le size of the strings, strings
//   BSD "__.SYMDEF_64" the same with 64-bit words
#ifndef ENFOLD_READ_ARCHIVE_INDEX_H_
#define ENFOLD_READ_ARCHIVE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/error.h>

#include "read/bytes.h"
#include "read/name_index.h"

namespace enfold::read {

// Ownership: names are borrowed from the archive's bytes.
class ArchiveIndex {
 public:
  void reserve(std::size_t count) { names_.reserve(count); }

  // The first member that is named for a symbol stays. False when there are more symbols than can be numbered.
  [[nodiscard]] bool add(std::string_view symbol, std::uint64_t header_offset);
  // The same of a name that may be "name@@VERSION", which serves "name" and "name@VERSION", too.
  [[nodiscard]] bool add_versioned(std::string_view symbol, std::uint64_t header_offset);

  std::optional<std::uint64_t> find(std::string_view symbol) const;

  std::size_t size() const { return names_.size(); }

  // Calls visit(symbol, header_offset) for each symbol once.
  template <class Visit>
  void for_each(Visit&& visit) const {
    names_.for_each([&](std::string_view name, std::uint32_t number) { visit(name, header_offsets_[number]); });
  }

 private:
  NameIndex names_;  // to an index into header_offsets_
  std::vector<std::uint64_t> header_offsets_;
  std::deque<std::string> made_names_;  // of versions
};

enum class IndexForm : std::uint8_t { kGnu32, kGnu64, kBsd32, kBsd64 };

// The index member, and where it stands.
struct IndexSource {
  IndexForm form = IndexForm::kGnu32;
  Bytes bytes;
  std::uint64_t file_offset = 0;   // of `bytes` in the archive
  std::uint64_t archive_size = 0;  // a header offset must lie below
};

// Errors: kMalformed, placed in `path` at an offset from the archive's start.
Expected<ArchiveIndex> read_archive_index(const IndexSource& source, const std::string& path);

}  // namespace enfold::read

#endif  // ENFOLD_READ_ARCHIVE_INDEX_H_
