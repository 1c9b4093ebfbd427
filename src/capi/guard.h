// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The wall between C and exceptions. The library throws std::bad_alloc, callbacks and exit handlers may throw anything.
#ifndef ENFOLD_CAPI_GUARD_H_
#define ENFOLD_CAPI_GUARD_H_

#include <cxxabi.h>

#include <exception>
#include <initializer_list>
#include <new>
#include <utility>

#include "capi/handles.h"

namespace enfold::capi {

enfold_error* out_of_memory() noexcept;  // never freed
enfold_error* made(Error error);         // throws std::bad_alloc
enfold_error* made_of_exception(const char* what) noexcept;

// What `body`, which returns an Expected<void>, comes to.
template <class Body>
enfold_error* guarded(Body&& body) {
  try {
    Expected<void> done = std::forward<Body>(body)();
    return done ? nullptr : made(std::move(done).error());
#ifdef __GLIBCXX__
  } catch (const abi::__forced_unwind&) {  // no exception, but the thread's end: pthread_exit in a callback
    throw;
#endif
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& thrown) {
    return made_of_exception(thrown.what());
  } catch (...) {
    return made_of_exception("of a type that is not std::exception's");
  }
}

// Of what a function needs, which is none of it NULL.
template <class... Pointers>
Expected<void> present(const Pointers*... needed) {
  if ((... && (needed != nullptr))) return {};
  return std::unexpected(Error(ErrorCode::kInvalidArgument, "NULL was passed where something is needed"));
}

}  // namespace enfold::capi

#endif  // ENFOLD_CAPI_GUARD_H_
