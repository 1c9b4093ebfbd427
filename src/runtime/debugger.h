// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// gdb's interface for code that was made at run time ("JIT Compilation Interface" in its manual, version 1). The
// process keeps a list of object files in memory. A debugger finds it by name when it attaches, and stops the process
// in a function of a given name whenever one is added or removed; without a debugger, that is a call of an empty
// function.
//
// There is one list in a process, whoever else makes code: both names are weak, so that those of LLVM, which are the
// same, may be linked in beside them. Adding and removing takes the same time however long the list is.
#ifndef ENFOLD_RUNTIME_DEBUGGER_H_
#define ENFOLD_RUNTIME_DEBUGGER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace enfold::runtime {

// Ownership: `object` is borrowed until its entry is removed.
// Threads: callable from several at once; a fork waits, and its child has a list of its own.
void* add_to_debugger(std::span<const std::byte> object);
void remove_from_debugger(void* entry) noexcept;

// The distance of the block of module 1, which every thread has, from the thread pointer. None: it is not static.
std::optional<std::int64_t> first_block_offset() noexcept;

// Whether a debugger that attends to the list is attached now: its breakpoint is in the function.
bool debugger_attends() noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_DEBUGGER_H_
