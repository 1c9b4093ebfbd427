// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exit handlers of linked code (Itanium C++ ABI, 3.3.5.3). They are kept here, by the handle that they were registered
// under, so that unloading a set takes what the set has, whatever else the process has registered. The C library has
// one list for the whole process, and walks all of it, under one lock, to find what a handle has (__cxa_finalize).
//
// exit() runs the handlers of the whole process in one order, the last registered first. So the C library has an entry
// for each *run* of ours, which are those that nobody else registered a handler between:
//
//   C library's list:   library's | run 1 | program's | run 2      exit() comes from the right
//   here:                          a b a               b a
//
// Whether somebody else has, the C library's count of registrations tells (registration_count.h). Where that is not
// known, each handler has an entry of its own.
//
// When exit() comes to a run, the run's entry is registered anew, its last handler is called, and control returns to
// exit(): what that handler registers, here or there, lies above the entry, and is run first. So does a handler that
// calls exit() itself.
//
// An entry cannot be taken from the C library alone. Those of runs that have become empty stay until there are enough
// of them: a batch of entries has one handle, and goes when the last of its runs is empty.
//
// All calls of the C library that take its lock are made under ours, which a fork waits for: the C library does not
// look after its own. Handlers run outside both.
#ifndef ENFOLD_RUNTIME_EXIT_HANDLERS_H_
#define ENFOLD_RUNTIME_EXIT_HANDLERS_H_

namespace enfold::runtime {

// __cxa_atexit and its kin, for linked code.
// Errors: not 0, for want of memory, or when exit() has run all handlers.
int register_exit(void (*function)(void*), void* argument, void* handle) noexcept;
// These stay in the C library's lists. It cannot tell whose the handlers of on_exit are, and never forgets them.
int register_quick_exit(void (*function)(void*), void* handle) noexcept;
int register_on_exit(void (*function)(int, void*), void* argument) noexcept;
int register_fork_handlers(void (*prepare)(), void (*parent)(), void (*child)(), void* handle) noexcept;

// __cxa_finalize: runs what is registered under the handle, the last first. What a handler throws goes on to the
// caller. finalize() is for handles of sets; finalize_any() serves references of linked code, and null, which means
// everybody's handlers.
void finalize(void* handle);
void finalize_any(void* handle);

// Whether a function that was registered under the handle is being run, by exit() or in another call of finalize().
bool is_finalizing(void* handle) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_EXIT_HANDLERS_H_
