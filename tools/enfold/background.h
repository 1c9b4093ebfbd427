// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_BACKGROUND_H_
#define ENFOLD_TOOL_BACKGROUND_H_

#include <expected>
#include <functional>
#include <string>

namespace tool {

// Runs `work` on a thread that takes no signal of the program's, but faults of its own, and ends with the process.
std::expected<void, std::string> start_background_thread(const char* name, std::function<void()> work);

// Have all threads of the process ended but those that were started here?
bool are_alone();

}  // namespace tool

#endif  // ENFOLD_TOOL_BACKGROUND_H_
