// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/archive_index.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "read/archive_header.h"

namespace enfold::read {
namespace {

// One reader for 32-bit and 64-bit words.
template <class Word>
class IndexReader {
 public:
  IndexReader(const IndexSource& source, const std::string& path) : source_(source), path_(path) {}

  Expected<ArchiveIndex> read_gnu();
  Expected<ArchiveIndex> read_bsd();

 private:
  Error malformed(std::uint64_t offset, std::string message) const {
    return Error(ErrorCode::kMalformed, std::move(message),
                 {.object = path_, .offset = source_.file_offset + offset});
  }

  Expected<void> add(std::string_view name, std::uint64_t header_offset, std::uint64_t at);

  const IndexSource& source_;
  const std::string& path_;
  const bool versions_ = source_.bytes.text().find("@@") != std::string_view::npos;  // few have any
  ArchiveIndex index_;
};

template <class Word>
Expected<void> IndexReader<Word>::add(std::string_view name, std::uint64_t header_offset, std::uint64_t at) {
  const bool inside = header_offset >= kArchiveMagicSize && header_offset < source_.archive_size &&
                      source_.archive_size - header_offset >= kMemberHeaderSize;
  if (!inside) return std::unexpected(malformed(at, "the archive's index points outside the archive"));
  const bool fits = versions_ ? index_.add_versioned(name, header_offset) : index_.add(name, header_offset);
  if (!fits) return std::unexpected(malformed(at, "the archive's index is too large"));
  return {};
}

template <class Word>
Expected<ArchiveIndex> IndexReader<Word>::read_gnu() {
  const Bytes& bytes = source_.bytes;
  const std::optional<Word> count_word = bytes.load<Word>(0);
  if (!count_word) return std::unexpected(malformed(0, "the archive's index is truncated"));
  const std::uint64_t count = std::byteswap(*count_word);
  const std::optional<Bytes> offsets = bytes.records(sizeof(Word), count, sizeof(Word));
  if (!offsets) return std::unexpected(malformed(0, "the archive's index counts more symbols than it has room for"));

  std::uint64_t name_at = sizeof(Word) + offsets->size();
  // A name takes a byte or more, so this bounds what a false count makes us reserve.
  index_.reserve(std::min<std::uint64_t>(count, bytes.size() - name_at));
  for (std::uint64_t i = 0; i != count; ++i) {
    const std::optional<std::string_view> name = bytes.c_string(name_at);
    if (!name) return std::unexpected(malformed(name_at, "a name in the archive's index does not end"));
    const std::uint64_t header_offset = std::byteswap(load_unchecked<Word>(offsets->data() + i * sizeof(Word)));
    if (auto added = add(*name, header_offset, sizeof(Word) * (i + 1)); !added) {
      return std::unexpected(std::move(added.error()));
    }
    name_at += name->size() + 1;
  }
  // What is left can only be padding: a name there is one that the count denies.
  const std::string_view padding = bytes.text().substr(name_at);
  if (padding.find_first_not_of(std::string_view("\0\n", 2)) != padding.npos) {
    return std::unexpected(malformed(name_at, "the archive's index has more names than it counts"));
  }
  return std::move(index_);
}

template <class Word>
Expected<ArchiveIndex> IndexReader<Word>::read_bsd() {
  const Bytes& bytes = source_.bytes;
  constexpr std::uint64_t kEntrySize = 2 * sizeof(Word);
  const std::optional<Word> entries_size = bytes.load<Word>(0);
  if (!entries_size) return std::unexpected(malformed(0, "the archive's index is truncated"));
  const std::optional<Bytes> entries = bytes.slice(sizeof(Word), *entries_size);
  if (!entries || entries->size() % kEntrySize != 0) {
    return std::unexpected(malformed(0, "the archive's index has entries of a wrong size"));
  }
  const std::uint64_t strings_at = sizeof(Word) + entries->size();
  const std::optional<Word> strings_size = bytes.load<Word>(strings_at);
  const std::optional<Bytes> strings =
      strings_size ? bytes.slice(strings_at + sizeof(Word), *strings_size) : std::nullopt;
  if (!strings) return std::unexpected(malformed(strings_at, "the archive's index has no room for its names"));

  index_.reserve(entries->size() / kEntrySize);
  for (std::uint64_t at = 0; at != entries->size(); at += kEntrySize) {
    const std::uint64_t name_at = load_unchecked<Word>(entries->data() + at);
    const std::optional<std::string_view> name = strings->c_string(name_at);
    if (!name) {
      return std::unexpected(malformed(sizeof(Word) + at, "a name in the archive's index is outside or does not end"));
    }
    const std::uint64_t header_offset = load_unchecked<Word>(entries->data() + at + sizeof(Word));
    if (auto added = add(*name, header_offset, sizeof(Word) + at); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  return std::move(index_);
}

}  // namespace

bool ArchiveIndex::add(std::string_view symbol, std::uint64_t header_offset) {
  // Symbols of a member stand together, so most share the offset of the one before.
  if (header_offsets_.empty() || header_offsets_.back() != header_offset) {
    if (header_offsets_.size() >= std::numeric_limits<std::uint32_t>::max()) return false;
    header_offsets_.push_back(header_offset);
  }
  return names_.add(symbol, static_cast<std::uint32_t>(header_offsets_.size() - 1));
}

bool ArchiveIndex::add_versioned(std::string_view symbol, std::uint64_t header_offset) {
  const std::size_t mark = symbol.find("@@");
  if (mark == std::string_view::npos) return add(symbol, header_offset);
  const std::string& version = made_names_.emplace_back(std::string(symbol).erase(mark, 1));
  return add(symbol.substr(0, mark), header_offset) && add(version, header_offset);
}

std::optional<std::uint64_t> ArchiveIndex::find(std::string_view symbol) const {
  const std::optional<std::uint32_t> number = names_.find(symbol);
  if (!number) return std::nullopt;
  return header_offsets_[*number];
}

Expected<ArchiveIndex> read_archive_index(const IndexSource& source, const std::string& path) {
  switch (source.form) {
    case IndexForm::kGnu32: return IndexReader<std::uint32_t>(source, path).read_gnu();
    case IndexForm::kGnu64: return IndexReader<std::uint64_t>(source, path).read_gnu();
    case IndexForm::kBsd32: return IndexReader<std::uint32_t>(source, path).read_bsd();
    case IndexForm::kBsd64: return IndexReader<std::uint64_t>(source, path).read_bsd();
  }
  std::unreachable();
}

}  // namespace enfold::read
