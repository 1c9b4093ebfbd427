// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/frames.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "diagnostics.h"
#include "read/bytes.h"

namespace enfold {
namespace {

class FrameParser {
 public:
  FrameParser(const Object& object, const Section& section)
      : object_(object), section_(section), bytes_(std::span(section.bytes, section.size)) {}

  Expected<std::vector<FrameRecord>> run() {
    for (std::uint64_t at = 0; at < bytes_.size();) {
      const auto length = bytes_.load<std::uint32_t>(at);
      if (!length) return bad(at, "truncated record");
      if (*length == 0) {  // a terminator, left out
        at += 4;
        continue;
      }
      if (*length == 0xffff'ffff) return unsupported(at, "64-bit unwind records");
      if (*length < 4 || !bytes_.contains(at, std::uint64_t{4} + *length)) return bad(at, "truncated record");
      if (auto done = add(at, std::uint64_t{4} + *length); !done) return std::unexpected(std::move(done).error());
      at += std::uint64_t{4} + *length;
    }
    return std::move(records_);
  }

 private:
  Expected<void> add(std::uint64_t at, std::uint64_t size) {
    const auto back = read::load_unchecked<std::uint32_t>(bytes_.data() + at + 4);
    if (back == 0) {
      records_.push_back({.offset = at, .size = size, .cie = at});
      return check_cie(at, size);
    }
    const std::uint64_t cie = at + 4 - back;
    const auto found = std::ranges::lower_bound(records_, cie, {}, &FrameRecord::offset);
    if (back > at + 4 || found == records_.end() || found->offset != cie || !found->is_cie()) {
      return bad(at, "an FDE refers to no CIE");
    }
    if (size < kFrameAddressField + 8) return bad(at, "an FDE without an address");
    records_.push_back({.offset = at, .size = size, .cie = cie});
    return {};
  }

  // The unwinder stops the process at what it does not know.
  Expected<void> check_cie(std::uint64_t at, std::uint64_t size) const {
    const auto version = bytes_.load<std::uint8_t>(at + 8);
    if (size < 12 || !version) return bad(at, "truncated CIE");
    if (*version != 1 && *version != 3 && *version != 4) return unsupported(at, "a CIE of unknown version");
    const auto augmentation = read::Bytes(std::span(bytes_.data() + at, size)).c_string(9);
    if (!augmentation) return bad(at, "truncated CIE");
    constexpr std::string_view kKnown = "zPLRSB";
    if (augmentation->find_first_not_of(kKnown) != std::string_view::npos ||
        (!augmentation->empty() && augmentation->front() != 'z')) {
      return unsupported(at, "a CIE with an unknown augmentation");
    }
    return {};
  }

  std::unexpected<Error> fail(ErrorCode code, std::uint64_t at, std::string message) const {
    Place place;
    place.object = object_.name;
    place.section = section_.name;
    place.offset = at;
    return std::unexpected(Error(code, std::move(message), std::move(place)));
  }
  std::unexpected<Error> bad(std::uint64_t at, const char* what) const {
    return fail(ErrorCode::kMalformed, at, std::string("unwind information is malformed: ") + what);
  }
  std::unexpected<Error> unsupported(std::uint64_t at, const char* what) const {
    return fail(ErrorCode::kUnsupported, at, std::string("unwind information has ") + what);
  }

  const Object& object_;
  const Section& section_;
  read::Bytes bytes_;
  std::vector<FrameRecord> records_;
};

bool is_dead_target(const Object& object, SymbolIndex index) {
  if (!object.symbols.contains(index)) return false;  // scan reports it
  const Symbol& symbol = object.symbols[index];
  return symbol.place == SymbolPlace::kSection && !object.sections[symbol.section].in_image();
}

void mark_dead(const Object& object, const Section& section, std::vector<FrameRecord>& records) {
  for_each_fixup(*object.scheme, section.relocations, [&](std::uint32_t, const Fixup& fixup) {
    if (!is_dead_target(object, fixup.symbol)) return true;
    const auto found =
        std::ranges::lower_bound(records, fixup.offset - kFrameAddressField, {}, &FrameRecord::offset);
    if (found != records.end() && found->offset + kFrameAddressField == fixup.offset && !found->is_cie()) {
      found->dead = true;
    }
    return true;
  });
}

// Joins kept records that stand side by side.
std::vector<Piece> pieces_of(const std::vector<FrameRecord>& records) {
  std::vector<Piece> pieces;
  std::uint64_t to = 0;
  for (const FrameRecord& record : records) {
    if (record.dead) continue;
    if (!pieces.empty() && pieces.back().from + pieces.back().size == record.offset) {
      pieces.back().size += record.size;
    } else {
      pieces.push_back({.from = record.offset, .to = to, .size = record.size});
    }
    to += record.size;
  }
  return pieces;
}

Expected<void> trim(LinkState& link, Object& object, Section& section) {
  Expected<std::vector<FrameRecord>> records = parse_frames(object, section);
  if (!records) return std::unexpected(std::move(records).error());
  if (object.has_discards) mark_dead(object, section, *records);
  const std::vector<Piece> pieces = pieces_of(*records);
  section.laid_size = pieces.empty() ? 0 : pieces.back().to + pieces.back().size;
  if (section.laid_size == section.size) return {};
  const std::span<Piece> kept = link.arena.make<Piece>(pieces.size());
  std::ranges::copy(pieces, kept.begin());
  section.pieces = kept;
  return {};
}

}  // namespace

Expected<std::vector<FrameRecord>> parse_frames(const Object& object, const Section& section) {
  return FrameParser(object, section).run();
}

Expected<void> trim_frames(LinkState& link) {
  Diagnostics diagnostics;
  for (Object& object : link.objects) {
    for (Section& section : object.sections) {
      if (section.role != SectionRole::kUnwind || !section.in_image()) continue;
      if (auto done = trim(link, object, section); !done) diagnostics.add(std::move(done).error());
    }
  }
  return std::move(diagnostics).result("unwind sections cannot be used");
}

void mend_frames(const Section& section, std::byte* laid) {
  for (const Piece& piece : section.pieces) {
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
