// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_HOST_SYMBOL_H_
#define ENFOLD_RUNTIME_HOST_SYMBOL_H_

#include <optional>
#include <string>

namespace enfold::runtime {

// "name", "name@version" and "name@@version" apart.
struct VersionedName {
  std::string name;
  std::string version;  // empty: the default one
};

VersionedName split(const std::string& symbol);

// What dlsym(3) or dlvsym(3) knows: an address, which may be null, or nothing. A null library is the global scope.
std::optional<void*> look_up(void* library, const VersionedName& symbol);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_HOST_SYMBOL_H_
