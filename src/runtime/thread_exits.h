// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Destructors of C++'s thread-locals (Itanium C++ ABI, 3.3.5.5 __cxa_thread_atexit): run at the end of their thread, or
// when their set is unloaded, for the calling thread; the set's memory stays until other threads have run theirs.
#ifndef ENFOLD_RUNTIME_THREAD_EXITS_H_
#define ENFOLD_RUNTIME_THREAD_EXITS_H_

#include "runtime/set_record.h"

namespace enfold {

// The set's code may register destructors under the set's handles from now on.
void enlist_thread_exits(SetRecord& set);
void delist_thread_exits(SetRecord& set) noexcept;  // and no longer

// Runs what the calling thread has registered for the set, the last first, and what comes up meanwhile.
void run_thread_exits(SetRecord& set);

// Whether threads are still to run destructors of the set, or of a set that uses it: then it is marked as waiting, and
// `finish_waiting` is called with it, in one of those threads, when there may be no more. The session's lock is held.
bool waits_for_threads(SetRecord& set);

// The other end, for a set that waits: true once, when it need wait no longer. The session's lock is held.
bool stops_waiting(SetRecord& set);

// Sets that waited for threads that a fork left behind.
std::vector<std::shared_ptr<SetRecord>> take_forsaken();
bool any_forsaken();

// Unloads what has waited for threads, unless it has to go on waiting. In unload.cc.
void finish_waiting(std::shared_ptr<SetRecord> set);

namespace runtime {

// __cxa_thread_atexit for linked code.
int register_thread_exit(void (*destructor)(void*), void* object, void* handle) noexcept;

}  // namespace runtime
}  // namespace enfold

#endif  // ENFOLD_RUNTIME_THREAD_EXITS_H_
