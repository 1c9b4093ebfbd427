// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules of thread-local storage for sets, of both kinds.
#ifndef ENFOLD_RUNTIME_THREAD_MODULES_H_
#define ENFOLD_RUNTIME_THREAD_MODULES_H_

#include <enfold/error.h>
#include <enfold/runtime.h>

namespace enfold::runtime {

// As RuntimeHooks has them.
Expected<ThreadModule> make_thread_module(const ThreadImage& image, bool is_static);
void free_thread_module(const ThreadModule& module) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_MODULES_H_
