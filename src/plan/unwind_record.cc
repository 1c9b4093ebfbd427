// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/unwind_record.h"

#include <string_view>

namespace enfold {
namespace {

constexpr std::uint64_t kHeaderSize = 8;  // length, and 0 or the distance to the CIE

constexpr UnwindFault kTruncated = {ErrorCode::kMalformed, "a record that ends too early"};
constexpr UnwindFault kUnknownEncoding = {ErrorCode::kUnsupported, "an unknown pointer encoding"};
constexpr UnwindFault kUnknownAugmentation = {ErrorCode::kUnsupported, "a CIE with an unknown augmentation"};

class Reader {
 public:
  Reader(read::Bytes record, std::uint64_t at) : record_(record), at_(at) {}

  std::uint64_t at() const { return at_; }
  std::uint64_t left() const { return record_.size() - at_; }

  bool skip(std::uint64_t size) {
    if (!record_.contains(at_, size)) return false;
    at_ += size;
    return true;
  }
  std::optional<std::uint8_t> byte() {
    const auto value = record_.load<std::uint8_t>(at_);
    if (value) ++at_;
    return value;
  }
  std::optional<std::string_view> string() {
    const auto text = record_.c_string(at_);
    if (text) at_ += text->size() + 1;
    return text;
  }
  // DWARF 5, 7.6. Bits beyond the 64th are lost, as unwinders lose them.
  std::optional<std::uint64_t> leb128() {
    std::uint64_t result = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto b = byte();
      if (!b) return std::nullopt;
      if (shift < 64) result |= std::uint64_t{*b & 0x7fu} << shift;
      if ((*b & 0x80) == 0) return result;
    }
  }

 private:
  read::Bytes record_;
  std::uint64_t at_;
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

// What the letters after 'z' stand for, in their order.
std::optional<UnwindFault> read_augmentation(std::string_view letters, Reader in, Cie& cie) {
  for (const char letter : letters) {
    if (letter == 'S' || letter == 'B') continue;
    if (letter != 'P' && letter != 'L' && letter != 'R') return kUnknownAugmentation;
    const auto encoding = in.byte();
    if (!encoding) return kTruncated;
    const auto size = encoded_size(*encoding);
    if (!size) return kUnknownEncoding;
    if (letter == 'R') {
      cie.address_size = *size;
      cie.address_encoding = *encoding;
    }
    if (letter != 'P') continue;
    cie.personality = {in.at(), in.at() + *size};
    if (!in.skip(*size)) return kTruncated;
  }
  return cie.address_size == 0 ? std::optional(kUnknownEncoding) : std::nullopt;
}

}  // namespace

std::optional<UnwindFault> read_cie(read::Bytes record, Cie& cie) {
  Reader in(record, kHeaderSize);
  const auto version = in.byte();
  if (!version) return kTruncated;
  if (*version != 1 && *version != 3 && *version != 4) {
    return UnwindFault{ErrorCode::kUnsupported, "a CIE of unknown version"};
  }
  const auto augmentation = in.string();
  if (!augmentation) return kTruncated;
  if (*version == 4) {
    const auto address_size = in.byte(), segment_size = in.byte();
    if (!segment_size) return kTruncated;
    if (*address_size != 8 || *segment_size != 0) {
      return UnwindFault{ErrorCode::kUnsupported, "a CIE for addresses of another size"};
    }
  }
  const bool aligned = in.leb128() && in.leb128();
  if (!aligned || !(*version == 1 ? in.skip(1) : in.leb128().has_value())) return kTruncated;
  if (augmentation->empty()) return std::nullopt;
  if (augmentation->front() != 'z') return kUnknownAugmentation;
  cie.has_augmentation_data = true;
  const auto size = in.leb128();
  if (!size || *size > in.left()) return kTruncated;
  const read::Bytes up_to_end(record.span().first(in.at() + *size));
  return read_augmentation(augmentation->substr(1), Reader(up_to_end, in.at()), cie);
}

std::optional<UnwindFault> read_fde(read::Bytes record, const Cie& cie, RecordPart& size_field) {
  Reader in(record, kHeaderSize);
  if (!in.skip(2u * cie.address_size)) return kTruncated;
  if (!cie.has_augmentation_data) return std::nullopt;
  size_field.lo = in.at();
  const auto size = in.leb128();
  size_field.hi = in.at();
  if (!size || *size > in.left()) return kTruncated;
  return std::nullopt;
}

}  // namespace enfold
