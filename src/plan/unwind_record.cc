// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/unwind_record.h"

#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>

namespace enfold {
namespace {

constexpr std::uint64_t kHeaderSize = 8;  // length, and 0 or the distance to the CIE

constexpr UnwindFault kTruncated = {ErrorCode::kMalformed,
                                    "a record that ends too early, or in which a number does not end"};
constexpr UnwindFault kUnknownEncoding = {ErrorCode::kUnsupported, "an unknown pointer encoding"};
constexpr UnwindFault kUnknownAugmentation = {ErrorCode::kUnsupported, "a CIE with an unknown augmentation"};

constexpr UnwindFault kUnknownVersion = {ErrorCode::kUnsupported, "a CIE of unknown version"};
constexpr UnwindFault kOtherAddresses = {ErrorCode::kUnsupported, "a CIE for addresses of another size"};

// Reads a record from its header on. What does not lie in it wholly is not read.
class Reader {
 public:
  Reader(read::Bytes record, std::uint64_t at)
      : begin_(record.data()), at_(record.data() + at), end_(record.data() + record.size()) {}

  std::uint32_t at() const { return static_cast<std::uint32_t>(at_ - begin_); }
  std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }
  void end_after(std::uint64_t size) { end_ = at_ + size; }  // at most what is left

  bool skip(std::uint64_t size) {
    if (size > left()) return false;
    at_ += size;
    return true;
  }
  std::optional<std::uint8_t> byte() {
    if (at_ == end_) return std::nullopt;
    return static_cast<std::uint8_t>(*at_++);
  }
  std::optional<std::string_view> string() {
    const void* const nul = std::memchr(at_, 0, left());
    if (nul == nullptr) return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(at_), static_cast<const char*>(nul));
    at_ += text.size() + 1;
    return text;
  }
  std::optional<std::uint64_t> leb128() {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) return static_cast<std::uint8_t>(*at_++);  // as most
    return long_leb128();
  }

 private:
  // DWARF 5, 7.6. Bits beyond the 64th are lost, as unwinders lose them; nobody pads numbers beyond some bytes more.
  [[gnu::noinline]] std::optional<std::uint64_t> long_leb128() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 16 * 7; shift += 7) {
      const auto b = static_cast<std::uint8_t>(*at_++);
      if (shift < 64) result |= std::uint64_t{b & 0x7fu} << shift;
      if ((b & 0x80) == 0) return result;
    }
    return std::nullopt;
  }

  const std::byte *begin_, *at_, *end_;
};

// Bytes of a value in a DW_EH_PE encoding; nothing for one that needs more than the place to be read.
std::optional<std::uint8_t> encoded_size(std::uint8_t encoding) {
  constexpr std::uint8_t kOmitted = 0xff, kApplication = 0x70, kRelativeToPlace = 0x10, kFormat = 0x0f;
  if (encoding == kOmitted) return std::uint8_t{0};
  if ((encoding & kApplication) > kRelativeToPlace) return std::nullopt;
  switch (encoding & kFormat) {
    case 0x00: case 0x04: case 0x0c: return std::uint8_t{8};
    case 0x02: case 0x0a: return std::uint8_t{2};
    case 0x03: case 0x0b: return std::uint8_t{4};
    default: return std::nullopt;
  }
}

// What the letters after 'z' stand for, in their order. There are five, and CIEs are read again and again: nobody waits
// for what says one of them a million times.
const UnwindFault* read_augmentation(std::string_view letters, Reader in, Cie& cie) {
  constexpr std::size_t kMostLetters = 8;
  if (letters.size() > kMostLetters) return &kUnknownAugmentation;
  for (const char letter : letters) {
    if (letter == 'S' || letter == 'B') continue;
    if (letter != 'P' && letter != 'L' && letter != 'R') return &kUnknownAugmentation;
    const auto encoding = in.byte();
    if (!encoding) return &kTruncated;
    const auto size = encoded_size(*encoding);
    if (!size) return &kUnknownEncoding;
    if (letter == 'R') {
      cie.fdes.address_size = *size;
      cie.fdes.address_encoding = *encoding;
    }
    if (letter != 'P') continue;
    cie.personality = {in.at(), in.at() + *size};
    if (!in.skip(*size)) return &kTruncated;
  }
  return cie.fdes.address_size == 0 ? &kUnknownEncoding : nullptr;
}

