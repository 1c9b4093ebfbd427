// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/frames.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "by_object.h"
#include "diagnostics.h"
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

Place place_in(const Object& object, const Section& section, std::uint64_t offset) {
  Place place;
  place.object = object.name;
  place.section = object.section_name(section);
  place.offset = offset;
  return place;
}

[[gnu::cold]] Error error_of(const UnwindFault& fault, Place place) {
  const bool malformed = fault.code == ErrorCode::kMalformed;
  const std::string_view what = malformed ? "unwind information is malformed: " : "unwind information has ";
  Error error(fault.code, std::string(what).append(fault.what), std::move(place));
  if (malformed) return error;
  return std::move(error).with_cure("compile without unwind tables (-fno-asynchronous-unwind-tables)");
}

// Relocations may give a CIE its personality and an FDE its addresses. One that changed what a record is, or the next
// record, would lead the unwinder astray.
bool may_relocate(const FrameRecord& record, std::uint64_t lo, std::uint64_t width) {
  const std::uint64_t hi = lo + width;
  if (record.is_cie()) return lo == record.part.lo && hi == record.part.hi;
  const bool changes_size = lo < record.part.hi && hi > record.part.lo;
  return lo >= kFrameAddressField && hi <= record.size && !changes_size;
}

// Which records relocations lie in: mostly in the same as the one before, or the next.
class RecordFinder {
 public:
  // There are some.
  explicit RecordFinder(std::span<const FrameRecord> records)
      : records_(records), near_(records.data()), last_(&records.back()) {}

  // Null: a terminator, or nothing.
  const FrameRecord* find(std::uint64_t offset) {
    if (near_->holds(offset)) return near_;
    if (near_ == last_ || !near_[1].holds(offset)) return seek(records_, offset);
    return ++near_;
  }

 private:
  [[gnu::noinline]] static const FrameRecord* seek(std::span<const FrameRecord> records, std::uint64_t offset) {
    const auto behind = std::ranges::upper_bound(records, offset, {}, &FrameRecord::offset);
    return behind != records.begin() && std::prev(behind)->holds(offset) ? &*std::prev(behind) : nullptr;
  }

  const std::span<const FrameRecord> records_;
  const FrameRecord* near_;
  const FrameRecord* const last_;
};

[[gnu::cold]] Error structural(const Object& object, const Section& section, std::uint64_t offset) {
  return Error(ErrorCode::kMalformed, "a relocation changes the structure of unwind information",
               place_in(object, section, offset));
}

Expected<void> check_relocations(const LinkState& link, const Object& object, const Section& section,
                                 std::span<const FrameRecord> records) {
  if (records.empty()) return {};
  const std::span<const FixupDesc> descs = link.arch->fixups;
  RecordFinder finder(records);
  Diagnostics diagnostics;
  for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
    if (fixup.kind == kUnknownFixup) return true;  // scan reports it
    const std::uint64_t width = descs[fixup.kind].width;
    const FrameRecord* const record = finder.find(fixup.offset);
    const bool counts = record != nullptr && width != 0;
    if (counts && !may_relocate(*record, fixup.offset - record->offset, width)) {
      diagnostics.add(structural(object, section, fixup.offset));
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

// What threads find wrong with objects.
class Faults {
 public:
  [[gnu::cold, gnu::noinline]] void add(std::size_t object, Error error) {
    const std::scoped_lock lock(mutex_);
    found_.emplace_back(object, std::move(error));
  }

  Expected<void> result() && {
    if (found_.empty()) return {};
    return std::unexpected(joined());
  }

 private:
  [[gnu::cold]] Error joined() {
    std::ranges::stable_sort(found_, {}, [](const auto& f) { return f.first; });
    Diagnostics diagnostics;
    for (auto& [object, error] : found_) diagnostics.add(std::move(error));
    return std::move(diagnostics).result("unwind sections cannot be used").error();
  }

  std::mutex mutex_;
  std::vector<std::pair<std::size_t, Error>> found_;
};

}  // namespace

Expected<void> parse_frames(const Object& object, const Section& section, Frames& frames) {
  FrameParser parser(read::Bytes(std::span(section.bytes, section.size)), frames);
  const UnwindFault* const fault = parser.run();
  if (fault == nullptr) return {};
  return std::unexpected(error_of(*fault, place_in(object, section, parser.at())));
}

Expected<void> trim_frames(LinkState& link) {
  Faults faults;
  for_each_with_arena(link, link.objects.size(), threads_for_symbols(link), [&](std::size_t i, Arena& arena) {
    const Object& object = link.objects[i];
    if (raw(object.first_unwind) == 0) return;
    for (Section& section : object.sections.span().subspan(raw(object.first_unwind))) {
      if (section.role != SectionRole::kUnwind || !section.in_image()) continue;
      if (auto done = trim(link, object, section, arena); !done) faults.add(i, std::move(done).error());
    }
  });
  return std::move(faults).result();
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
