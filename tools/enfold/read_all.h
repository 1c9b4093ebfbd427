// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_READ_ALL_H_
#define ENFOLD_TOOL_READ_ALL_H_

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace tool {

// All bytes up to the end, or an errno value.
std::expected<std::vector<std::byte>, int> read_all(int descriptor);
std::expected<std::vector<std::byte>, int> read_file(const std::string& path);

}  // namespace tool

#endif  // ENFOLD_TOOL_READ_ALL_H_
