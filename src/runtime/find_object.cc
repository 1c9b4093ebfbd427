// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How unwinders find the tables of linked code. glibc (2.35 and newer) has _dl_find_object: from an address to the
// loaded object and its .eh_frame_hdr. libgcc (12 and newer) and LLVM's libunwind (15 and newer) call it for each
// frame, and like any function of the C library it may be defined earlier in the scope: by the executable. The one
// defined here answers for linked code and passes every other question on. So nothing is registered with anyone.
//
// Whether the process's unwinder comes here depends on how the program was linked; runtime/unwind.h finds out.
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include <dlfcn.h>

#include "runtime/linked_ranges.h"
#include "runtime/stub_frames.h"

namespace enfold::runtime {
namespace {

constinit AddressIndex ranges(let_go_of_described);

}  // namespace

// In this file, so that who links with the library's archive has _dl_find_object from it.
AddressIndex& linked_ranges() { return ranges; }

}  // namespace enfold::runtime

#if defined(DLFO_STRUCT_HAS_EH_DBASE)
namespace {

using FindObject = int (*)(void*, dl_find_object*);

// Stands where no other definition is behind this one: in a program without a dynamic linker.
int find_none(void*, dl_find_object*) { return -1; }

// Constant-initialised: other constructors may throw before those of this library run.
std::atomic<FindObject> next_definition{nullptr};

FindObject next_find_object() {
  if (const FindObject known = next_definition.load(std::memory_order_acquire)) return known;
  void* const found = dlsym(RTLD_NEXT, "_dl_find_object");
  const FindObject next = found != nullptr ? reinterpret_cast<FindObject>(found) : &find_none;
  next_definition.store(next, std::memory_order_release);
  return next;
}

// dlsym must not be called in a signal handler: by the time one is installed the answer is there.
[[gnu::constructor(101)]] void resolve_early() { next_find_object(); }

}  // namespace

// Weak: in a static program the C library's own definition is the one.
extern "C" [[gnu::weak, gnu::visibility("default")]] int _dl_find_object(void* pc, dl_find_object* result) noexcept {
  const auto address = reinterpret_cast<std::uint64_t>(pc);
  const auto answer = [&](const enfold::AddressRange& code, std::uint64_t table) {
    *result = {};
    result->dlfo_map_start = reinterpret_cast<void*>(code.lo);
    result->dlfo_map_end = reinterpret_cast<void*>(code.hi);
    result->dlfo_eh_frame = reinterpret_cast<void*>(enfold::runtime::search_table_at(address, table));
    return true;
  };
  if (enfold::runtime::linked_ranges().find_tag(address, answer)) return 0;
  return next_find_object()(pc, result);
}
#endif
