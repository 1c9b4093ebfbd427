// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_CAPI_LINKING_H_
#define ENFOLD_CAPI_LINKING_H_

#include <fmt/format.h>

#include <new>

#include "capi/handles.h"

namespace enfold::capi {

// Of a set that is to be planned or linked: what its making came to. Throws std::bad_alloc when memory ran out then.
inline Expected<void> sound(const enfold_object_set* set) {
  if (set == nullptr || set->out_of_memory) throw std::bad_alloc();
  if (set->fault == nullptr) return {};
  return std::unexpected(
      Error(ErrorCode::kInvalidArgument, fmt::format("the set '{}': {}", set->set.name(), set->fault)));
}

}  // namespace enfold::capi

#endif  // ENFOLD_CAPI_LINKING_H_
