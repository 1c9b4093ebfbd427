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
constexpr UnwindFault kLong = {ErrorCode::kUnsupported, "64-bit unwind records"};

class FrameParser {
 public:
  FrameParser(read::Bytes bytes, Frames& frames) : bytes_(bytes), frames_(frames) {}

  // Null when all can be used.
  const UnwindFault* run() {
    frames_.records.reserve(bytes_.size() / kUsualRecordSize + 1);
    while (at_ < bytes_.size()) {
      const std::uint64_t left = bytes_.size() - at_;
      if (left < sizeof(std::uint32_t)) return &kCut;
      const auto length = read::load_unchecked<std::uint32_t>(bytes_.data() + at_);
      if (length == 0) {  // a terminator, left out
        at_ += 4;
        continue;
      }
      if (length >= kReservedLengths) return &kLong;
      const std::uint32_t size = 4 + length;
      if (length < 4 || size > left) return &kCut;
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
  static constexpr std::uint32_t kReservedLengths = 0xffff'fff0;  // DWARF 5, 7.4: of which one is for 64-bit records

  const UnwindFault* add(std::uint32_t size) {
    const read::Bytes record(bytes_.span().subspan(at_, size));
    const auto back = read::load_unchecked<std::uint32_t>(record.data() + 4);
    if (back == 0) return add_cie(record, size);
    const std::uint64_t cie = at_ + 4 - back;
    if (back > at_ + 4 || (cie != cie_at_ && !enter_earlier(cie))) return &kOrphan;
    ++frames_.fde_count;
    FrameRecord& added = frames_.records.emplace_back(FrameRecord{.offset = at_, .cie = cie, .size = size});
    return read_fde(record, fdes_, added.part);
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
    const FrameRecord* const found = find_cie(frames_.records, offset);
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
  for (const Piece& piece : section.pieces()) {
    for (std::uint64_t at = 0; at < piece.size;) {
      std::byte* record = laid + piece.to + at;
      const auto back = read::load_unchecked<std::uint32_t>(record + 4);
      if (back != 0) {
        const std::uint64_t input_cie = piece.from + at + 4 - back;
        const auto distance =
            static_cast<std::uint32_t>(piece.to + at + 4 - laid_offset(section, input_cie).value_or(0));
        std::memcpy(record + 4, &distance, sizeof distance);
      }
      at += std::uint64_t{4} + read::load_unchecked<std::uint32_t>(record);
    }
  }
}

}  // namespace enfold
