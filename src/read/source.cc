// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/source.h"

namespace enfold::read {
std::optional<Bytes> Source::slice(std::uint64_t offset, std::uint64_t size) const {
  const std::optional<Bytes> bytes = bytes_.slice(offset, size);
  if (!bytes || (file_ != nullptr && !file_->bring(begin_ + offset, size))) return std::nullopt;
  return bytes;
}

std::optional<Source> Source::part(std::uint64_t offset, std::uint64_t size) const {
  const std::optional<Bytes> bytes = bytes_.slice(offset, size);
  if (!bytes) return std::nullopt;
  Source part(*bytes);
  part.file_ = file_;
  part.begin_ = begin_ + offset;
  return part;
}

std::optional<Bytes> Source::records(std::uint64_t offset, std::uint64_t count, std::uint64_t record_size) const {
  std::uint64_t size = 0;
  if (__builtin_mul_overflow(count, record_size, &size)) return std::nullopt;
  return slice(offset, size);
}

Bytes Source::beginning() const {
  return file_ == nullptr ? bytes_ : slice_at_most(0, kBeginning).value_or(Bytes());
}

}  // namespace enfold::read
