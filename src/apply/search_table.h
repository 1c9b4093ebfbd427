// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_APPLY_SEARCH_TABLE_H_
#define ENFOLD_APPLY_SEARCH_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include <enfold/memory.h>
#include <enfold/runtime.h>

#include "link_state.h"

namespace enfold {

struct SearchRow {
  std::int32_t function = 0, frame = 0;  // distances from the header
};

// The header and the sorted rows; without rows one that has unwinders walk the .eh_frame. `stubs` is the distance to the
// zone's, if it has some.
void write_search_table(std::byte* out, TargetAddr at, TargetAddr eh_frame, std::span<const SearchRow> rows,
                        std::int32_t stubs = 0);

// Fills the search table of each zone. The image is written and relocated.
void write_search_tables(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_APPLY_SEARCH_TABLE_H_
