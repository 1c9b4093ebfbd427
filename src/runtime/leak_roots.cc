// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/leak_roots.h"

#include <cstddef>

#include <dlfcn.h>

#include "fork.h"

namespace enfold::runtime {
namespace {

using Tell = void (*)(const void*, std::size_t);

// Of the sanitizers' common interface (lsan_interface.h); null where there is none in the process.
struct LeakChecker {
  Tell add = reinterpret_cast<Tell>(dlsym(RTLD_DEFAULT, "__lsan_register_root_region"));
  Tell remove = reinterpret_cast<Tell>(dlsym(RTLD_DEFAULT, "__lsan_unregister_root_region"));
};

void tell(Tell how, std::uint64_t begin, std::uint64_t size) {
  if (how != nullptr) how(reinterpret_cast<const void*>(begin), size);
}

}  // namespace

void add_leak_root(std::uint64_t begin, std::uint64_t size) { tell(lasting<LeakChecker>().add, begin, size); }
void remove_leak_root(std::uint64_t begin, std::uint64_t size) noexcept {
  tell(lasting<LeakChecker>().remove, begin, size);
}

}  // namespace enfold::runtime
