// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unwind tables as libgcc's unwinder reads them (LSB 5.0, "Exception Frames"): it trusts each length, follows each FDE
// to its CIE, and reads the CIE's augmentation string and data to learn how the FDE's address is encoded. What it does
// not know makes it abort.
#include <cstring>
#include <optional>
#include <string_view>

#include "mock_process.h"

namespace enfold::fuzz {
namespace {

struct Cursor {
  const std::byte* at;
  const std::byte* end;

  std::optional<std::uint8_t> byte() {
    if (at == end) return std::nullopt;
    return std::to_integer<std::uint8_t>(*at++);
  }
  std::optional<std::uint64_t> leb() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto b = byte();
      if (!b) return std::nullopt;
      result |= std::uint64_t{*b & 0x7fu} << shift;
      if ((*b & 0x80) == 0) return result;
    }
    return std::nullopt;
  }
  bool skip(std::uint64_t n) {
    if (n > static_cast<std::uint64_t>(end - at)) return false;
    at += n;
    return true;
  }
};

// Bytes of a value in a DW_EH_PE encoding; nothing for one that an unwinder stops at.
std::optional<std::uint64_t> encoded_size(std::uint8_t encoding) {
  if (encoding == 0xff) return 0;  // DW_EH_PE_omit
  switch (encoding & 0x70) {
    case 0x00:
    case 0x10:
      break;  // absolute, relative to the place
    default:
      return std::nullopt;  // relative to text, data or function; aligned
  }
  switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
    case 0x0c:
      return 8;
    case 0x02:
    case 0x0a:
      return 2;
    case 0x03:
    case 0x0b:
      return 4;
    default:
      return std::nullopt;
  }
}

struct Cie {
  std::uint8_t address_encoding = 0;
  bool has_augmentation_data = false;
};

const char* read_augmentation(Cursor& data, std::string_view letters, Cie& cie) {
  for (const char letter : letters) {
    if (letter == 'S' || letter == 'B' || letter == 'G') continue;
    const auto encoding = data.byte();
    if (!encoding) return "augmentation data end early";
    if (letter == 'R') cie.address_encoding = *encoding;
    const auto size = encoded_size(*encoding);
    if (!size) return "a pointer encoding that unwinders do not know";
    if (letter == 'P' && !data.skip(*size)) return "a personality that ends outside";
    if (letter != 'P' && letter != 'L' && letter != 'R') return "an augmentation that unwinders do not know";
  }
  return nullptr;
}

const char* read_cie(Cursor in, Cie& cie) {
  const auto version = in.byte();
  if (!version || (*version != 1 && *version != 3 && *version != 4)) return "a CIE of unknown version";
  const auto* nul = static_cast<const std::byte*>(std::memchr(in.at, 0, static_cast<std::size_t>(in.end - in.at)));
  if (nul == nullptr) return "an augmentation that does not end";
  const std::string_view augmentation(reinterpret_cast<const char*>(in.at), static_cast<std::size_t>(nul - in.at));
  in.at = nul + 1;
  if (*version >= 4) {
    const auto address_size = in.byte(), segment_size = in.byte();
    if (!segment_size || *address_size != 8 || *segment_size != 0) return "a CIE for other addresses";
  }
  if (!in.leb() || !in.leb() || !(*version == 1 ? in.byte().has_value() : in.leb().has_value())) {
    return "a CIE that ends in its header";
  }
  if (augmentation.empty()) return nullptr;
  if (augmentation[0] != 'z') return "an augmentation of unknown size";
  cie.has_augmentation_data = true;
  const auto size = in.leb();
  if (!size || *size > static_cast<std::uint64_t>(in.end - in.at)) return "augmentation data that end outside";
  Cursor data{in.at, in.at + *size};
  return read_augmentation(data, augmentation.substr(1), cie);
}

const char* read_fde(Cursor in, const Cie& cie) {
  const auto size = encoded_size(cie.address_encoding);
  if (!size || *size == 0 || !in.skip(2 * *size)) return "an FDE that ends in its addresses";
  if (!cie.has_augmentation_data) return nullptr;
  const auto data = in.leb();
  return data && in.skip(*data) ? nullptr : "augmentation data of an FDE that end outside";
}

}  // namespace

std::string check_frames(const std::byte* table, std::uint64_t size) {
  std::map<std::uint64_t, Cie> cies;
  for (std::uint64_t at = 0;;) {
    std::uint32_t length = 0, back = 0;
    if (size - at < 4) return "no terminator";
    std::memcpy(&length, table + at, 4);
    if (length == 0) return at + 4 == size ? "" : "a terminator before the end";
    if (length < 4 || length > size - at - 4) return "a record that ends outside";
    std::memcpy(&back, table + at + 4, 4);
    const Cursor in{table + at + 8, table + at + 4 + length};
    const char* wrong = nullptr;
    if (back == 0) {
      wrong = read_cie(in, cies[at]);
    } else {
      const auto cie = cies.find(at + 4 - back);
      wrong = cie == cies.end() ? "an FDE without a CIE" : read_fde(in, cie->second);
    }
    if (wrong != nullptr) return wrong;
    at += std::uint64_t{4} + length;
  }
}

std::string check_search_table(const FrameTables& frames, const std::byte* table) {
  if (value(frames.search_table) == 0) return "";
  std::uint8_t head[4];
  std::uint32_t count = 0;
  std::memcpy(head, table, sizeof head);
  std::memcpy(&count, table + 8, sizeof count);
  if (value(frames.search_table) % 4 != 0 || head[0] != 1) return "no header";
  if (head[3] == 0xff) return "";  // none to be searched
  if (count > frames.eh_frame_size / 12) return "more rows than records";
  std::int32_t last = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::int32_t row[2];
    std::memcpy(row, table + 12 + std::size_t{i} * 8, sizeof row);
    const std::uint64_t function = value(frames.search_table) + static_cast<std::uint64_t>(std::int64_t{row[0]});
    const std::uint64_t record = value(frames.search_table) + static_cast<std::uint64_t>(std::int64_t{row[1]});
    if (i != 0 && row[0] < last) return "rows that are not sorted";
    if (function - value(frames.code) >= frames.code_size) return "a function outside the code";
    if (record - value(frames.eh_frame) >= frames.eh_frame_size) return "a record outside the table";
    last = row[0];
  }
  return "";
}

}  // namespace enfold::fuzz
