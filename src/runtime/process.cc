// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime hooks of this process: its dynamic linker, its unwinder, its C library.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <elf.h>

#include <enfold/runtime.h>

#include "catching.h"
#include "runtime/allocator.h"
#include "runtime/debugger.h"
#include "runtime/exit_handlers.h"
#include "runtime/host_names.h"
#include "runtime/host_object.h"
#include "runtime/host_symbol.h"
#include "runtime/host_symbol_cache.h"
#include "runtime/host_thread_local.h"
#include "runtime/leak_roots.h"
#include "runtime/listed_data.h"
#include "runtime/loader_call.h"
#include "runtime/linked_code.h"
#include "runtime/open_together.h"
#include "runtime/set_object.h"
#include "runtime/thread_access.h"
#include "runtime/thread_exits.h"
#include "runtime/thread_modules.h"
#include "runtime/unwind.h"

namespace enfold {
namespace {

template <class Pointer>
Pointer pointer_to(TargetAddr address) {
  return reinterpret_cast<Pointer>(value(address));
}

HostFunction ours(const char* name, auto* function) {
  return {.name = name, .address = TargetAddr{reinterpret_cast<std::uint64_t>(function)}};
}

// What linked code gets in place of the process's own, by name: of two of one name, the one that was asked for.
std::vector<HostFunction> with_ours(std::vector<HostFunction> functions) {
  functions.push_back(ours("__cxa_atexit", &runtime::register_exit));
  functions.push_back(ours("__cxa_at_quick_exit", &runtime::register_quick_exit));
  functions.push_back(ours("__cxa_finalize", &runtime::finalize_any));
  functions.push_back(ours("__cxa_thread_atexit", &runtime::register_thread_exit));
  functions.push_back(ours("__cxa_thread_atexit_impl", &runtime::register_thread_exit));
  functions.push_back(ours("__register_atfork", &runtime::register_fork_handlers));
  functions.push_back(ours("on_exit", &runtime::register_on_exit));
  functions.push_back({.name = "__tls_get_addr", .address = runtime::thread_address_function()});
  std::ranges::stable_sort(functions, {}, &HostFunction::name);
  return functions;
}

HostSymbolKind kind_of(const std::optional<runtime::DynamicSymbol>& symbol, bool executable) {
  const auto type = symbol ? ELF64_ST_TYPE(symbol->st_info) : STT_NOTYPE;
  if (type == STT_FUNC || type == STT_GNU_IFUNC) return HostSymbolKind::kFunction;
  if (type == STT_OBJECT || type == STT_COMMON) return HostSymbolKind::kData;
  return executable ? HostSymbolKind::kFunction : HostSymbolKind::kData;
}

Error runtime_error(std::string fallback) {
  const char* reason = dlerror();
  return Error(ErrorCode::kRuntime, reason != nullptr ? reason : std::move(fallback));
}

class ProcessRuntime final : public RuntimeHooks {
 public:
  explicit ProcessRuntime(std::vector<HostFunction> instead) : instead_(with_ours(std::move(instead))) {}

  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    if (library == nullptr) {
      if (auto known = cache_.find(symbol)) return known;
    }
    const runtime::LoaderGeneration before = runtime::loader_generation();
    const std::optional<runtime::KnownSymbol> found = look_up(library, symbol);
    if (!found) return std::nullopt;
    if (library == nullptr && found->symbol.kind != HostSymbolKind::kThreadLocal) cache_.keep(symbol, *found, before);
    return found->symbol;
  }

  std::vector<std::string> versions_of(const std::string& name) override { return runtime::host_versions_of(name); }
  std::vector<std::string> names_at(TargetAddr address) override { return runtime::host_names_at(value(address)); }

  Expected<void> check() override {
    if (!runtime::is_loader_lost()) return {};
    return std::unexpected(
        Error(ErrorCode::kRuntime,
              "another thread was loading a library when this process was forked, and holds the dynamic linker's lock")
            .with_cure("fork before or after that, or start another program in the child (exec)"));
  }

