// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstddef>
#include <optional>
#include <span>

#include "capi/handles.h"

using enfold::ObjectSet;
using enfold::SetOptions;
using namespace enfold::capi;

namespace {

// Changes the set, unless the call makes no sense: `fault` then is what link and plan will report.
template <class Change>
void change(enfold_object_set* set, const char* fault, Change&& change) noexcept {
  if (set == nullptr) return;
  if (fault != nullptr) {
    if (set->fault == nullptr) set->fault = fault;
    return;
  }
  try {
    change(set->set);
  } catch (...) {  // the only reason is that memory ran out
    set->out_of_memory = true;
  }
}

const char* if_null(const void* needed, const char* fault) { return needed == nullptr ? fault : nullptr; }

}  // namespace

enfold_object_set* enfold_set_create(const char* name) {
  try {
    auto* set = new enfold_object_set{.set = ObjectSet(name == nullptr ? "" : name)};
    set->fault = if_null(name, "enfold_set_create: the name is NULL");
    return set;
  } catch (...) {
    return nullptr;
  }
}

void enfold_set_free(enfold_object_set* set) { delete set; }

void enfold_set_add_file(enfold_object_set* set, const char* path) {
  change(set, if_null(path, "enfold_set_add_file: the path is NULL"), [=](ObjectSet& s) { s.add_file(path); });
}

void enfold_set_add_bytes(enfold_object_set* set, const void* bytes, size_t size, const char* name) {
  const bool sound = name != nullptr && (bytes != nullptr || size == 0);
  change(set, sound ? nullptr : "enfold_set_add_bytes: the bytes or their name are NULL", [=](ObjectSet& s) {
    s.add_bytes({static_cast<const std::byte*>(bytes), size}, name);
  });
}

void enfold_set_add_archive(enfold_object_set* set, const char* path, bool whole) {
  change(set, if_null(path, "enfold_set_add_archive: the path is NULL"),
         [=](ObjectSet& s) { s.add_archive(path, whole); });
}

void enfold_set_add_library(enfold_object_set* set, const char* name, bool whole_archive) {
  change(set, if_null(name, "enfold_set_add_library: the name is NULL"),
         [=](ObjectSet& s) { s.add_library(name, whole_archive); });
}

void enfold_set_add_search_directory(enfold_object_set* set, const char* path) {
  change(set, if_null(path, "enfold_set_add_search_directory: the path is NULL"),
         [=](ObjectSet& s) { s.add_search_directory(path); });
}

void enfold_set_use(enfold_object_set* set, const enfold_linked_set* other) {
  change(set, if_null(other, "enfold_set_use: the other set is NULL"), [=](ObjectSet& s) { s.use(*other->set); });
}

void enfold_set_share_with(enfold_object_set* set, const enfold_linked_set* other) {
  change(set, if_null(other, "enfold_set_share_with: the other set is NULL"),
         [=](ObjectSet& s) { s.share_with(*other->set); });
}

void enfold_set_add_root(enfold_object_set* set, const char* symbol) {
  change(set, if_null(symbol, "enfold_set_add_root: the symbol is NULL"),
         [=](ObjectSet& s) { s.options().roots.emplace_back(symbol); });
}

void enfold_set_visibility(enfold_object_set* set, enfold_visibility visibility) {
  const auto meant = enumerator(visibility, enfold::Visibility::kPrivate);
  change(set, meant ? nullptr : "enfold_set_visibility: no such visibility",
         [=](ObjectSet& s) { s.options().visibility = *meant; });
}

void enfold_set_replaceable(enfold_object_set* set, enfold_replaceable replaceable) {
  const auto meant = enumerator(replaceable, enfold::Replaceable::kThroughout);
  change(set, meant ? nullptr : "enfold_set_replaceable: no such value",
         [=](ObjectSet& s) { s.options().replaceable = *meant; });
}

void enfold_set_relax(enfold_object_set* set, bool relax) {
  change(set, nullptr, [=](ObjectSet& s) { s.options().relax = relax; });
}

void enfold_set_gc_sections(enfold_object_set* set, bool gc_sections) {
  change(set, nullptr, [=](ObjectSet& s) { s.options().gc_sections = gc_sections; });
}

void enfold_set_copy_data(enfold_object_set* set, bool copy_data) {
  change(set, nullptr, [=](ObjectSet& s) { s.options().copy_data = copy_data; });
}

void enfold_set_static_thread_storage(enfold_object_set* set, bool static_thread_storage) {
  change(set, nullptr, [=](ObjectSet& s) { s.options().static_thread_storage = static_thread_storage; });
}

void enfold_set_global_libraries(enfold_object_set* set, bool global_libraries) {
  change(set, nullptr, [=](ObjectSet& s) { s.options().global_libraries = global_libraries; });
}

void enfold_set_as_shared_object(enfold_object_set* set, bool as_shared_object) {
  change(set, nullptr, [=](ObjectSet& s) { s.options().as_shared_object = as_shared_object; });
}
