// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a thread finds its blocks of modules that the C library does not know: a table of its own, which a pointer in
// static thread-local storage leads to.
//
//    thread pointer + enfold_thread_table_offset --> | count | block 0 | block 1 | ...
//
// The pointer is no variable of the initial-exec model: one such access makes the C library place all of the object's
// thread-locals in static storage, with the pool among them, and a plug-in that holds this library could not be
// loaded. Where it is is found when the first module is made; before that the offset is 0, where the control block
// holds its own address: a count that no module's index comes near to, whatever code asks for a foreign module first.
//
// The entry points in assembly know this layout, and kFirstThreadModule.
#ifndef ENFOLD_RUNTIME_THREAD_TABLE_H_
#define ENFOLD_RUNTIME_THREAD_TABLE_H_

#include <atomic>
#include <cstdint>

#include "runtime/thread_pointer.h"

namespace enfold::runtime {

// The C library numbers its modules from 1 on, densely: it will not get here.
constexpr std::uint64_t kFirstThreadModule = 0x4000'0000;

// A count, or a block's address. Only the thread itself reads without a lock; who unloads a module clears its words.
using TableWord = std::atomic<std::uint64_t>;
static_assert(sizeof(TableWord) == 8 && TableWord::is_always_lock_free);

}  // namespace enfold::runtime

extern "C" {
[[gnu::visibility("hidden")]] extern std::atomic<std::int64_t> enfold_thread_table_offset;
}

namespace enfold::runtime {

inline TableWord*& thread_table() {
  const std::int64_t offset = enfold_thread_table_offset.load(std::memory_order_relaxed);
  return *reinterpret_cast<TableWord**>(thread_pointer() + static_cast<std::uint64_t>(offset));
}

// The calling thread's block, or 0: it has none, or the module is the C library's.
inline std::uint64_t find_thread_block(std::uint64_t module) {
  const TableWord* const table = thread_table();
  const std::uint64_t index = module - kFirstThreadModule;  // huge for the C library's
  if (index >= table[0].load(std::memory_order_relaxed)) return 0;
  return table[1 + index].load(std::memory_order_relaxed);
}

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_TABLE_H_
