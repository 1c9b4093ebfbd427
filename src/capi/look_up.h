// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_CAPI_LOOK_UP_H_
#define ENFOLD_CAPI_LOOK_UP_H_

#include <utility>

#include "capi/guard.h"
#include "capi/handles.h"

namespace enfold::capi {

// A symbol's address as the pointer that the caller asks for: find(scope, symbol) knows it.
template <class Scope, class Pointer, class Find>
enfold_error* look_up(const Scope* scope, const char* symbol, Pointer* out, Find&& find) {
  if (out != nullptr) *out = nullptr;
  return guarded([&]() -> Expected<void> {
    if (auto done = present(scope, symbol, out); !done) return done;
    Expected<TargetAddr> address = find(*scope, symbol);
    if (!address) return std::unexpected(std::move(address).error());
    *out = reinterpret_cast<Pointer>(value(*address));
    return {};
  });
}

}  // namespace enfold::capi

#endif  // ENFOLD_CAPI_LOOK_UP_H_
