// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The errors of values that do not fit, with what cures them.
#ifndef ENFOLD_PLAN_OUT_OF_RANGE_H_
#define ENFOLD_PLAN_OUT_OF_RANGE_H_

#include <cstdint>

#include <enfold/error.h>

#include "fixup.h"
#include "link_state.h"

namespace enfold {

// No place for the set brings `target`, outside it, into the field's range.
Error out_of_reach(const LinkState& link, const FixupDesc& desc, std::uint64_t target, Place place);

// The same, for data of a library that is not loaded yet.
Error out_of_reach_of_library(const FixupDesc& desc, Place place);

// The finished link's value does not fit.
Error out_of_range(const FixupDesc& desc, std::int64_t value, Place place);

}  // namespace enfold

#endif  // ENFOLD_PLAN_OUT_OF_RANGE_H_
