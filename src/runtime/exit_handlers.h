// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exit handlers of linked code (Itanium C++ ABI, 3.3.5.3). They are registered with the C library, so that they keep
// their place among those of the process; but as records of ours, so that what the C library does under its lock, which
// it does not look after at a fork, is done under ours, which a fork waits for (registrations.h). Handlers themselves
// run outside both.
#ifndef ENFOLD_RUNTIME_EXIT_HANDLERS_H_
#define ENFOLD_RUNTIME_EXIT_HANDLERS_H_

namespace enfold::runtime {

// __cxa_atexit and its kin, for linked code. Errors: not 0, for want of memory.
int register_exit(void (*function)(void*), void* argument, void* handle) noexcept;
int register_quick_exit(void (*function)(void*), void* handle) noexcept;

// __cxa_finalize: runs what is registered under the handle, the last first. What a handler throws goes on to the
// caller.
void finalize(void* handle);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_EXIT_HANDLERS_H_
