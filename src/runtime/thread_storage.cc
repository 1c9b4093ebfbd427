// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_storage.h"

#include <algorithm>
#include <span>
#include <string>

#include "runtime/set_record.h"
#include "runtime/shared_object.h"
#include "session_state.h"

namespace enfold {
namespace {

Expected<ThreadModule> add_module(LinkState& link, RuntimeHooks& runtime) {
  ThreadLocals& threads = link.threads;
  const ThreadImage image = {.bytes = threads.image, .size = threads.size, .p2align = threads.p2align};
  Expected<ThreadModule> module = runtime.add_thread_module(image, threads.is_static);
  const bool settle = !module && threads.is_static && !threads.must_be && module.error().code() == ErrorCode::kMemory;
  return settle ? runtime.add_thread_module(image, false) : std::move(module);  // it was only for others' sake
}

// The dynamic linker has made it with the set's object, and gives its image to all threads once the set is written.
void take_from_loader(LinkState& link, SetRecord& set) {
  const LoadedObject& loaded = link.object_image->loaded;
  std::ranges::copy(link.threads.image, loaded.thread_image.begin());
  link.threads.modules.front() = loaded.threads;
  set.make_course().threads = std::make_shared<ThreadStorage>(nullptr, loaded.threads);
}

Expected<void> import(LinkState& link, RuntimeHooks& runtime, const Global& global, SetRecord& set) {
  void* library = global.origin == Origin::kLibrary ? link.libraries[global.library].handle : nullptr;
  std::vector<void*>& held = set.make_course().libraries;
  held.reserve(held.size() + 1);
  Expected<ThreadImport> found = runtime.import_thread_local(library, std::string(global.name));
  if (!found) {
    Place place;
    place.symbol = global.name;
    return std::unexpected(std::move(found).error().with_place(std::move(place)));
  }
  held.push_back(found->library);
  ThreadModule& module = link.threads.modules[global.thread_module];
  module.is_static = true;
  module.tp_offset = found->tp_offset - static_cast<std::int64_t>(global.value);
  return {};
}

}  // namespace

Expected<void> open_thread_storage(LinkState& link, SetRecord& set) {
  const std::shared_ptr<RuntimeHooks>& runtime = set.session->options.runtime;
  for (const Global& global : link.globals) {
    if (!global.thread_import || (link.object_image && global.loaded_later)) continue;  // known since it was loaded
    if (auto done = import(link, *runtime, global, set); !done) return done;
  }
  if (link.threads.size == 0) return {};
  if (link.threads.kept) {
    set.make_course().threads = link.threads.kept;
    link.kept.push_back({link.threads.owner, "thread-local storage"});
    link.threads.modules.front() = link.threads.kept->module;
    return {};
  }
  if (link.object_image) {
    take_from_loader(link, set);
    return {};
  }
  Expected<ThreadModule> module = add_module(link, *runtime);
  if (!module) return std::unexpected(std::move(module).error());
  link.threads.modules.front() = *module;
  struct Guard {  // until the storage owns it
    RuntimeHooks& runtime;
    const ThreadModule* module;
    ~Guard() {
      if (module != nullptr) runtime.remove_thread_module(*module);
    }
  } guard{*runtime, &*module};
  set.make_course().threads = std::make_shared<ThreadStorage>(runtime, *module);
  guard.module = nullptr;
  return {};
}

}  // namespace enfold
