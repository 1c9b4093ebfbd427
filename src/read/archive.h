// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Archives of object files: GNU, BSD and thin, with or without an index. A member has no identity but the offset of its
// header: names repeat (`ar q` twice, or `x/a.o` beside `y/a.o`), and both members count.
//
//   "!<arch>\n" | [index] | [long names] | header, contents, pad to even | header, contents, pad to even | ...
//
// A thin archive ("!<thin>\n") holds the headers only; its members are files named relative to the archive's directory.
#ifndef ENFOLD_READ_ARCHIVE_H_
#define ENFOLD_READ_ARCHIVE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/error.h>

#include "read/archive_header.h"
#include "read/archive_index.h"
#include "read/bytes.h"
#include "read/file_bytes.h"
#include "read/source.h"

namespace enfold::read {

struct ArchiveMember {
  std::string name;  // for display: "libx.a(member.o)"
  std::uint64_t header_offset = 0;
  Bytes bytes;
  std::shared_ptr<const FileBytes> storage;  // of `bytes`, when the archive is thin
};

// Ownership: borrows the archive's bytes; what it returns borrows them, too, unless the archive is thin.
// Threads: const functions may be called from several threads at once.
class Archive {
 public:
  // Calls the sink with the name of each global symbol that an object defines. Names must point into `bytes`.
  // Members that are no objects are to be passed over by returning without a call.
  using Sink = std::function<void(std::string_view symbol)>;
  using Enumerate = std::function<Expected<void>(Bytes bytes, const std::string& display_name, const Sink& sink)>;

  // `path` names the archive in errors and tells where a thin archive's members are. `enumerate` makes up for a missing
  // index; an empty one leaves the archive without any index, for callers that take every member.
  // Errors: kMalformed; kIo for members of thin archives.
  static Expected<Archive> open(Source source, std::string path, const Enumerate& enumerate);

  // Header offset of the member that defines `symbol`: the first, in the order of the index.
  std::optional<std::uint64_t> find(std::string_view symbol) const { return index_.find(symbol); }

  // Calls visit(symbol, header_offset) for each symbol of the index, with what `find` would give.
  template <class Visit>
  void for_each_symbol(Visit&& visit) const {
    index_.for_each(visit);
  }

  // The member whose header is at `header_offset`. Each call for a thin archive's member reads its file.
  Expected<ArchiveMember> member(std::uint64_t header_offset) const { return member(header_offset, 0); }

  // All in the file's order; the index and the table of long names are none.
  Expected<std::vector<ArchiveMember>> members() const;

  // The first that is_wanted(member) says yes to.
  Expected<std::optional<ArchiveMember>> find_member(
      const std::function<bool(const ArchiveMember& member)>& is_wanted) const;

  bool is_thin() const { return thin_; }
  std::size_t symbol_count() const { return index_.size(); }

 private:
  // A member as it stands in the archive.
  struct Entry {
    std::uint64_t header_offset = 0;
    std::uint64_t next_offset = 0;
    std::string_view name;
    std::uint64_t origin = 0;  // in the nested archive `name`; 0 where not nested
    Bytes bytes;               // empty where the archive is thin
  };
  struct Name {
    std::string_view text;
    std::uint64_t origin = 0;
    std::uint64_t stored_size = 0;  // how much of the contents the name takes
  };

  Archive(Source source, std::string path, bool thin) : source_(source), path_(std::move(path)), thin_(thin) {}

  Expected<void> read_leading_members(std::optional<IndexSource>& index);
  Expected<void> build_index(const Enumerate& enumerate);
  Expected<Entry> entry(std::uint64_t header_offset) const;
  Expected<Name> name_of(const MemberHeader& header, std::uint64_t header_offset) const;
  Expected<Name> long_name(std::string_view place, std::uint64_t header_offset) const;
  Expected<ArchiveMember> member(std::uint64_t header_offset, int depth) const;
  Expected<ArchiveMember> external_member(const Entry& entry, int depth) const;
  std::string display_name(std::string_view member_name) const;
  Error malformed(std::uint64_t offset, std::string message) const;

  Source source_;
  std::string path_;
  bool thin_ = false;
  Bytes long_names_;
  std::uint64_t first_member_ = kArchiveMagicSize;
  ArchiveIndex index_;
  std::vector<std::shared_ptr<const FileBytes>> index_storage_;  // of names that were enumerated in thin members
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_ARCHIVE_H_