// As compilers write them for functions without a personality: version 1, augmentation "zR", three numbers of a byte
// each, one byte of augmentation data. Other CIEs, and such with an encoding that is refused, are read field by field.
bool read_usual_cie(read::Bytes record, Cie& cie) {
  constexpr std::uint64_t kUsual = 0x01'00'00'00'00'52'7a'01, kFixed = 0xff'00'80'80'ff'ff'ff'ff;
  constexpr std::uint64_t kEncodingAt = kHeaderSize + sizeof kUsual;
  if (record.size() <= kEncodingAt) return false;
  if ((read::load_unchecked<std::uint64_t>(record.data() + kHeaderSize) & kFixed) != kUsual) return false;
  const auto encoding = read::load_unchecked<std::uint8_t>(record.data() + kEncodingAt);
  const std::optional<std::uint8_t> size = encoded_size(encoding);
  if (size.value_or(0) == 0) return false;
  cie.fdes = {.address_size = *size, .address_encoding = encoding, .has_augmentation_data = true};
  return true;
}

const UnwindFault* read_any_cie(read::Bytes record, Cie& cie) {
  Reader in(record, kHeaderSize);
  const auto version = in.byte();
  if (!version) return &kTruncated;
  if (*version != 1 && *version != 3 && *version != 4) return &kUnknownVersion;
  const auto augmentation = in.string();
  if (!augmentation) return &kTruncated;
  if (*version == 4) {
    const auto address_size = in.byte(), segment_size = in.byte();
    if (!segment_size) return &kTruncated;
    if (*address_size != 8 || *segment_size != 0) return &kOtherAddresses;
  }
  const bool aligned = in.leb128() && in.leb128();
  if (!aligned || !(*version == 1 ? in.skip(1) : in.leb128().has_value())) return &kTruncated;
  if (augmentation->empty()) return nullptr;
  if (augmentation->front() != 'z') return &kUnknownAugmentation;
  cie.fdes.has_augmentation_data = true;
  const auto size = in.leb128();
  if (!size || *size > in.left()) return &kTruncated;
  in.end_after(*size);
  return read_augmentation(augmentation->substr(1), in, cie);
}

// The augmentation data's size in more than one byte, or none.
[[gnu::noinline]] const UnwindFault* read_long_size(read::Bytes record, std::uint32_t at, RecordPart& size_field) {
  Reader in(record, at);
  size_field.lo = at;
  const auto size = in.leb128();
  size_field.hi = in.at();
  return size && *size <= in.left() ? nullptr : &kTruncated;
}

}  // namespace

const UnwindFault* read_cie(read::Bytes record, Cie& cie) {
  return read_usual_cie(record, cie) ? nullptr : read_any_cie(record, cie);
}

const UnwindFault* read_fde(read::Bytes record, FdeForm form, RecordPart& size_field) {
  const auto at = static_cast<std::uint32_t>(kHeaderSize + 2u * form.address_size);
  const std::uint64_t end = record.size();
  if (at > end) return &kTruncated;
  if (!form.has_augmentation_data) return nullptr;
  const std::byte* const size = record.data() + at;  // mostly of one byte
  if (at == end || *size >= std::byte{0x80}) return read_long_size(record, at, size_field);
  size_field = {at, at + 1};
  return std::to_integer<std::uint64_t>(*size) < end - at ? nullptr : &kTruncated;
}

}  // namespace enfold
