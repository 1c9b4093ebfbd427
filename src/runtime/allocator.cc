// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/allocator.h"

#include <cstdint>

#include <dlfcn.h>

#include "allocator/allocator.h"

namespace enfold::runtime {
namespace {

using Replace = decltype(&::enfold_replace_allocator);

// Preloaded libraries come before the C library in the global scope.
Replace find_replace() { return reinterpret_cast<Replace>(::dlsym(RTLD_DEFAULT, "enfold_replace_allocator")); }

bool are_of_one_object(const void* a, const void* b) {
  Dl_info of_a{}, of_b{};
  return ::dladdr(a, &of_a) != 0 && ::dladdr(b, &of_b) != 0 && of_a.dli_fbase == of_b.dli_fbase;
}

template <class Function>
void take(Function*& to, TargetAddr from) {
  to = reinterpret_cast<Function*>(value(from));
}

}  // namespace

bool is_replaceable_allocator(const void* function) {
  const Replace replace = find_replace();
  return replace != nullptr && are_of_one_object(function, reinterpret_cast<const void*>(replace));
}

Expected<void> check_allocator() {
  if (is_replaceable_allocator(::dlsym(RTLD_DEFAULT, "malloc"))) return {};
  return std::unexpected(
      Error(ErrorCode::kUnsupported,
            "the set defines it for the whole process, but the C library would go on with its own: one would free what "
            "the other has made")
          .with_cure("hide the definitions (visibility hidden), so that the set alone uses them, or start the process "
                     "with LD_PRELOAD=libenfold-allocator.so")
          .with_lack({.allocator = true}));
}

Expected<void> replace_allocator(const AllocatorFunctions& functions) {
  enfold_allocator own{};
  take(own.malloc, functions.malloc);
  take(own.free, functions.free);
  take(own.calloc, functions.calloc);
  take(own.realloc, functions.realloc);
  take(own.memalign, functions.memalign);
  take(own.aligned_alloc, functions.aligned_alloc);
  take(own.posix_memalign, functions.posix_memalign);
  take(own.valloc, functions.valloc);
  take(own.pvalloc, functions.pvalloc);
  take(own.malloc_usable_size, functions.malloc_usable_size);
  const Replace replace = find_replace();
  if (replace != nullptr && replace(&own) == 0) return {};
  return std::unexpected(Error(ErrorCode::kUnsupported, "another set has replaced malloc in this process")
                             .with_cure("unload that set, or hide the definitions (visibility hidden)"));
}

void give_up_allocator() noexcept {
  if (const Replace replace = find_replace()) replace(nullptr);
}

}  // namespace enfold::runtime
