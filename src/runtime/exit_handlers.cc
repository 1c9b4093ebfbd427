// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/exit_handlers.h"

#include <memory>
#include <new>

#include "runtime/linked_code.h"
#include "runtime/registrations.h"

extern "C" {
int __cxa_atexit(void (*function)(void*), void* argument, void* handle);
int __cxa_at_quick_exit(void (*function)(void*), void* handle);
void __cxa_finalize(void* handle);
}

namespace enfold::runtime {
namespace {

struct ExitHandler {
  void (*function)(void*);
  void* argument;
};

// By exit(), or by finalize() below.
ENFOLD_CALLS_LINKED_CODE void run(void* record) {
  const std::unique_ptr<ExitHandler> owned(static_cast<ExitHandler*>(record));
  const ExitHandler handler = *owned;
  const Unregistered others_may_register;
  handler.function(handler.argument);
}

}  // namespace

int register_exit(void (*function)(void*), void* argument, void* handle) noexcept {
  std::unique_ptr<ExitHandler> record(new (std::nothrow) ExitHandler{function, argument});
  if (!record) return -1;
  const int failure = registered([&] { return __cxa_atexit(run, record.get(), handle); });
  if (failure == 0) static_cast<void>(record.release());
  return failure;
}

int register_quick_exit(void (*function)(void*), void* handle) noexcept {
  return registered([&] { return __cxa_at_quick_exit(function, handle); });
}

void finalize(void* handle) {
  registered([&] { __cxa_finalize(handle); });
}

}  // namespace enfold::runtime
