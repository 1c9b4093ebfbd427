// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What perf(1) reads of code that was made at run time. perf records addresses; when the process is long gone, a file
// has to say what was there. It is found by the process's number, so a process has one file of a kind, which all
// sessions write to, and the child of a fork has to have its own.
#ifndef ENFOLD_RUNTIME_PROFILER_H_
#define ENFOLD_RUNTIME_PROFILER_H_

#include <span>

#include <enfold/error.h>
#include <enfold/session.h>

#include "runtime/linked_functions.h"

namespace enfold::runtime {

class Profile {
 public:
  // Threads: callable from several at once; a fork waits.
  // Errors: kIo. Some of the functions may be in the file then.
  virtual Expected<void> add(std::span<const LinkedFunction> functions) = 0;

 protected:
  ~Profile() = default;
};

// The process's file of that kind, made if there is none yet; null for Profiler::kNone.
// Ownership: lives as long as the process.
Expected<Profile*> open_profile(Profiler kind);

// A file made anew, with nothing at its name before but what may be removed: in /tmp anybody may have put something
// there. `kept`: whether a file of this user's that is there already is taken as it is. Errors: kIo.
Expected<int> create_profile_file(const char* path, bool (*kept)(int file));

// All of it by one call. Errors: kIo.
Expected<void> append(int file, std::span<const char> bytes, const char* path);

Error profile_error(const char* call, const char* path, int number);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_PROFILER_H_
