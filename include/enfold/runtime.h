// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_H_
#define ENFOLD_RUNTIME_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <enfold/error.h>
#include <enfold/memory.h>

namespace enfold {

enum class HostSymbolKind : std::uint8_t { kUnknown, kFunction, kData };

struct HostSymbol {
  TargetAddr address{};
  std::uint64_t size = 0;  // 0 where unknown
  HostSymbolKind kind = HostSymbolKind::kUnknown;
};

using InitFunction = void (*)(int, char**, char**);

// Everything a link asks of the process that its code will run in, but memory. The default talks to the C library and
// the unwinder of this process; tests and fuzzers replace it, so that nothing they link ever runs.
// Threads: all functions may be called from several threads at once.
// Errors: kRuntime. A failing call leaves the process as it found it.
class RuntimeHooks {
 public:
  virtual ~RuntimeHooks();

  // The process's definition of `symbol` ("name" or "name@version"), as its dynamic linker finds it. `library` null
  // means the global scope.
  virtual std::optional<HostSymbol> find(void* library, const std::string& symbol) = 0;

  virtual Expected<void*> open_library(const std::string& path, bool global) = 0;
  virtual void close_library(void* library) noexcept = 0;
  // The handle of a library that is loaded already, or null; to be closed like an opened one.
  virtual void* find_loaded_library(const std::string& path) = 0;

  // `eh_frame` is a zero-terminated run of CIEs and FDEs in its final place.
  virtual Expected<void> register_frames(TargetAddr eh_frame, std::uint64_t size) = 0;
  virtual void deregister_frames(TargetAddr eh_frame, std::uint64_t size) noexcept = 0;

  // Calls the resolver of an indirect function (STT_GNU_IFUNC).
  virtual TargetAddr resolve_indirect(TargetAddr resolver) = 0;

  // Registers function(argument) to run when the process exits or when finalize(handle) is called, after whatever is
  // registered later (Itanium C++ ABI, 3.3.5.3).
  virtual Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) = 0;
  virtual void finalize(TargetAddr handle) = 0;

  virtual void call_initializer(TargetAddr function, int argc, char** argv, char** envp) = 0;
  virtual void call_finalizer(TargetAddr function) = 0;
};

std::shared_ptr<RuntimeHooks> make_process_runtime();

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_H_
