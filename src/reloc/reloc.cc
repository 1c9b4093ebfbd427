// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "reloc/reloc.h"

#include <algorithm>

#include <fmt/format.h>

namespace enfold {

const RelocationRow* RelocationScheme::row(std::uint32_t type) const {
  const auto found = std::ranges::find(rows, type, &RelocationRow::type);
  return found == rows.end() ? nullptr : &*found;
}

std::string RelocationScheme::type_name(std::uint32_t type) const {
  const RelocationRow* known = row(type);
  return known != nullptr ? std::string(known->name) : fmt::format("relocation type {}", type);
}

}  // namespace enfold
