// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program that the system linker has made names its libraries, and the dynamic linker gives all of their thread-locals
// room in static storage before any of their code runs. A library that is opened on its own gets room there only where
// something asks for it by a relocation, and for a library whose constructor has touched its thread-locals it is too
// late. So the libraries are opened by way of a carrier that needs them all, and has the relocations that the program
// would have: objects are relocated before any constructor runs. If there is no room for one of them, or for the set's own
// block, for which a block of the carrier stands, nothing was run yet, and the process can be started anew with more.
#include "runtime/open_together.h"

#include <algorithm>
#include <string>
#include <utility>

#include <dlfcn.h>

#include "runtime/loader_call.h"
#include "runtime/static_storage.h"
#include "runtime/thread_carrier.h"

namespace enfold::runtime {
namespace {

Error explain(const LibraryRequest& request, const Error& reason) {
  return opening_failed(request.own, request.paths, reason.message(), Error(ErrorCode::kRuntime, reason.message()));
}

Expected<std::vector<void*>> hold(const LibraryRequest& request) {
  std::vector<void*> handles;
  handles.reserve(request.paths.size());
  for (const std::string& path : request.paths) {
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | (request.global ? RTLD_GLOBAL : RTLD_LOCAL));
    if (handle == nullptr) {
      const char* const reason = ::dlerror();
      for (void* const held : handles) ::dlclose(held);
      return std::unexpected(Error(ErrorCode::kRuntime, reason != nullptr ? reason : path + ": cannot be loaded"));
    }
    handles.push_back(handle);
  }
  return handles;
}

}  // namespace

std::optional<Expected<std::vector<void*>>> open_together(const LibraryRequest& request) {
  const LoaderCall call;
  const auto absent = std::ranges::count_if(request.paths, [](const std::string& path) { return !is_loaded(path); });
  const bool alone = absent == 1 && request.constants.empty() && request.own.size == 0;
  if (absent == 0) return std::nullopt;
  if (alone) {
    auto handles = hold(request);
    if (!handles) return std::unexpected(explain(request, handles.error()));
    return handles;
  }
  CarrierSpec spec{.image = {.bytes = {}, .size = request.own.size, .p2align = request.own.p2align},
                   .is_static = true,
                   .imports = request.constants,
                   .optional = true,  // what they do not define is told with its name later
                   .libraries = request.paths};
  Expected<Carrier> carrier = Carrier::prepare(spec);
  if (!carrier) return std::nullopt;
  if (auto done = carrier->load(request.global); !done) return std::unexpected(explain(request, done.error()));
  return hold(request);
}

}  // namespace enfold::runtime
