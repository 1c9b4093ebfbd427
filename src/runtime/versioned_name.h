// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_VERSIONED_NAME_H_
#define ENFOLD_RUNTIME_VERSIONED_NAME_H_

#include <cstddef>
#include <string_view>

namespace enfold::runtime {

// "name", "name@version", or "name@@version" of a definition that serves references without a version, too.
struct VersionedName {
  std::string_view name;
  std::string_view version;  // empty: none is said
  bool is_default = false;
};

inline VersionedName split(std::string_view symbol) {
  const std::size_t at = symbol.find('@');
  if (at == std::string_view::npos) return {.name = symbol, .version = {}};
  const std::size_t version = symbol.find_first_not_of('@', at);
  return {.name = symbol.substr(0, at),
          .version = version == std::string_view::npos ? std::string_view() : symbol.substr(version),
          .is_default = version != at + 1};
}

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_VERSIONED_NAME_H_
