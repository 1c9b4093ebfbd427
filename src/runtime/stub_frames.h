// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How unwinders get past stubs. A signal, a profiler or a debugger may stop in one. Wherever that is, the caller's
// address is on the top of the stack and no register is saved: stubs push nothing. So one table for all addresses
// describes the stubs of all sets, and no set has to have one of its own. Where a zone's stubs begin stands behind its
// search table (plan/search_table.h), and all code of a face's blocks is stubs.
//
// Only unwinders that ask (find_object.cc) come here. With one that has tables registered, which it would take for that
// of all other code, stubs have none.
#ifndef ENFOLD_RUNTIME_STUB_FRAMES_H_
#define ENFOLD_RUNTIME_STUB_FRAMES_H_

#include <cstdint>

#include <enfold/memory.h>

namespace enfold::runtime {

// The search table for an address in code that has `table`: that one, or the one of stubs.
std::uint64_t search_table_at(std::uint64_t address, std::uint64_t table) noexcept;

// Of a block whose code is stubs. Throws std::bad_alloc. Hiding what is not shown does nothing.
void show_stubs(const Block& block);
void hide_stubs(const Block& block) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_STUB_FRAMES_H_
