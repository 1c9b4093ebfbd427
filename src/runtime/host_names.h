// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What else the process's objects know of a name or an address, by a look at all of their dynamic symbols.
#ifndef ENFOLD_RUNTIME_HOST_NAMES_H_
#define ENFOLD_RUNTIME_HOST_NAMES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace enfold::runtime {

// The versions of a name, as "VERSION in FILE".
std::vector<std::string> host_versions_of(const std::string& name);

// The default names of what lies at the address, thread-locals aside.
std::vector<std::string> host_names_at(std::uint64_t address);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_HOST_NAMES_H_