  Expected<void*> open_library(const std::string& path, bool global) override {
    const runtime::LoaderCall call;
    if (void* library = dlopen(path.c_str(), RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL))) return library;
    return std::unexpected(runtime_error(path + ": cannot be loaded"));
  }

  Expected<std::vector<void*>> open_libraries(const LibraryRequest& request) override {
    if (auto handles = runtime::open_together(request)) return *std::move(handles);
    return RuntimeHooks::open_libraries(request);
  }

  void close_library(void* library) noexcept override {
    if (library == nullptr || runtime::is_loader_lost()) return;
    const runtime::LoaderCall call;
    dlclose(library);
  }

  void* find_loaded_library(const std::string& path) override {
    const runtime::LoaderCall call;
    return dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  }

  Expected<void> register_frames(const FrameTables& frames) override {
    runtime::register_frames(frames);
    return {};
  }

  void deregister_frames(const FrameTables& frames) noexcept override { runtime::deregister_frames(frames); }

  ENFOLD_CALLS_LINKED_CODE TargetAddr resolve_indirect(TargetAddr resolver) override {
    return TargetAddr{reinterpret_cast<std::uint64_t>(pointer_to<void* (*)()>(resolver)())};
  }

  Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) override {
    // A null handle is the executable's, and nobody's to finalise.
    if (value(handle) == 0) return std::unexpected(Error(ErrorCode::kRuntime, "an exit handler without a handle"));
    if (runtime::register_exit(function, argument, pointer_to<void*>(handle)) == 0) return {};
    return std::unexpected(Error(ErrorCode::kRuntime, "__cxa_atexit: no memory for another exit handler"));
  }

  void finalize(TargetAddr handle) override {
    if (value(handle) != 0) runtime::finalize(pointer_to<void*>(handle));  // null would run everyone's
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

  Expected<void> check_allocator() override { return runtime::check_allocator(); }
  Expected<void> replace_allocator(const AllocatorFunctions& functions) override {
    return runtime::replace_allocator(functions);
  }
  void give_up_allocator() noexcept override { runtime::give_up_allocator(); }

  void show_data(TargetAddr begin, std::uint64_t size) override { runtime::add_leak_root(value(begin), size); }
  void hide_data(TargetAddr begin, std::uint64_t size) noexcept override {
    runtime::remove_leak_root(value(begin), size);
  }

  Expected<void> check_data_list() override { return runtime::check_data_list(); }
  Expected<void> list_data(TargetAddr begin, std::uint64_t size) override {
    return catching_bad_alloc([&]() -> Expected<void> {
      runtime::list_data(value(begin), size);
      return {};
    });
  }
  void unlist_data(TargetAddr begin, std::uint64_t size) noexcept override {
    runtime::unlist_data(value(begin), size);
  }

  Expected<std::uint64_t> object_tables_size(const ObjectImage& image) override {
    return runtime::set_object_size(image);
  }
  Expected<void*> load_object(const ObjectImage& image, const std::function<bool(const LoadedObject&)>& fill) override {
    return runtime::load_set_object(image, fill);
  }

  Expected<void*> show_object(std::span<const std::byte> object) override { return runtime::add_to_debugger(object); }
  void hide_object(void* entry) noexcept override { runtime::remove_from_debugger(entry); }

 private:
  std::optional<HostSymbol> replacement_of(std::string_view name) const {
    const auto found = std::ranges::lower_bound(instead_, name, {}, &HostFunction::name);
    if (found == instead_.end() || found->name != name) return std::nullopt;
    return HostSymbol{.address = found->address, .kind = HostSymbolKind::kFunction};
  }

  std::optional<runtime::KnownSymbol> look_up(void* library, const std::string& symbol) const {
    const runtime::VersionedName versioned = runtime::split(symbol);
    const std::optional<HostSymbol> replacement = replacement_of(versioned.name);
    if (replacement && library == nullptr) return runtime::KnownSymbol{*replacement, true};
    if (auto found = runtime::find_untouched_thread_local(library, versioned)) return runtime::KnownSymbol{*found};
    const std::optional<void*> found = runtime::look_up(library, versioned);
    if (!found) return std::nullopt;
    if (replacement) return runtime::KnownSymbol{*replacement};
    const auto address = reinterpret_cast<std::uint64_t>(*found);
    const std::optional<runtime::HostObject> object = runtime::find_host_object(address);
    if (!object) return runtime::KnownSymbol{{.address = TargetAddr{address}}};  // an absolute symbol
    if (object->thread_local_block) {
      return runtime::KnownSymbol{runtime::describe_thread_local(*object, versioned.name, address)};
    }
    const auto entry = runtime::find_dynamic_symbol(*object, versioned.name, address);
    // An indirect function's entry describes its resolver, and may be another object's.
    const bool indirect = entry && ELF64_ST_TYPE(entry->st_info) == STT_GNU_IFUNC;
    return runtime::KnownSymbol{{.address = TargetAddr{address},
                                 .size = entry && !indirect ? entry->st_size : 0,
                                 .kind = kind_of(entry, object->executable),
                                 .read_only = object->read_only},
                                object->initial && entry};
  }

  const std::vector<HostFunction> instead_;
  runtime::HostSymbolCache cache_;
};

}  // namespace

