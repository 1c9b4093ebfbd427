// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_BACKGROUND_H_
#define ENFOLD_TOOL_BACKGROUND_H_

#include <functional>

namespace tool {

// Runs `work` on a thread that takes no signal of the program's, but faults of its own, and ends with the process.
void start_background_thread(const char* name, std::function<void()> work);

}  // namespace tool

#endif  // ENFOLD_TOOL_BACKGROUND_H_
