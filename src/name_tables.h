// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The standard library's tables of names, by the process's own hash of names. std::hash has the same seed everywhere:
// names that it gives one value are made as fast as they are written, and a table of such names is a list.
#ifndef ENFOLD_NAME_TABLES_H_
#define ENFOLD_NAME_TABLES_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "hashed_name.h"

namespace enfold {

// Of names, however they are held: looking one up takes no memory.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return wide_hash_of(name); }
};

template <class Name, class Value>
using NameMap = std::unordered_map<Name, Value, NameHash, std::equal_to<>>;
template <class Name>
using NameSet = std::unordered_set<Name, NameHash, std::equal_to<>>;

}  // namespace enfold

#endif  // ENFOLD_NAME_TABLES_H_
