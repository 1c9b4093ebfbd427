// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime hooks of this process: its dynamic linker, its unwinder, its C library.
//
// Two unwinders are in use, and both export __register_frame: libgcc's takes a whole .eh_frame section that ends in a
// zero word; LLVM's libunwind takes one FDE there, and whole sections through __unw_add_dynamic_eh_frame_section.
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <dlfcn.h>
#include <elf.h>
#include <unwind.h>

#include <enfold/runtime.h>

#include "fork.h"
#include "runtime/debugger.h"
#include "runtime/host_object.h"
#include "runtime/host_symbol.h"
#include "runtime/host_thread_local.h"
#include "runtime/thread_access.h"
#include "runtime/thread_exits.h"
#include "runtime/thread_modules.h"

extern "C" {
void __register_frame(void* eh_frame);
void __deregister_frame(void* eh_frame);
[[gnu::weak]] void __unw_add_dynamic_eh_frame_section(std::uintptr_t eh_frame);
[[gnu::weak]] void __unw_remove_dynamic_eh_frame_section(std::uintptr_t eh_frame);
int __cxa_atexit(void (*function)(void*), void* argument, void* handle);
void __cxa_finalize(void* handle);
}

// -fsanitize=function and CFI look for what the compiler put in front of a function; linked code need not have it.
#if defined(__clang__)
#define ENFOLD_CALLS_LINKED_CODE [[clang::no_sanitize("function", "cfi-icall")]]
#else
#define ENFOLD_CALLS_LINKED_CODE
#endif

namespace enfold {
namespace {

template <class Pointer>
Pointer pointer_to(TargetAddr address) {
  return reinterpret_cast<Pointer>(value(address));
}

// What linked code gets in place of the process's own.
std::optional<HostSymbol> find_replacement(const std::string& name) {
  TargetAddr address{};
  if (name == "__tls_get_addr") address = runtime::process_thread_functions().get_address;
  if (name == "__cxa_thread_atexit" || name == "__cxa_thread_atexit_impl") {
    address = TargetAddr{reinterpret_cast<std::uint64_t>(&runtime::register_thread_exit)};
  }
  if (value(address) == 0) return std::nullopt;
  return HostSymbol{.address = address, .size = 0, .kind = HostSymbolKind::kFunction};
}

HostSymbolKind kind_of(const std::optional<runtime::DynamicSymbol>& symbol, bool executable) {
  const auto type = symbol ? ELF64_ST_TYPE(symbol->st_info) : STT_NOTYPE;
  if (type == STT_FUNC || type == STT_GNU_IFUNC) return HostSymbolKind::kFunction;
  if (type == STT_OBJECT || type == STT_COMMON) return HostSymbolKind::kData;
  return executable ? HostSymbolKind::kFunction : HostSymbolKind::kData;
}

// Whether the unwinder that throws here is LLVM's: its extension is there, in the object that also raises exceptions.
// A process may have loaded one unwinder for its exceptions and another for other ends.
bool unwinds_by_llvm() {
  if (&__unw_add_dynamic_eh_frame_section == nullptr) return false;
  Dl_info extension{}, unwinder{};
  if (dladdr(reinterpret_cast<void*>(&__unw_add_dynamic_eh_frame_section), &extension) == 0) return true;
  if (dladdr(reinterpret_cast<void*>(&_Unwind_RaiseException), &unwinder) == 0) return true;
  return extension.dli_fbase == unwinder.dli_fbase;
}

// libgcc ignores a table that begins with its end when it is registered, and aborts when it is deregistered.
bool is_empty_table(TargetAddr eh_frame, std::uint64_t size) {
  std::uint32_t length = 0;
  if (size < sizeof length) return true;
  std::memcpy(&length, pointer_to<const void*>(eh_frame), sizeof length);
  return length == 0;
}

Error runtime_error(std::string fallback) {
  const char* reason = dlerror();
  return Error(ErrorCode::kRuntime, reason != nullptr ? reason : std::move(fallback));
}

// The unwinder's and the C library's lists have locks of their own that fork(2) does not know of: a thread that holds
// one at a fork leaves the child without that list. So whatever takes one of them briefly does it under a lock that a
// fork waits for. Never destroyed, like the lists.
class Registrations final : private ForkAware {
 public:
  Registrations() { enlist(*this, ForkOrder::kRuntime); }

  template <class Call>
  auto operator()(Call&& call) {
    const std::scoped_lock lock(mutex_);
    return call();
  }

 private:
  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override { mutex_.unlock(); }

