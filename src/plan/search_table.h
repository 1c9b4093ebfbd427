// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .eh_frame_hdr (LSB Core 5.0, 10.6.2): where an unwinder finds the FDE of an address by binary search. It stands
// behind the .eh_frame that it speaks of, in one segment with it.
//
//   1 | encodings: of the address, the count, the table | address of .eh_frame | count | table
//   a row: distance from this header to the function | to its FDE; both int32; sorted by the function
//
// Behind the rows, where unwinders do not look, is the distance from the header to the zone's stubs, which have no FDE
// and end its code; 0: it has none, or they are out of reach (runtime/stub_frames.h).
#ifndef ENFOLD_PLAN_SEARCH_TABLE_H_
#define ENFOLD_PLAN_SEARCH_TABLE_H_

#include <cstdint>

namespace enfold {

constexpr std::uint64_t kSearchHeaderSize = 12, kSearchRowSize = 8, kSearchTrailerSize = 4;
constexpr std::uint8_t kSearchTableP2align = 2;  // unwinders read the table as an array of int32

constexpr std::uint64_t search_table_size(std::uint64_t frame_count) {
  return frame_count == 0 ? 0 : kSearchHeaderSize + frame_count * kSearchRowSize + kSearchTrailerSize;
}

}  // namespace enfold

#endif  // ENFOLD_PLAN_SEARCH_TABLE_H_
