// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A distance from the thread pointer is known by a relocation only: it makes the loader place the variable's block in
// static storage, or say that it cannot. A carrier that has nothing else brings that about, and can go at once: the
// block stays where it is as long as its library is loaded.
#include "runtime/host_thread_local.h"

#include <utility>

#include <dlfcn.h>
#include <link.h>

#include "runtime/loader_call.h"
#include "runtime/thread_carrier.h"
#include "runtime/thread_pointer.h"

namespace enfold::runtime {
namespace {

const link_map* map_of(void* library) {
  const LoaderCall call;
  const link_map* map = nullptr;
  return library != nullptr && ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map : nullptr;
}

bool has_untouched_block(void* library) {
  const LoaderCall call;
  std::size_t module = 0;
  void* block = nullptr;
  if (::dlinfo(library, RTLD_DI_TLS_MODID, &module) != 0 || module == 0) return false;
  return ::dlinfo(library, RTLD_DI_TLS_DATA, &block) == 0 && block == nullptr;
}

HostSymbol thread_local_of(const HostObject& object, const std::optional<DynamicSymbol>& entry, std::uint64_t offset) {
  return {.address = TargetAddr{offset},
          .size = entry ? entry->st_size : 0,
          .kind = HostSymbolKind::kThreadLocal,
          .module = object.thread_module};
}

Error import_error(const std::string& symbol, std::string reason) {
  return Error(ErrorCode::kRuntime, std::move(reason), Place{.symbol = symbol})
      .with_cure(
          "compile with -ftls-model=global-dynamic -fPIC, link the program with the library that defines it, or start "
          "it with a larger GLIBC_TUNABLES=glibc.rtld.optional_static_tls");
}

}  // namespace

HostSymbol describe_thread_local(const HostObject& object, std::string_view name, std::uint64_t address) {
  const std::uint64_t offset = address - object.thread_block;
  return thread_local_of(object, find_thread_symbol(object, name, offset), offset);
}

std::optional<HostSymbol> find_untouched_thread_local(void* library, const VersionedName& symbol) {
  if (library == nullptr || !symbol.version.empty() || !has_untouched_block(library)) return std::nullopt;
  const link_map* const map = map_of(library);
  if (map == nullptr) return std::nullopt;
  const auto object = find_host_object(reinterpret_cast<std::uint64_t>(map->l_ld));
  if (!object) return std::nullopt;
  const auto entry = find_thread_symbol(*object, symbol.name, std::nullopt);
  if (!entry) return std::nullopt;
  return thread_local_of(*object, entry, entry->st_value);
}

Expected<ThreadImport> import_static_thread_local(void* library, const std::string& symbol) {
  const link_map* const map = map_of(library);
  CarrierSpec spec{.is_static = true, .imports = {symbol}};
  if (map != nullptr && *map->l_name != '\0') spec.libraries.push_back(map->l_name);
  Expected<Carrier> carrier = Carrier::prepare(spec);
  if (!carrier) return std::unexpected(std::move(carrier).error());
  if (auto done = carrier->load(); !done) return std::unexpected(import_error(symbol, done.error().message()));
  const std::uint64_t address = thread_pointer() + static_cast<std::uint64_t>(carrier->tp_offset());
  // The carrier's look-up begins with the global scope: another variable may come before the library's.
  const std::optional<void*> meant = look_up(library, split(symbol));
  const std::optional<HostObject> object = find_host_object(address);
  if (!meant || reinterpret_cast<std::uint64_t>(*meant) != address || !object || !object->thread_local_block) {
    return std::unexpected(import_error(symbol, "another object's thread-local of the same name hides it"));
  }
  const LoaderCall call;
  void* const owner = ::dlopen(*object->name != '\0' ? object->name : nullptr, RTLD_LAZY | RTLD_NOLOAD);
  if (owner == nullptr) return std::unexpected(import_error(symbol, "the object that defines it cannot be held"));
  return ThreadImport{.tp_offset = carrier->tp_offset(), .library = owner};
}

}  // namespace enfold::runtime
