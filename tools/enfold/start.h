// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel lays a process's arguments, environment and auxiliary vector out behind each other at the top of its stack
// (x86-64 psABI, 3.4.1), and keeps for itself where they are: for /proc/PID/cmdline, for ps, and for who writes a title
// over them. The C library, too, keeps what it was started with, and hands that to constructors of libraries. So that
// all of it is the program's, `enfold run` executes itself once more with the program's arguments, before it has read
// or compiled anything. Its own command line reaches the new process through a pipe:
//
//   execve("/proc/self/fd////N", the program's argv, environ)    N: this executable; N - 1: the pipe
//
// The kernel shows the path to the new process (AT_EXECFN), so that nothing has to stand in the environment. It has as
// many slashes as the program's name needs to be written over it afterwards. The new process is not the program's file:
// /proc/PID/exe leads to the tool.
//
// Where the process cannot be started anew (no /proc, a sandbox, valgrind), the program's arguments are still a suffix
// of the tool's: the words before them are cut off in place. Then only the C library and the kernel know better.
#ifndef ENFOLD_TOOL_START_H_
#define ENFOLD_TOOL_START_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tool {

// What this process was started with.
struct Start {
  int argc = 0;
  char** argv = nullptr;                    // on the stack, as the kernel laid it
  std::vector<std::string> words;           // the tool's command line behind argv[0], with the program's arguments
  bool is_programs = false;                 // argv is the program's
  // What start_anew() asked for.
  bool replaceable_allocator = false;
  std::uint64_t static_thread_storage = 0;
  std::uint8_t static_p2align = 0;
  std::vector<std::string> libraries{};
  std::vector<std::string> variables{};
};

// Takes over what was handed to this process, if it was started anew. To be called first in main().
Start take_start(int argc, char** argv);

struct NewStart {
  std::string name;                            // the program's argv[0]
  std::vector<std::string> program_arguments;  // what follows it
  bool replaceable_allocator = false;          // one of `preloads` is libenfold-allocator.so
  // Asks the C library for so many bytes of static thread-local storage; 0: for what it gives anyway. The program does
  // not get to see the variable of the environment that this takes (GLIBC_TUNABLES).
  std::uint64_t static_thread_storage = 0;
  std::uint8_t static_p2align = 0;  // of what it is to be aligned to one of `preloads` sees
  std::vector<std::string> variables{};  // of the C library, which one of `preloads` has
  // Objects to be loaded at the start (LD_PRELOAD): libraries, and descriptors' paths that preload_path() made.
  std::vector<std::string> preloads{};
};

// Of a file that is open for the new process to load. It is closed there, and debuggers are not told the path, which has
// another file behind it then.
std::string preload_path(int descriptor);

// Starts the tool's command line anew, in a process laid out as the program's. Returns where that is impossible.
void start_anew(const Start& start, const NewStart& next);

// Floating-point flags as a process starts with them: our own arithmetic has left some.
void reset_processor_state();

// Gives the process the program's name and, where it was not started anew, the program's arguments.
void become_program(Start& start, const std::string& name, std::size_t argument_count);

}  // namespace tool

#endif  // ENFOLD_TOOL_START_H_
