// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source may be a script, which the kernel runs by the program that its first line names:
//
//   #!/usr/bin/enfold run
//
// The kernel hands over the words `run`, the script's name, and the script's arguments (execve(2), "Interpreter
// scripts"). What stands behind `run` in the line comes as one word with it.
#ifndef ENFOLD_TOOL_SCRIPT_H_
#define ENFOLD_TOOL_SCRIPT_H_

#include <string>
#include <string_view>

namespace tool {

// Whether a regular file begins with "#!". What is taken from others, as from a FIFO, would be gone.
bool is_script(const std::string& path);

// Whether it is a script that names this tool, and its own name has no suffix: C, as for tcc.
bool is_plain_script(const std::string& path);

// What a compiler takes for the script: its lines keep their numbers, and it keeps its name.
std::string script_source(const std::string& path, std::string_view text);

}  // namespace tool

#endif  // ENFOLD_TOOL_SCRIPT_H_
