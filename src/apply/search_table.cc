// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FDEs are read where they lie, relocated, as the unwinder will read them. Functions that are none of the zone's code
// have no row: null, where a discarded function was, or symbols of other sets. FDEs for no bytes of code have none, too:
// they would hide another that begins where they do. Where a distance does not fit an int32 (code of the large model, far
// from its tables), or an address is found by way of another, the table says that there is none, and unwinders walk the
// zone's .eh_frame.
#include "apply/search_table.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "plan/search_table.h"
#include "plan/unwind_record.h"
#include "read/bytes.h"

namespace enfold {
namespace {

// DW_EH_PE_*
constexpr std::uint8_t kUdata4 = 0x03, kSdata4 = 0x0b, kRelativeToPlace = 0x10, kRelativeToHeader = 0x30;
constexpr std::uint8_t kIndirect = 0x80, kOmitted = 0xff, kFormat = 0x0f;

template <class T>
void put(std::byte* out, T value) {
  std::memcpy(out, &value, sizeof value);
}

template <class T>
std::uint64_t load_extended(const std::byte* at) {
  return static_cast<std::uint64_t>(std::int64_t{read::load_unchecked<T>(at)});
}

// Encodings that read_cie refuses do not come here.
std::uint64_t load_address(const std::byte* at, TargetAddr place, std::uint8_t encoding) {
  std::uint64_t result = 0;
  switch (encoding & kFormat) {
    case 0x02: result = read::load_unchecked<std::uint16_t>(at); break;
    case 0x03: result = read::load_unchecked<std::uint32_t>(at); break;
    case 0x0a: result = load_extended<std::int16_t>(at); break;
    case 0x0b: result = load_extended<std::int32_t>(at); break;
    default: result = read::load_unchecked<std::uint64_t>(at); break;
  }
  return result != 0 && (encoding & kRelativeToPlace) != 0 ? result + value(place) : result;
}

bool reaches(std::uint64_t from, std::uint64_t to) {
  const auto distance = static_cast<std::int64_t>(to - from);
  return static_cast<std::int32_t>(distance) == distance;
}

class TableWriter {
 public:
  TableWriter(LinkState& link, ZoneIndex zone)
      : tables_(link.zones[raw(zone)].tables),
        bytes_(working(link, segment_of(zone, SegmentRole::kConstant), 0)),
        begin_(address_of(link, segment_of(zone, SegmentRole::kConstant), 0)),
        header_(begin_ + tables_.search_at),
        rows_(link.arena.make_for_overwrite<SearchRow>(tables_.frame_count)),
        mixed_(tables_.frame_encoding == kMixedEncodings),
        encoding_(tables_.frame_encoding) {
    const std::uint32_t code = segment_of(zone, SegmentRole::kCode);
    code_.lo = value(address_of(link, code, 0));
    code_.hi = code_.lo + link.segments[code].size;
    const Zone& whole = link.zones[raw(zone)];
    if (whole.stub_count + whole.bound_stub_count != 0) stubs_ = code_.lo + tables_.stubs_at;
  }

  void run() {
    const std::uint64_t header = value(header_);
    const bool fits = reaches(header, value(begin_)) && reaches(header, code_.lo) && reaches(header, code_.hi);
    if (!fits || is_indirect() || !gather()) row_count_ = 0;
    const std::span<SearchRow> rows = rows_.first(row_count_);
    if (!std::ranges::is_sorted(rows, {}, &SearchRow::function)) sort(rows);
    const std::int64_t stubs = fits && stubs_ != 0 ? static_cast<std::int64_t>(stubs_ - header) : 0;
    write_search_table(bytes_ + tables_.search_at, header_, begin_, rows, static_cast<std::int32_t>(stubs));
  }

 private:
  // A row for each FDE of the zone's code, or false where one cannot be read.
  bool gather() {
    for (std::uint64_t at = 0;;) {
      const auto length = read::load_unchecked<std::uint32_t>(bytes_ + at);
      if (length == 0) return true;
      const auto back = read::load_unchecked<std::uint32_t>(bytes_ + at + 4);
      if (back != 0 && !add(at, at + 4 - back)) return false;
      at += std::uint64_t{4} + length;
    }
  }

  // Of several FDEs for one function the first is found, as in a walk. Functions mostly come in order.
  [[gnu::noinline]] static void sort(std::span<SearchRow> rows) {
    std::ranges::sort(rows, {}, [](const SearchRow& row) { return std::pair(row.function, row.frame); });
  }

  bool is_indirect() const { return !mixed_ && (encoding_ & kIndirect) != 0; }

