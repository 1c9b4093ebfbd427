// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/find_object.h"

#include <atomic>
#include <cstdint>

#include <dlfcn.h>

namespace enfold::runtime {
namespace {

constinit AddressIndex index;

}  // namespace

AddressIndex& search_tables() { return index; }

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
  const auto answer = [&](const enfold::AddressRange& code, std::uint64_t table) {
    *result = {};
    result->dlfo_map_start = reinterpret_cast<void*>(code.lo);
    result->dlfo_map_end = reinterpret_cast<void*>(code.hi);
    result->dlfo_eh_frame = reinterpret_cast<void*>(table);
    return true;
  };
  if (enfold::runtime::search_tables().find(reinterpret_cast<std::uint64_t>(pc), answer)) return 0;
  return next_find_object()(pc, result);
}
#endif
