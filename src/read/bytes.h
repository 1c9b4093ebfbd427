// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checked access to input bytes. Offsets and sizes come from files that may be truncated or hostile, and are added,
// multiplied and compared here only: a reader that takes every offset through this class cannot leave its input.
#ifndef ENFOLD_READ_BYTES_H_
#define ENFOLD_READ_BYTES_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace enfold::read {

// Little-endian integer at any alignment. The caller has checked that sizeof(T) bytes are there.
template <class T>
  requires std::is_trivially_copyable_v<T>
T load_unchecked(const std::byte* p) {
  static_assert(std::endian::native == std::endian::little, "input records are read in place");
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// A borrowed run of input bytes.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t size() const { return bytes_.size(); }
  const std::byte* data() const { return bytes_.data(); }
  std::span<const std::byte> span() const { return bytes_; }

  bool contains(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }

  // [offset, offset + size), or nothing when that is not all inside.
  std::optional<Bytes> slice(std::uint64_t offset, std::uint64_t size) const {
    if (!contains(offset, size)) return std::nullopt;
    return Bytes(bytes_.subspan(offset, size));
  }

  // `count` records of `record_size` bytes each; the product is checked.
  std::optional<Bytes> records(std::uint64_t offset, std::uint64_t count, std::uint64_t record_size) const {
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(count, record_size, &size)) return std::nullopt;
    return slice(offset, size);
  }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  std::optional<T> load(std::uint64_t offset) const {
    if (!contains(offset, sizeof(T))) return std::nullopt;
    return load_unchecked<T>(bytes_.data() + offset);
  }

  // The NUL-terminated string at `offset`; nothing when it does not end inside.
  std::optional<std::string_view> c_string(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return std::nullopt;
    const char* begin = reinterpret_cast<const char*>(bytes_.data()) + offset;
    const void* end = std::memchr(begin, 0, bytes_.size() - offset);
    if (end == nullptr) return std::nullopt;
    return std::string_view(begin, static_cast<const char*>(end));
  }

  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  std::span<const std::byte> bytes_;
};

// Asks for bytes that will be looked at here and there, as those of a small object are: input is cold, and each line of
// it would be waited for by itself.
inline void fetch_ahead(Bytes bytes) {
  constexpr std::uint64_t kLine = 64, kMost = 8192;
  if (bytes.size() > kMost) return;
#pragma GCC unroll 4
  for (std::uint64_t at = 0; at < bytes.size(); at += kLine) __builtin_prefetch(bytes.data() + at);
}

}  // namespace enfold::read

#endif  // ENFOLD_READ_BYTES_H_
