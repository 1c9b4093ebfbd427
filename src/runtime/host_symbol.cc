// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/host_symbol.h"

#include <dlfcn.h>

#include "runtime/loader_call.h"

namespace enfold::runtime {

VersionedName split(const std::string& symbol) {
  const std::size_t at = symbol.find('@');
  if (at == std::string::npos) return {symbol, {}};
  const std::size_t version = symbol.find_first_not_of('@', at);
  return {symbol.substr(0, at), version == std::string::npos ? std::string() : symbol.substr(version)};
}

// dlsym returns null for a null address and for none, and tells them apart in dlerror.
std::optional<void*> look_up(void* library, const VersionedName& symbol) {
  void* const scope = library != nullptr ? library : RTLD_DEFAULT;
  const LoaderCall call;
  ::dlerror();
  void* address = nullptr;
  if (symbol.version.empty()) {
    address = ::dlsym(scope, symbol.name.c_str());
  } else {
#if defined(__GLIBC__)
    address = ::dlvsym(scope, symbol.name.c_str(), symbol.version.c_str());
#else
    return std::nullopt;
#endif
  }
  if (address == nullptr && ::dlerror() != nullptr) return std::nullopt;
  return address;
}

}  // namespace enfold::runtime
