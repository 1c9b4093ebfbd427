// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// __tls_get_addr, for modules of both kinds, and the slow path of dynamic TLS descriptors. A program is right to call
// them anywhere, and has no way to be told that there is no memory for its thread's block: then the process aborts, as
// it does in the C library.
#include "runtime/thread_access.h"

#include <cstdlib>

#include "runtime/thread_blocks.h"
#include "runtime/thread_table.h"
#include "runtime/vector_state.h"

extern "C" {
struct EnfoldTlsIndex {  // tls_index
  std::uint64_t module, offset;
};
void* __tls_get_addr(EnfoldTlsIndex* index);

[[gnu::visibility("hidden")]] void* enfold_thread_get_address(const EnfoldTlsIndex* index);
[[gnu::visibility("hidden")]] std::uint64_t enfold_thread_descriptor_address(std::uint64_t argument);
#if defined(__x86_64__)
[[gnu::visibility("hidden")]] void enfold_thread_static_descriptor();
[[gnu::visibility("hidden")]] void enfold_thread_dynamic_descriptor();
#endif
}

namespace enfold::runtime {
namespace {

// Old compilers called __tls_get_addr with the stack off by 8 (GCC bug 58066).
#if defined(__x86_64__)
#define ENFOLD_ALIGNS_STACK [[gnu::noinline, gnu::force_align_arg_pointer]]
#else
#define ENFOLD_ALIGNS_STACK [[gnu::noinline]]
#endif

ENFOLD_ALIGNS_STACK std::uint64_t slow_address(std::uint64_t module, std::uint64_t offset) {
  if (module < kFirstThreadModule) {
    EnfoldTlsIndex index{module, offset};
    return reinterpret_cast<std::uint64_t>(__tls_get_addr(&index));
  }
  const std::uint64_t block = make_own_thread_block(module);
  if (block == 0) std::abort();
  return block + offset;
}

template <class Function>
TargetAddr entry(Function* function) {
  return TargetAddr{reinterpret_cast<std::uint64_t>(function)};
}

}  // namespace

std::uint64_t thread_local_address(std::uint64_t module, std::uint64_t offset) {
  const std::uint64_t block = find_thread_block(module);
  return block != 0 ? block + offset : slow_address(module, offset);
}

TargetAddr thread_address_function() { return entry(enfold_thread_get_address); }

ThreadFunctions process_thread_functions() {
#if defined(__x86_64__)
  prepare_vector_state();
  return {.get_address = thread_address_function(),
          .static_descriptor = entry(enfold_thread_static_descriptor),
          .dynamic_descriptor = entry(enfold_thread_dynamic_descriptor)};
#else
  return {.get_address = thread_address_function()};
#endif
}

}  // namespace enfold::runtime

void* enfold_thread_get_address(const EnfoldTlsIndex* index) {
  return reinterpret_cast<void*>(enfold::runtime::thread_local_address(index->module, index->offset));
}

std::uint64_t enfold_thread_descriptor_address(std::uint64_t argument) {
  const auto offset = static_cast<std::int32_t>(argument);  // its low half
  return enfold::runtime::thread_local_address(argument >> 32, static_cast<std::uint64_t>(std::int64_t{offset}));
}