  std::mutex mutex_;
};

Registrations& registrations() {
  static Registrations& the = *new Registrations;
  return the;
}

class ProcessRuntime final : public RuntimeHooks {
 public:
  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    const runtime::VersionedName versioned = runtime::split(symbol);
    const std::optional<HostSymbol> replacement = find_replacement(versioned.name);
    if (replacement && library == nullptr) return replacement;
    if (auto found = runtime::find_untouched_thread_local(library, versioned)) return found;
    const std::optional<void*> found = runtime::look_up(library, versioned);
    if (!found) return std::nullopt;
    if (replacement) return replacement;
    const auto address = reinterpret_cast<std::uint64_t>(*found);
    const std::optional<runtime::HostObject> object = runtime::find_host_object(address);
    if (!object) return HostSymbol{.address = TargetAddr{address}};  // an absolute symbol
    if (object->thread_local_block) return runtime::describe_thread_local(*object, versioned.name, address);
    const auto entry = runtime::find_dynamic_symbol(*object, versioned.name, address);
    // An indirect function's entry describes its resolver.
    const bool sized = entry && ELF64_ST_TYPE(entry->st_info) != STT_GNU_IFUNC;
    return HostSymbol{
        .address = TargetAddr{address}, .size = sized ? entry->st_size : 0, .kind = kind_of(entry, object->executable)};
  }

  Expected<void*> open_library(const std::string& path, bool global) override {
    if (void* library = dlopen(path.c_str(), RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL))) return library;
    return std::unexpected(runtime_error(path + ": cannot be loaded"));
  }

  void close_library(void* library) noexcept override {
    if (library != nullptr) dlclose(library);
  }

  void* find_loaded_library(const std::string& path) override { return dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD); }

  Expected<void> register_frames(TargetAddr eh_frame, std::uint64_t size) override {
    if (is_empty_table(eh_frame, size)) return {};
    registrations()([&] {
      if (unwinds_by_llvm_) {
        __unw_add_dynamic_eh_frame_section(value(eh_frame));
      } else {
        __register_frame(pointer_to<void*>(eh_frame));
      }
    });
    return {};
  }

  void deregister_frames(TargetAddr eh_frame, std::uint64_t size) noexcept override {
    if (is_empty_table(eh_frame, size)) return;
    registrations()([&] {
      if (unwinds_by_llvm_) {
        __unw_remove_dynamic_eh_frame_section(value(eh_frame));
      } else {
        __deregister_frame(pointer_to<void*>(eh_frame));
      }
    });
  }

  ENFOLD_CALLS_LINKED_CODE TargetAddr resolve_indirect(TargetAddr resolver) override {
    return TargetAddr{reinterpret_cast<std::uint64_t>(pointer_to<void* (*)()>(resolver)())};
  }

  Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) override {
    // A null handle is the executable's, and nobody's to finalise.
    if (value(handle) == 0) return std::unexpected(Error(ErrorCode::kRuntime, "an exit handler without a handle"));
    if (registrations()([&] { return __cxa_atexit(function, argument, pointer_to<void*>(handle)); }) == 0) return {};
    return std::unexpected(Error(ErrorCode::kRuntime, "__cxa_atexit: no memory for another exit handler"));
  }

  void finalize(TargetAddr handle) override {
    if (value(handle) != 0) __cxa_finalize(pointer_to<void*>(handle));  // null would run everyone's
  }

  ENFOLD_CALLS_LINKED_CODE void call_initializer(TargetAddr function, int argc, char** argv, char** envp) override {
    pointer_to<InitFunction>(function)(argc, argv, envp);
  }

  ENFOLD_CALLS_LINKED_CODE void call_finalizer(TargetAddr function) override { pointer_to<void (*)()>(function)(); }

  Expected<ThreadModule> add_thread_module(const ThreadImage& image, bool is_static) override {
    return runtime::make_thread_module(image, is_static);
  }

  void remove_thread_module(const ThreadModule& module) noexcept override { runtime::free_thread_module(module); }

  Expected<ThreadImport> import_thread_local(void* library, const std::string& symbol) override {
    return runtime::import_static_thread_local(library, symbol);
  }

  ThreadFunctions thread_functions() override { return runtime::process_thread_functions(); }

  TargetAddr thread_address(std::uint64_t module, std::uint64_t offset) override {
    return TargetAddr{runtime::thread_local_address(module, offset)};
  }

  Expected<void*> show_object(std::span<const std::byte> object) override { return runtime::add_to_debugger(object); }
  void hide_object(void* entry) noexcept override { runtime::remove_from_debugger(entry); }

 private:
  const bool unwinds_by_llvm_ = unwinds_by_llvm();
};

}  // namespace

RuntimeHooks::~RuntimeHooks() = default;

Expected<ThreadModule> RuntimeHooks::add_thread_module(const ThreadImage&, bool) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime has no thread-local storage"));
}
void RuntimeHooks::remove_thread_module(const ThreadModule&) noexcept {}
Expected<ThreadImport> RuntimeHooks::import_thread_local(void*, const std::string&) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime has no thread-local storage"));
}
ThreadFunctions RuntimeHooks::thread_functions() { return {}; }
TargetAddr RuntimeHooks::thread_address(std::uint64_t, std::uint64_t) { return {}; }

Expected<void*> RuntimeHooks::show_object(std::span<const std::byte>) { return nullptr; }
void RuntimeHooks::hide_object(void*) noexcept {}

std::shared_ptr<RuntimeHooks> make_process_runtime() { return std::make_shared<ProcessRuntime>(); }

}  // namespace enfold
