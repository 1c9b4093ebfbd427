// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which records of .eh_frame stay, and what relocations may do to them.
#include <algorithm>
#include <iterator>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "by_object.h"
#include "diagnostics.h"
#include "plan/frames.h"

namespace enfold {
namespace {

// Relocations may give a CIE its personality and an FDE its addresses. One that changed what a record is, or the next
// record, would lead the unwinder astray.
bool may_relocate(const FrameRecord& record, std::uint64_t lo, std::uint64_t width) {
  const std::uint64_t hi = lo + width;
  if (record.is_cie()) return lo == record.part.lo && hi == record.part.hi;
  const bool changes_size = lo < record.part.hi && hi > record.part.lo;
  return lo >= kFrameAddressField && hi <= record.size && !changes_size;
}

// How many bytes of code an FDE is for, a relocation tells.
bool changes_range(const FrameRecord& fde, std::uint64_t at, std::uint64_t width) {
  const std::uint64_t lo = kFrameAddressField + fde.fdes.address_size, hi = lo + fde.fdes.address_size;
  return at < hi && at + width > lo;
}

// Which records relocations lie in: mostly in the same as the one before, or the next.
class RecordFinder {
 public:
  // There are some.
  explicit RecordFinder(std::span<FrameRecord> records)
      : records_(records), near_(records.data()), last_(&records.back()) {}

  // Null: a terminator, or nothing.
  FrameRecord* find(std::uint64_t offset) {
    if (near_->holds(offset)) return near_;
    if (near_ != last_ && near_[1].holds(offset)) return ++near_;
    FrameRecord* const found = seek(records_, offset);
    if (found != nullptr) near_ = found;
    return found;
  }

 private:
  [[gnu::noinline]] static FrameRecord* seek(std::span<FrameRecord> records, std::uint64_t offset) {
    const auto behind = std::ranges::upper_bound(records, offset, {}, &FrameRecord::offset);
    return behind != records.begin() && std::prev(behind)->holds(offset) ? &*std::prev(behind) : nullptr;
  }

  const std::span<FrameRecord> records_;
  FrameRecord* near_;
  const FrameRecord* const last_;
};

[[gnu::cold]] Error structural(const Object& object, const Section& section, std::uint64_t offset) {
  return Error(ErrorCode::kMalformed, "a relocation changes the structure of unwind information",
               place_in(object, section, offset));
}

Expected<void> check_relocations(const LinkState& link, const Object& object, const Section& section,
                                 std::span<FrameRecord> records) {
  if (records.empty()) return {};
  const std::span<const FixupDesc> descs = link.arch->fixups;
  RecordFinder finder(records);
  Diagnostics diagnostics;
  for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
    if (fixup.kind == kUnknownFixup) return true;  // scan reports it
    const std::uint64_t width = descs[fixup.kind].width;
    FrameRecord* const record = finder.find(fixup.offset);
    if (record == nullptr || width == 0) return true;
    const std::uint64_t at = fixup.offset - record->offset;
    if (!may_relocate(*record, at, width)) diagnostics.add(structural(object, section, fixup.offset));
    if (record->empty && changes_range(*record, at, width)) record->empty = false;
    return true;
  });
  return std::move(diagnostics).result("relocations change the structure of unwind information");
}

bool is_dead_target(const Object& object, SymbolIndex index) {
  if (!object.symbols.contains(index)) return false;  // scan reports it
  const Symbol& symbol = object.symbols[index];
  return symbol.place == SymbolPlace::kSection && !object.sections[symbol.section].in_image();
}

void leave_out(FrameRecord& fde, Frames& frames) {
  if (fde.dead) return;
  fde.dead = true;
  frames.size -= fde.size;
  --frames.fde_count;
}

[[gnu::cold]] void leave_out_empty(Frames& frames) {
  for (FrameRecord& record : frames.records) {
    if (record.empty) leave_out(record, frames);
  }
}

void mark_dead(const Object& object, const Section& section, Frames& frames) {
  for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
    if (!is_dead_target(object, fixup.symbol)) return true;
    const auto found =
        std::ranges::lower_bound(frames.records, fixup.offset - kFrameAddressField, {}, &FrameRecord::offset);
    if (found == frames.records.end() || found->offset + kFrameAddressField != fixup.offset) return true;
    if (!found->is_cie()) leave_out(*found, frames);
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
  if (frames.has_empty) leave_out_empty(frames);
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

}  // namespace enfold