  bool add(std::uint64_t fde, std::uint64_t cie) {
    constexpr std::uint64_t kAddressField = 8;
    if (mixed_ && cie != cie_ && !enter(cie)) return false;
    const std::uint64_t function = load_address(bytes_ + fde + kAddressField, begin_ + fde + kAddressField, encoding_);
    if (function < code_.lo || function >= code_.hi || has_no_range(bytes_ + fde + kAddressField)) return true;
    if (row_count_ == rows_.size()) return false;  // the input changed while it was linked
    // run() has seen that all of the segment and of the code is in reach.
    rows_[row_count_++] = {.function = static_cast<std::int32_t>(function - value(header_)),
                           .frame = static_cast<std::int32_t>(fde - tables_.search_at)};
    return true;
  }

  // The range follows the address, and is as wide.
  bool has_no_range(const std::byte* address) const {
    switch (encoding_ & kFormat) {
      case 0x03:
      case 0x0b: return read::load_unchecked<std::uint32_t>(address + 4) == 0;
      case 0x02:
      case 0x0a: return read::load_unchecked<std::uint16_t>(address + 2) == 0;
      default: return read::load_unchecked<std::uint64_t>(address + 8) == 0;
    }
  }

  bool enter(std::uint64_t cie) {
    const std::uint64_t size = std::uint64_t{4} + read::load_unchecked<std::uint32_t>(bytes_ + cie);
    Cie parsed;
    if (read_cie(read::Bytes(std::span(bytes_ + cie, size)), parsed)) return false;
    cie_ = cie;
    encoding_ = parsed.fdes.address_encoding;
    return (encoding_ & kIndirect) == 0;
  }

  const ZoneTables& tables_;
  std::byte* bytes_;  // of the zone's constants, which begin with .eh_frame
  TargetAddr begin_, header_;
  AddressRange code_;
  std::uint64_t stubs_ = 0;
  std::span<SearchRow> rows_;  // room for one for each FDE
  std::size_t row_count_ = 0;
  const bool mixed_;                       // CIEs tell how their FDEs hold addresses
  std::uint64_t cie_ = ~std::uint64_t{0};  // the one last entered
  std::uint8_t encoding_;                  // its FDEs', or that of all
};

// The record of stubs that are out of reach is of no bytes, and has no row.
[[gnu::cold]] void write_stub_frames(LinkState& link, ZoneIndex i, const Zone& zone) {
  constexpr std::uint64_t kWord = sizeof(std::uint32_t);
  const ZoneTables& tables = zone.tables;
  const std::uint32_t constants = segment_of(i, SegmentRole::kConstant), code = segment_of(i, SegmentRole::kCode);
  const std::uint64_t begin_at = tables.stub_frames_at + tables.stub_frames_size - 3 * kWord;
  const std::uint64_t begin = value(address_of(link, code, tables.stubs_at));
  const std::uint64_t place = value(address_of(link, constants, begin_at));
  const std::uint64_t size = std::uint64_t{zone.stub_count} * link.stubs->size +
                             std::uint64_t{zone.bound_stub_count} * link.stubs->bound_size;
  std::memcpy(working(link, constants, tables.stub_frames_at), link.arch->stub_frames.data(), tables.stub_frames_size);
  if (reaches(place, begin)) {
    put(working(link, constants, begin_at), static_cast<std::uint32_t>(begin - place));
    put(working(link, constants, begin_at + kWord), static_cast<std::uint32_t>(size));
  }
  link.usage.written_size += tables.stub_frames_size;
}

}  // namespace

void write_search_table(std::byte* out, TargetAddr at, TargetAddr eh_frame, std::span<const SearchRow> rows,
                        std::int32_t stubs) {
  const bool sorted = !rows.empty();
  put(out, std::uint8_t{1});
  put(out + 1, std::uint8_t{kRelativeToPlace | kSdata4});
  put(out + 2, sorted ? kUdata4 : kOmitted);
  put(out + 3, sorted ? std::uint8_t{kRelativeToHeader | kSdata4} : kOmitted);
  put(out + 4, static_cast<std::uint32_t>(value(eh_frame) - value(at) - 4));  // in one segment with it
  put(out + 8, static_cast<std::uint32_t>(rows.size()));
  for (const SearchRow& row : rows) {
    put(out + kSearchHeaderSize + static_cast<std::size_t>(&row - rows.data()) * kSearchRowSize, row);
  }
  put(out + kSearchHeaderSize + rows.size() * kSearchRowSize, stubs);
}

void write_search_tables(LinkState& link) {
  for_each_zone(link, [&](ZoneIndex i, const Zone& zone) {
    if (zone.tables.search_size == 0) return;
    if (zone.tables.stub_frames_size != 0) write_stub_frames(link, i, zone);
    TableWriter(link, i).run();
    link.usage.written_size += zone.tables.search_size;
  });
}

}  // namespace enfold
