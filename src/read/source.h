// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Input bytes of which a link needs parts. What is asked for is there afterwards; what nobody asks for is not read.
#ifndef ENFOLD_READ_SOURCE_H_
#define ENFOLD_READ_SOURCE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "read/bytes.h"
#include "read/file_bytes.h"

namespace enfold::read {

// Ownership: borrows the bytes, or the file.
// Threads: several may ask at once.
class Source {
 public:
  Source() = default;
  Source(Bytes bytes) : bytes_(bytes) {}  // NOLINT(google-explicit-constructor): bytes in memory are a source
  explicit Source(const FileBytes& file) : bytes_(file.room()), file_(file.is_in_parts() ? &file : nullptr) {}

  std::uint64_t size() const { return bytes_.size(); }

  // [offset, offset + size), or nothing when that is not all inside, or cannot be read any more.
  std::optional<Bytes> slice(std::uint64_t offset, std::uint64_t size) const;
  // The same of what there is of it.
  std::optional<Bytes> slice_at_most(std::uint64_t offset, std::uint64_t size) const {
    return offset > bytes_.size() ? std::nullopt : slice(offset, std::min(size, bytes_.size() - offset));
  }
  // The same as a source of its own, of which nothing is asked for yet.
  std::optional<Source> part(std::uint64_t offset, std::uint64_t size) const;

  std::optional<Bytes> records(std::uint64_t offset, std::uint64_t count, std::uint64_t record_size) const;

  template <class T>
    requires std::is_trivially_copyable_v<T>
  std::optional<T> load(std::uint64_t offset) const {
    const std::optional<Bytes> bytes = slice(offset, sizeof(T));
    return bytes ? std::optional(load_unchecked<T>(bytes->data())) : std::nullopt;
  }

  // As much as tells kinds of files apart; all of what is in memory.
  Bytes beginning() const;

 private:
  Bytes bytes_;  // where they are, or will be
  const FileBytes* file_ = nullptr;  // that they are brought from; null: they are there
  std::uint64_t begin_ = 0;          // of them in the file
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_SOURCE_H_
