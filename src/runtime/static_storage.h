// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static thread-local storage that a process lacks, as errors tell it.
#ifndef ENFOLD_RUNTIME_STATIC_STORAGE_H_
#define ENFOLD_RUNTIME_STATIC_STORAGE_H_

#include <span>
#include <string>

#include <enfold/error.h>

namespace enfold::runtime {

// What one can do about it, for an error.
std::string storage_cure(const StaticStorage& lack);

bool is_loaded(const std::string& path);

// Why objects could not be opened together: a set that has static storage of its own (of size 0: none), and libraries
// (paths). `reason` is what the dynamic linker says. Errors: kMemory, and kUnsupported for libraries that are not made to
// be opened, with what the process lacks; `otherwise`, if nothing of that was the reason.
Error opening_failed(const StaticStorage& own, std::span<const std::string> libraries, const std::string& reason,
                     Error otherwise);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_STATIC_STORAGE_H_
