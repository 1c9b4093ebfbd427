// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The errors of values that do not fit, with what cures them.
#ifndef ENFOLD_PLAN_OUT_OF_RANGE_H_
#define ENFOLD_PLAN_OUT_OF_RANGE_H_

#include <cstdint>
#include <optional>

#include <enfold/error.h>

#include "fixup.h"
#include "link_state.h"

namespace enfold {

// No place for the set brings `target`, outside it, into the field's range.
Error out_of_reach(const LinkState& link, const FixupDesc& desc, std::uint64_t target, Place place);

// The same, for data of a library that is not loaded yet.
Error out_of_reach_of_library(const FixupDesc& desc, Place place);

// An instruction reads 32 bits of the slot of what lies at `address`, outside the set; none: it is not known yet.
Error partial_read(std::optional<std::uint64_t> address, Place place);

// The same of what is the set's own, where the memory provider has no room below 2 GiB.
Error no_low_window(Place place);

// The finished link's value does not fit.
Error out_of_range(const FixupDesc& desc, std::int64_t value, Place place);

}  // namespace enfold

#endif  // ENFOLD_PLAN_OUT_OF_RANGE_H_
