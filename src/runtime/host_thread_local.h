// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Thread-local variables of the process: which module they are of, and where in its blocks.
#ifndef ENFOLD_RUNTIME_HOST_THREAD_LOCAL_H_
#define ENFOLD_RUNTIME_HOST_THREAD_LOCAL_H_

#include <cstdint>
#include <optional>
#include <string>

#include <enfold/error.h>
#include <enfold/runtime.h>

#include "runtime/host_object.h"
#include "runtime/host_symbol.h"

namespace enfold::runtime {

// The variable that an address in the calling thread's block of the object is.
HostSymbol describe_thread_local(const HostObject& object, std::string_view name, std::uint64_t address);

// A thread-local of the library that this thread has no block for yet. Asking dlsym(3) would make one, which settles
// that the library's thread-locals are not static: linking against them statically would be refused from then on.
std::optional<HostSymbol> find_untouched_thread_local(void* library, const VersionedName& symbol);

// As RuntimeHooks::import_thread_local.
Expected<ThreadImport> import_static_thread_local(void* library, const std::string& symbol);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_HOST_THREAD_LOCAL_H_