RuntimeHooks::~RuntimeHooks() = default;

Expected<void> RuntimeHooks::check() { return {}; }

Expected<std::vector<void*>> RuntimeHooks::open_libraries(const LibraryRequest& request) {
  std::vector<void*> handles;
  handles.reserve(request.paths.size());
  for (const std::string& path : request.paths) {
    Expected<void*> handle = open_library(path, request.global);
    if (!handle) {
      for (void* const opened : handles) close_library(opened);
      return std::unexpected(std::move(handle).error());
    }
    handles.push_back(*handle);
  }
  return handles;
}

std::vector<std::string> RuntimeHooks::versions_of(const std::string&) { return {}; }
std::vector<std::string> RuntimeHooks::names_at(TargetAddr) { return {}; }

Expected<ThreadModule> RuntimeHooks::add_thread_module(const ThreadImage&, bool) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime has no thread-local storage"));
}
void RuntimeHooks::remove_thread_module(const ThreadModule&) noexcept {}
Expected<ThreadImport> RuntimeHooks::import_thread_local(void*, const std::string&) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime has no thread-local storage"));
}
ThreadFunctions RuntimeHooks::thread_functions() { return {}; }
TargetAddr RuntimeHooks::thread_address(std::uint64_t, std::uint64_t) { return {}; }

Expected<std::uint64_t> RuntimeHooks::object_tables_size(const ObjectImage&) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime loads no sets as shared objects")
                             .with_cure("link without SetOptions::as_shared_object"));
}
Expected<void*> RuntimeHooks::load_object(const ObjectImage& image, const std::function<bool(const LoadedObject&)>&) {
  return std::unexpected(object_tables_size(image).error());
}

Expected<void> RuntimeHooks::check_allocator() {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime lets no set replace malloc"));
}
Expected<void> RuntimeHooks::replace_allocator(const AllocatorFunctions&) { return check_allocator(); }
void RuntimeHooks::give_up_allocator() noexcept {}

void RuntimeHooks::show_data(TargetAddr, std::uint64_t) {}
void RuntimeHooks::hide_data(TargetAddr, std::uint64_t) noexcept {}
Expected<void> RuntimeHooks::check_data_list() {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the runtime lists no data of sets for dl_iterate_phdr")
                             .with_cure("create the session without SessionOptions::list_data"));
}
Expected<void> RuntimeHooks::list_data(TargetAddr, std::uint64_t) { return check_data_list(); }
void RuntimeHooks::unlist_data(TargetAddr, std::uint64_t) noexcept {}
Expected<void*> RuntimeHooks::show_object(std::span<const std::byte>) { return nullptr; }
void RuntimeHooks::hide_object(void*) noexcept {}

std::shared_ptr<RuntimeHooks> make_process_runtime(std::vector<HostFunction> instead) {
  return std::make_shared<ProcessRuntime>(std::move(instead));
}

}  // namespace enfold
