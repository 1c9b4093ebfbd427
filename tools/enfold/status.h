// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one exit status that is enfold's own, as it is env's and xargs's: any other status of `enfold run` comes from the
// program. Messages are written to the descriptor directly, because stdio and its streams are the program's.
#ifndef ENFOLD_TOOL_STATUS_H_
#define ENFOLD_TOOL_STATUS_H_

#include <string>
#include <string_view>

namespace tool {

inline constexpr int kOwnError = 125;

// Writes all of `text`; false when the descriptor refuses it.
bool write_all(int descriptor, std::string_view text);

// What may have several lines, with what a terminal would obey in them shown as escapes.
std::string printable_lines(std::string_view text);

// "enfold: error: TEXT" on standard error, as printable_lines() has it. Returns kOwnError.
int report(std::string_view text);

// What is said where there is no memory: short enough for a string to hold it itself.
inline constexpr const char* kNoMemory = "out of memory";

}  // namespace tool

#endif  // ENFOLD_TOOL_STATUS_H_
