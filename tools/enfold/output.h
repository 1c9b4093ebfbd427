// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_OUTPUT_H_
#define ENFOLD_TOOL_OUTPUT_H_

#include <optional>
#include <string>
#include <string_view>

namespace tool {

// Creates or replaces the file. What went wrong, or nothing.
std::optional<std::string> write_file(const std::string& path, std::string_view text);

}  // namespace tool

#endif  // ENFOLD_TOOL_OUTPUT_H_
