// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Words of a command line taken apart.
#ifndef ENFOLD_TOOL_WORDS_H_
#define ENFOLD_TOOL_WORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

// "-O2 -DNAME='a b'" split into words as a shell does: blanks separate, quotes and backslashes protect.
std::vector<std::string> split_words(const std::string& text);

// Decimal, 0x... or 0... as in C.
std::optional<std::uint64_t> parse_address(std::string_view text);

}  // namespace tool

#endif  // ENFOLD_TOOL_WORDS_H_
