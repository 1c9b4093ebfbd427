// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/host_symbol.h"

#include <cstdint>
#include <string>

#include <dlfcn.h>

#include "runtime/host_object.h"
#include "runtime/loader_call.h"

namespace enfold::runtime {

namespace {

// A definition without a version that comes first in the global scope, as those of preloaded libraries do. dlvsym passes
// it over, but the dynamic linker binds references to it, whatever version they ask for.
void* interposed(const std::string& name, void* exact) {
  void* const first = ::dlsym(RTLD_DEFAULT, name.c_str());
  if (first == nullptr || first == exact) return nullptr;
  const auto address = reinterpret_cast<std::uint64_t>(first);
  const std::optional<HostObject> object = find_host_object(address);
  return object && serves_all_versions(*object, name, address) ? first : nullptr;
}

}  // namespace

// dlsym returns null for a null address and for none, and tells them apart in dlerror.
std::optional<void*> look_up(void* library, const VersionedName& symbol) {
  const std::string name(symbol.name);
  void* const scope = library != nullptr ? library : RTLD_DEFAULT;
  const LoaderCall call;
  ::dlerror();
  if (symbol.version.empty()) {
    void* const address = ::dlsym(scope, name.c_str());
    if (address == nullptr && ::dlerror() != nullptr) return std::nullopt;
    return address;
  }
#if defined(__GLIBC__)
  void* const exact = ::dlvsym(scope, name.c_str(), std::string(symbol.version).c_str());
  const bool found = exact != nullptr || ::dlerror() == nullptr;
  void* const first = library == nullptr ? interposed(name, exact) : nullptr;
  if (first != nullptr) return first;
  if (found) return exact;
#endif
  return std::nullopt;
}

}  // namespace enfold::runtime
