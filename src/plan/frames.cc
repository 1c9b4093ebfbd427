// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/frames.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "read/bytes.h"

namespace enfold {
namespace {

constexpr UnwindFault kCut = {ErrorCode::kMalformed, "truncated record"};
constexpr UnwindFault kOrphan = {ErrorCode::kMalformed, "an FDE refers to no CIE"};
constexpr UnwindFault kReserved = {ErrorCode::kUnsupported, "a record with a reserved length"};

// DWARF 5, 7.4: lengths from here on mean something else; the last one, that a length of 64 bits follows.
constexpr std::uint32_t kReservedLengths = 0xffff'fff0, kLongForm = 0xffff'ffff;
constexpr std::uint64_t kLongFormExcess = 8;  // bytes by which such a length is longer

bool is_long(read::Bytes section, std::uint64_t at) { return section.load<std::uint32_t>(at) == kLongForm; }

class FrameParser {
 public:
  FrameParser(read::Bytes bytes, Frames& frames) : bytes_(bytes), frames_(frames) {}

  // Null when all can be used.
  const UnwindFault* run() {
    frames_.records.reserve(bytes_.size() / kUsualRecordSize + 1);
    while (at_ < bytes_.size()) {
      if (left() < sizeof(std::uint32_t)) return &kCut;
      auto length = read::load_unchecked<std::uint32_t>(bytes_.data() + at_);
      if (length == 0) {  // a terminator, left out
        at_ += 4;
        continue;
      }
      if (length >= kReservedLengths) {
        if (const UnwindFault* fault = enter_long(length)) return fault;
      }
      const std::uint32_t size = 4 + length;
      if (length < 4 || size > left()) return &kCut;
      if (const UnwindFault* fault = add(size)) return fault;
      frames_.size += size;
      at_ += size;
    }
    return nullptr;
  }
  // Which record the fault is in.
  std::uint64_t at() const { return at_; }

 private:
  static constexpr std::uint64_t kUsualRecordSize = 24;

  std::uint64_t left() const { return bytes_.size() - at_; }

  // The record's length and what follows it are those of a short record that begins in the long length's last half,
  // which is zero.
  [[gnu::cold]] const UnwindFault* enter_long(std::uint32_t& length) {
    if (length != kLongForm) return &kReserved;
    const auto whole = bytes_.load<std::uint64_t>(at_ + sizeof length);
    if (!whole || *whole >= kReservedLengths) return &kCut;
    length = static_cast<std::uint32_t>(*whole);
    at_ += kLongFormExcess;
    return nullptr;
  }

  const UnwindFault* add(std::uint32_t size) {
    const read::Bytes record(bytes_.span().subspan(at_, size));
    const auto back = read::load_unchecked<std::uint32_t>(record.data() + 4);
    if (back == 0) return add_cie(record, size);
    const std::uint64_t cie = at_ + 4 - back;
    if (back > at_ + 4 || (cie != cie_at_ && !enter_earlier(cie))) return &kOrphan;
    ++frames_.fde_count;
    FrameRecord& added =
        frames_.records.emplace_back(FrameRecord{.offset = at_, .cie = cie_at_, .size = size, .fdes = fdes_});
    if (const UnwindFault* fault = read_fde(record, fdes_, added.part)) return fault;
    added.empty = is_empty(record.data() + kFrameAddressField + fdes_.address_size);
    frames_.has_empty |= added.empty;
    return nullptr;
  }

  // The number of bytes of code, as wide as the address before it.
  bool is_empty(const std::byte* range) const {
    switch (fdes_.address_size) {
      case 2: return read::load_unchecked<std::uint16_t>(range) == 0;
      case 4: return read::load_unchecked<std::uint32_t>(range) == 0;
      default: return read::load_unchecked<std::uint64_t>(range) == 0;
    }
  }

  const UnwindFault* add_cie(read::Bytes record, std::uint32_t size) {
    Cie cie;
    if (const UnwindFault* fault = read_cie(record, cie)) return fault;
    note_encoding(cie.fdes.address_encoding);
    enter(frames_.records.emplace_back(
        FrameRecord{.offset = at_, .cie = at_, .size = size, .part = cie.personality, .fdes = cie.fdes}));
    return nullptr;
  }

  void note_encoding(std::uint8_t encoding) {
    const bool same = frames_.records.empty() || frames_.address_encoding == encoding;
    frames_.address_encoding = same ? encoding : kMixedEncodings;
  }

  void enter(const FrameRecord& cie) {
    cie_at_ = cie.offset;
    fdes_ = cie.fdes;
  }

  // Mostly an FDE follows its CIE, or others of that CIE.
  bool enter_earlier(std::uint64_t offset) {
    const FrameRecord* found = find_cie(frames_.records, offset);
    if (found == nullptr && is_long(bytes_, offset)) found = find_cie(frames_.records, offset + kLongFormExcess);
    if (found != nullptr) enter(*found);
    return found != nullptr;
  }

  [[gnu::noinline]] static const FrameRecord* find_cie(std::span<const FrameRecord> records, std::uint64_t offset) {
    const auto found = std::ranges::lower_bound(records, offset, {}, &FrameRecord::offset);
    return found != records.end() && found->offset == offset && found->is_cie() ? &*found : nullptr;
  }

  read::Bytes bytes_;
  Frames& frames_;
  std::uint64_t at_ = 0;
  std::uint64_t cie_at_ = ~std::uint64_t{0};  // the one last entered
  FdeForm fdes_;                              // likewise
};

[[gnu::cold]] Error error_of(const UnwindFault& fault, Place place) {
  const bool malformed = fault.code == ErrorCode::kMalformed;
  const std::string_view what = malformed ? "unwind information is malformed: " : "unwind information has ";
  Error error(fault.code, std::string(what).append(fault.what), std::move(place));
  if (malformed) return error;
  return std::move(error).with_cure("compile without unwind tables (-fno-asynchronous-unwind-tables)");
}

}  // namespace

Expected<void> parse_frames(const Object& object, const Section& section, Frames& frames) {
  FrameParser parser(read::Bytes(std::span(section.bytes, section.size)), frames);
  const UnwindFault* const fault = parser.run();
  if (fault == nullptr) return {};
  return std::unexpected(error_of(*fault, place_in(object, section, parser.at())));
}

void mend_frames(const Section& section, std::byte* laid) {
  const read::Bytes input(std::span(section.bytes, section.size));
  for (const Piece& piece : section.pieces()) {
    for (std::uint64_t at = 0; at < piece.size;) {
      std::byte* record = laid + piece.to + at;
      auto length = read::load_unchecked<std::uint32_t>(record);
      if (length == 0) {  // the last half of a long one
        length = input.load<std::uint32_t>(piece.from + at - sizeof length).value_or(0);
        std::memcpy(record, &length, sizeof length);
      }
      const auto back = read::load_unchecked<std::uint32_t>(record + 4);
      if (back != 0) {
        std::uint64_t input_cie = piece.from + at + 4 - back;
        if (is_long(input, input_cie)) input_cie += kLongFormExcess;
        const auto distance =
            static_cast<std::uint32_t>(piece.to + at + 4 - laid_offset(section, input_cie).value_or(0));
        std::memcpy(record + 4, &distance, sizeof distance);
      }
      at += std::uint64_t{4} + length;
    }
  }
}

}  // namespace enfold
