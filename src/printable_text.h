// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names come from input files and end on terminals, which obey what they are sent: an escape sequence in a symbol's
// name clears the screen, an override of the direction of writing shows another name than the one that is there. All
// text for people goes through here. It allocates nothing: crash handlers write names, too.
//
// Kept as they are: well-formed UTF-8 (RFC 3629), but for control characters (C0, DEL, C1), the characters that order
// text of both directions (Unicode's Bidi_Control) and those that separate lines and paragraphs (U+2028, U+2029).
// Of these, and of bytes that are no UTF-8, is shown: a byte as \x1b, a character as \u202e.
#ifndef ENFOLD_PRINTABLE_TEXT_H_
#define ENFOLD_PRINTABLE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace enfold {

// What `text`, which is not empty, begins with.
struct Utf8 {
  std::uint32_t character = 0;
  std::size_t size = 0;  // bytes; 0: no UTF-8 begins here
};

inline Utf8 first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  std::uint32_t character = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return {};
    character = character << 6 | (byte(i) & 0x3fu);
  }
  const bool overlong = (size == 3 && character < 0x800) || (size == 4 && character < 0x10000);
  const bool none = (character >= 0xd800 && character < 0xe000) || character > 0x10ffff;
  return overlong || none ? Utf8{} : Utf8{character, size};
}

inline bool is_printable(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  const bool directs = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e);
  return !directs && !(c >= 0x2066 && c <= 0x2069) && c != 0x2028 && c != 0x2029;
}

// Calls put(std::string_view) for the pieces of what is shown of `text`; `kept`: a control character that stays.
template <class Put>
void put_printable(std::string_view text, char kept, Put&& put) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t begin = 0, at = 0;  // of what can be put as it is
  while (at < text.size()) {
    const Utf8 next = first_character(text.substr(at));
    if (next.size != 0 && (is_printable(next.character) || (kept != '\0' && text[at] == kept))) {
      at += next.size;
      continue;
    }
    if (at != begin) put(text.substr(begin, at - begin));
    const bool is_byte = next.size <= 1;
    const std::uint32_t code = is_byte ? static_cast<unsigned char>(text[at]) : next.character;
    char escape[6] = {'\\', is_byte ? 'x' : 'u'};
    const std::size_t size = is_byte ? 4 : 6;
    for (std::size_t i = 2; i < size; ++i) escape[i] = kDigits[code >> 4 * (size - 1 - i) & 0xf];
    put(std::string_view(escape, size));
    begin = at += is_byte ? 1 : next.size;
  }
  if (at != begin) put(text.substr(begin));
}

// No text is shown in more than so many times its size: "\x1b" is of one byte.
inline constexpr std::size_t kMostPrintable = 4;

}  // namespace enfold

#endif  // ENFOLD_PRINTABLE_TEXT_H_
