// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_THREAD_TABLE_PLACE_H_
#define ENFOLD_RUNTIME_THREAD_TABLE_PLACE_H_

#include <enfold/error.h>

#include "runtime/thread_table.h"

namespace enfold::runtime {

// What a thread's pointer leads to until the thread has a block: a count of 0.
TableWord* empty_thread_table();

// Finds a place for the pointer to each thread's table, once. Errors: kRuntime, kMemory.
Expected<void> place_thread_table();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_TABLE_PLACE_H_
