// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/stub_frames.h"

#include <cstring>

#include "plan/search_table.h"
#include "runtime/linked_ranges.h"

namespace enfold::runtime {
namespace {

// A header that says that there are no rows to be searched, so that unwinders walk the .eh_frame (LSB Core 5.0, 10.6):
// one CIE and one FDE, which holds its addresses as they are. 0 would be a function that was dropped.
#if defined(__x86_64__)
alignas(8) constexpr std::uint8_t kTables[] = {
    20, 0, 0, 0, 0, 0, 0, 0,                      // CIE: its length, id
    1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x00,         // version 1; factors 1 and -8, return address 16; absolute addresses
    0x0c, 7, 8, 0x90, 1, 0, 0,                    // CFA: rsp + 8; return address at CFA - 8
    28, 0, 0, 0, 28, 0, 0, 0,                     // FDE: its length, distance to the CIE
    1, 0, 0, 0, 0, 0, 0, 0,                       // from 1 on
    0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0,     // 2^47 - 1 bytes
    0, 0, 0, 0, 0, 0, 0, 0,                       // no augmentation data; padding
    0, 0, 0, 0,                                   // the end
    1, 0x1b, 0xff, 0xff, 0xc0, 0xff, 0xff, 0xff,  // header: distance to the CIE, -64, relative to the field; no rows
    0, 0, 0, 0, 0, 0, 0, 0};                      // no rows, no stubs behind them
constexpr std::size_t kHeaderAt = 24 + 32 + 4;
static_assert(sizeof kTables == kHeaderAt + kSearchHeaderSize + kSearchTrailerSize);

std::uint64_t stub_table() { return reinterpret_cast<std::uint64_t>(&kTables[kHeaderAt]); }
#else
std::uint64_t stub_table() { return 0; }
#endif

template <class T>
T load(std::uint64_t at) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(at), sizeof value);
  return value;
}

template <class Visit>
void each_code(const Block& block, Visit&& visit) {
  for (const Block::Segment& segment : block.segments) {
    if (segment.protection != Protection::kReadExecute || segment.size == 0) continue;
    visit(AddressRange{value(segment.base), value(segment.base) + segment.size});
  }
}

}  // namespace

std::uint64_t search_table_at(std::uint64_t address, std::uint64_t table) noexcept {
  const std::uint64_t rows_size = load<std::uint32_t>(table + kSearchHeaderSize - 4) * kSearchRowSize;
  const auto stubs = load<std::int32_t>(table + kSearchHeaderSize + rows_size);
  const bool in_stubs = stubs != 0 && address >= table + static_cast<std::uint64_t>(std::int64_t{stubs});
  return in_stubs && stub_table() != 0 ? stub_table() : table;
}

void show_stubs(const Block& block) {
  if (stub_table() == 0) return;
  each_code(block, [](AddressRange code) { linked_ranges().tag(code, stub_table()); });
}

void hide_stubs(const Block& block) noexcept {
  each_code(block, [](AddressRange code) { linked_ranges().untag(code, stub_table()); });
}

}  // namespace enfold::runtime
