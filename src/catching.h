// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Want of memory is an error like others: each public function that gives an Expected turns std::bad_alloc, its own or
// the standard library's, into one. Everything else that callers' code throws goes on to the caller.
#ifndef ENFOLD_CATCHING_H_
#define ENFOLD_CATCHING_H_

#include <expected>
#include <new>

#include <enfold/error.h>

namespace enfold {

[[gnu::cold, gnu::noinline]] inline Error out_of_memory() { return Error(ErrorCode::kMemory, "out of memory"); }

// What body() gives, an Expected, or kMemory.
template <class Body>
auto catching_bad_alloc(Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return std::unexpected(out_of_memory());
  }
}

}  // namespace enfold

#endif  // ENFOLD_CATCHING_H_
