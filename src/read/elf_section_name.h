// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of sections that mean something (gABI, "Special Sections", and what compilers add). Most mean nothing, which
// their first bytes tell: those are looked at as one word.
#ifndef ENFOLD_READ_ELF_SECTION_NAME_H_
#define ENFOLD_READ_ELF_SECTION_NAME_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "read/bytes.h"

namespace enfold::read {

constexpr std::size_t kHeadSize = sizeof(std::uint64_t);

// A name to compare with. The size is without its NUL.
template <std::size_t N>
struct SpecialName {
  static constexpr std::size_t kSize = N - 1;
  char text[N]{};

  consteval SpecialName(const char (&name)[N]) { std::copy_n(name, N, text); }

  // The first `count` bytes as a word in memory's order, which is little-endian.
  static consteval std::uint64_t mask(std::size_t count) {
    return count >= kHeadSize ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * count) - 1;
  }
  consteval std::uint64_t head(std::size_t count) const {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < std::min(count, kHeadSize); ++i) word |= std::uint64_t{std::uint8_t(text[i])} << 8 * i;
    return word;
  }
};

// A name's first four bytes, as a word.
template <std::size_t N>
consteval std::uint32_t start_of(SpecialName<N> name) {
  return static_cast<std::uint32_t>(name.head(sizeof(std::uint32_t)));
}
template <std::size_t N>
consteval std::uint32_t start_of(const char (&name)[N]) {
  return start_of(SpecialName<N>(name));
}

class SectionName {
 public:
  // Of the name and what follows it in its table, which ends in NUL.
  explicit SectionName(std::string_view text) : text_(text), head_(head_of(text)) {}

  // As start_of has it.
  std::uint32_t start() const { return static_cast<std::uint32_t>(head_); }

  template <SpecialName kName>
  bool is() const {
    return starts_with<kName, kName.kSize + 1>();
  }
  template <SpecialName kStem>
  bool begins_with() const {
    return starts_with<kStem, kStem.kSize>();
  }
  // Is it that, or that with a suffix: ".ctors", ".ctors.00100"?
  template <SpecialName kStem>
  bool has_stem() const {
    return begins_with<kStem>() && (text_[kStem.kSize] == '\0' || text_[kStem.kSize] == '.');
  }

 private:
  template <SpecialName kName, std::size_t kCount>
  bool starts_with() const {
    if ((head_ & kName.mask(kCount)) != kName.head(kCount)) return false;
    if constexpr (kCount <= kHeadSize) {
      return true;
    } else {
      constexpr std::size_t kRest = kCount - kHeadSize;
      return text_.size() >= kCount && std::memcmp(text_.data() + kHeadSize, kName.text + kHeadSize, kRest) == 0;
    }
  }

  static std::uint64_t head_of(std::string_view text) {
    if (text.size() < kHeadSize) return head_of_last(text);
    return load_unchecked<std::uint64_t>(reinterpret_cast<const std::byte*>(text.data()));
  }
  // Of a name at the end of its table: its NUL is there, and zeros are as good as what would follow.
  [[gnu::cold]] static std::uint64_t head_of_last(std::string_view text) {
    std::uint64_t head = 0;
    std::memcpy(&head, text.data(), text.size());
    return head;
  }

  std::string_view text_;
  std::uint64_t head_;
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_SECTION_NAME_H_
