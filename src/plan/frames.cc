// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/frames.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "by_object.h"
#include "diagnostics.h"
#include "read/bytes.h"

namespace enfold {
namespace {

class FrameParser {
 public:
  FrameParser(const Object& object, const Section& section, Frames& frames)
      : object_(object),
        section_(section),
        bytes_(std::span(section.bytes, section.size)),
        frames_(frames) {}

  Expected<void> run() {
    frames_.records.reserve(bytes_.size() / kUsualRecordSize + 1);
    for (std::uint64_t at = 0; at < bytes_.size();) {
      const std::uint64_t left = bytes_.size() - at;
      if (left < sizeof(std::uint32_t)) return bad(at, "truncated record");
      const auto length = read::load_unchecked<std::uint32_t>(bytes_.data() + at);
      if (length == 0) {  // a terminator, left out
        at += 4;
        continue;
      }
      if (length >= kReservedLengths) return unsupported(at, "64-bit unwind records");
      const std::uint32_t size = 4 + length;
      if (length < 4 || size > left) return bad(at, "truncated record");
      if (const UnwindFault* fault = add(at, size)) return refuse(at, *fault);
      frames_.size += size;
      at += size;
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kUsualRecordSize = 24;
  static constexpr std::uint32_t kReservedLengths = 0xffff'fff0;  // DWARF 5, 7.4: of which one is for 64-bit records
  static constexpr UnwindFault kOrphan = {ErrorCode::kMalformed, "an FDE refers to no CIE"};

  const UnwindFault* add(std::uint64_t at, std::uint32_t size) {
    const read::Bytes record(bytes_.span().subspan(at, size));
    const auto back = read::load_unchecked<std::uint32_t>(record.data() + 4);
    if (back == 0) {
      Cie read;
      if (const UnwindFault* fault = read_cie(record, read)) return fault;
      note_encoding(read.fdes.address_encoding);
      frames_.records.push_back(
          {.offset = at, .cie = at, .size = size, .part = read.personality, .fdes = read.fdes});
      enter(frames_.records.back());
      return nullptr;
    }
    const std::uint64_t cie = at + 4 - back;
    if (back > at + 4 || (cie != cie_at_ && !enter_earlier(cie))) return &kOrphan;
    ++frames_.fde_count;
    FrameRecord& added = frames_.records.emplace_back(FrameRecord{.offset = at, .cie = cie, .size = size});
    return read_fde(record, fdes_, added.part);
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
  [[gnu::noinline]] bool enter_earlier(std::uint64_t cie) {
    const auto found = std::ranges::lower_bound(frames_.records, cie, {}, &FrameRecord::offset);
    if (found == frames_.records.end() || found->offset != cie || !found->is_cie()) return false;
    enter(*found);
    return true;
  }

  [[gnu::cold]] Error error_at(ErrorCode code, std::uint64_t at, std::string message) const {
    Place place;
    place.object = object_.name;
    place.section = object_.section_name(section_);
    place.offset = at;
    return Error(code, std::move(message), std::move(place));
  }
  [[gnu::cold]] std::unexpected<Error> refuse(std::uint64_t at, const UnwindFault& fault) const {
    return fault.code == ErrorCode::kMalformed ? bad(at, fault.what) : unsupported(at, fault.what);
  }
  [[gnu::cold]] std::unexpected<Error> bad(std::uint64_t at, const char* what) const {
    return std::unexpected(error_at(ErrorCode::kMalformed, at, std::string("unwind information is malformed: ") + what));
  }
  [[gnu::cold]] std::unexpected<Error> unsupported(std::uint64_t at, const char* what) const {
    return std::unexpected(error_at(ErrorCode::kUnsupported, at, std::string("unwind information has ") + what)
                               .with_cure("compile without unwind tables (-fno-asynchronous-unwind-tables)"));
  }

  const Object& object_;
  const Section& section_;
  read::Bytes bytes_;
  Frames& frames_;
  std::uint64_t cie_at_ = ~std::uint64_t{0};  // the one last entered
  FdeForm fdes_;                              // likewise
};

// Relocations may give a CIE its personality and an FDE its addresses. One that changed what a record is, or the next
// record, would lead the unwinder astray.
bool may_relocate(const FrameRecord& record, std::uint64_t lo, std::uint64_t width) {
  const std::uint64_t hi = lo + width;
  if (record.is_cie()) return lo == record.part.lo && hi == record.part.hi;
  const bool changes_size = lo < record.part.hi && hi > record.part.lo;
  return lo >= kFrameAddressField && hi <= record.size && !changes_size;
}

Expected<void> check_relocations(const LinkState& link, const Object& object, const Section& section,
                                 std::span<const FrameRecord> records) {
  Diagnostics diagnostics;
  auto record = records.begin();
  const auto is_before_next = [&](std::uint64_t offset) {
    return record + 1 == records.end() || (record + 1)->offset > offset;
  };
  for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
    if (fixup.kind == kUnknownFixup || records.empty()) return true;  // scan reports the kind
    const std::uint64_t width = link.arch->fixups[fixup.kind].width;
    // Mostly the same record or the next.
    if (!is_before_next(fixup.offset)) ++record;
    if (fixup.offset < record->offset || !is_before_next(fixup.offset)) {
      record = std::ranges::upper_bound(records, fixup.offset, {}, &FrameRecord::offset);
      if (record != records.begin()) --record;
    }
    const std::uint64_t at = fixup.offset - record->offset;
    if (width == 0 || fixup.offset < record->offset || at >= record->size) return true;
    if (!may_relocate(*record, at, width)) {
      Place place;
      place.object = object.name;
      place.section = object.section_name(section);
      place.offset = fixup.offset;
      diagnostics.add(Error(ErrorCode::kMalformed, "a relocation changes the structure of unwind information",
                            std::move(place)));
    }
    return true;
  });
  return std::move(diagnostics).result("relocations change the structure of unwind information");
}

bool is_dead_target(const Object& object, SymbolIndex index) {
  if (!object.symbols.contains(index)) return false;  // scan reports it
  const Symbol& symbol = object.symbols[index];
  return symbol.place == SymbolPlace::kSection && !object.sections[symbol.section].in_image();
}

void mark_dead(const Object& object, const Section& section, Frames& frames) {
  for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
    if (!is_dead_target(object, fixup.symbol)) return true;
    const auto found =
        std::ranges::lower_bound(frames.records, fixup.offset - kFrameAddressField, {}, &FrameRecord::offset);
    if (found == frames.records.end() || found->offset + kFrameAddressField != fixup.offset) return true;
    if (found->is_cie() || std::exchange(found->dead, true)) return true;
    frames.size -= found->size;
    --frames.fde_count;
    return true;
  });
}

// Joins kept records that stand side by side.
[[gnu::noinline]] std::span<const Piece> pieces_of(std::span<const FrameRecord> records, Arena& arena) {
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
  const std::span<Piece> kept = arena.make<Piece>(pieces.size());
  std::ranges::copy(pieces, kept.begin());
  return kept;
}

Expected<void> trim(const LinkState& link, const Object& object, Section& section, Arena& arena) {
  Scratch scratch;
  Frames frames(scratch);
  if (auto done = parse_frames(object, section, frames); !done) return done;
  if (auto done = check_relocations(link, object, section, frames.records); !done) return done;
  if (object.has_discards) mark_dead(object, section, frames);
  SectionDetail& detail = detail_of(arena, section);
  detail.frame_encoding = frames.address_encoding;
  detail.frame_count = frames.fde_count;
  if (frames.size == section.size) return {};
  section.reshaped = true;
  detail.laid_size = frames.size;
  detail.pieces = pieces_of(frames.records, arena);
  return {};
}

// What several threads found, each with its object.
using FoundByObject = std::vector<std::pair<std::size_t, Error>>;

[[gnu::cold]] Error join(FoundByObject found) {
  std::ranges::stable_sort(found, {}, [](const auto& f) { return f.first; });
  Diagnostics diagnostics;
  for (auto& [object, error] : found) diagnostics.add(std::move(error));
  return std::move(diagnostics).result("unwind sections cannot be used").error();
}

}  // namespace

Expected<void> parse_frames(const Object& object, const Section& section, Frames& frames) {
  return FrameParser(object, section, frames).run();
}

Expected<void> trim_frames(LinkState& link) {
  std::mutex mutex;
  FoundByObject found;
  for_each_with_arena(link, link.objects.size(), threads_for_symbols(link), [&](std::size_t i, Arena& arena) {
    const Object& object = link.objects[i];
    for (Section& section : object.sections) {
      if (section.role != SectionRole::kUnwind || !section.in_image()) continue;
      auto done = trim(link, object, section, arena);
      if (done) continue;
      const std::scoped_lock lock(mutex);
      found.emplace_back(i, std::move(done).error());
    }
  });
  if (found.empty()) return {};
  return std::unexpected(join(std::move(found)));
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
