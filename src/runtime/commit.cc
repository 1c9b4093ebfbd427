// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/commit.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/describe.h"
#include "runtime/stub_frames.h"
#include "runtime/symbol_map.h"
#include "runtime/thread_exits.h"
#include "session_state.h"

namespace enfold {
namespace {

Error late(const Library& library, const Global& global, const char* what) {
  Place place;
  place.object = library.name;
  place.symbol = global.name;
  return Error(ErrorCode::kRuntime, what, std::move(place));
}

Expected<void> find_late_symbols(LinkState& link, RuntimeHooks& runtime) {
  for (Global& global : link.globals) {
    if (!global.loaded_later) continue;
    const Library& library = link.libraries[global.library];
    const auto symbol = find_in(library, global);
    const std::string name = symbol ? exact_name(global, *symbol) : std::string(global.name);
    const std::optional<HostSymbol> found = runtime.find(library.handle, name);
    if (!found) {
      return std::unexpected(late(library, global, "the library was opened, but does not define the symbol"));
    }
    if ((found->kind == HostSymbolKind::kThreadLocal) != (global.type == SymbolType::kThreadLocal)) {
      return std::unexpected(late(library, global, "the library was opened, and has another kind of symbol there"));
    }
    global.value = value(found->address);
    if (found->kind == HostSymbolKind::kThreadLocal) link.threads.modules[global.thread_module].id = found->module;
  }
  return {};
}

TargetAddr handle_of(const LinkState& link, ZoneIndex zone) {
  return address_of(link, segment_of(zone, SegmentRole::kConstant), 0);
}

// Does the set's code know its __dso_handle, under which it may register what runs at its end?
bool hands_out_handle(const LinkState& link) {
  return link.defines(Synthetic::kHandle) || link.defines(Synthetic::kBoundStub);
}

// May it come to have destructors of thread-locals to run? The name may go on, with "_impl" and with a version.
bool registers_thread_exits(const LinkState& link) {
  return std::ranges::any_of(link.globals,
                             [](const Global& global) { return global.name.starts_with("__cxa_thread_atexit"); });
}

// Of the first zone's constants.
bool has_tables_alone(const LinkState& link) {
  const ZoneTables& tables = link.zones.front().tables;
  const std::uint64_t tables_end = std::max(tables.unwind_size, tables.search_at + tables.search_size);
  return tables.unwind_size != 0 && link.segments.front().size == tables_end;
}

}  // namespace

namespace {

bool is_opened(const Library& library) { return library.used || !library.as_needed; }

LibraryRequest request_for(const LinkState& link) {
  LibraryRequest request;
  request.global = link.options->global_libraries;
  const ThreadLocals& threads = link.threads;
  if (threads.is_static && threads.must_be && !threads.kept) request.own = {threads.size, threads.p2align};
  for (const Library& library : link.libraries) {
    if (is_opened(library)) request.paths.push_back(library.path);
  }
  for (const Global& global : link.globals) {
    const bool of_library = global.thread_import && global.origin == Origin::kLibrary;
    if (of_library) request.constants.emplace_back(global.name);
  }
  return request;
}

// A shared object's are the dynamic linker's to list. All of the set's, or none.
[[gnu::cold, gnu::noinline]] Expected<void> list_data(const LinkState& link, SetRecord& set) {
  if (is_shared_object(link)) return {};
  RuntimeHooks& runtime = *set.session->options.runtime;
  Expected<void> done;
  std::size_t listed_count = 0;
  each_data_segment(set, [&](const Block::Segment& s) {
    if (done) done = runtime.list_data(s.base, s.size);
    if (done) ++listed_count;
  });
  set.data_listed = done && listed_count != 0;
  if (done) return {};
  each_data_segment(set, [&](const Block::Segment& s) {
    if (listed_count != 0 && listed_count-- != 0) runtime.unlist_data(s.base, s.size);
  });
  return done;
}

}  // namespace

Expected<void> open_libraries(LinkState& link, SetRecord& set) {
  if (link.libraries.empty()) return {};
  link.workers.dismiss();  // constructors run
  RuntimeHooks& runtime = *set.session->options.runtime;
  const LibraryRequest request = request_for(link);
  std::vector<void*>& held = set.make_course().libraries;
  held.reserve(held.size() + request.paths.size());
  Expected<std::vector<void*>> handles = runtime.open_libraries(request);
  if (!handles) return std::unexpected(std::move(handles).error());
  auto handle = handles->begin();
  for (Library& library : link.libraries) {
    if (!is_opened(library)) continue;
    if (library.handle != nullptr) runtime.close_library(library.handle);  // what the look-up held
    library.handle = *handle++;
    library.kept = true;
    held.push_back(library.handle);
  }
  return find_late_symbols(link, runtime);
}

Expected<void> register_set(const LinkState& link, SetRecord& set) {
  RuntimeHooks& runtime = *set.session->options.runtime;
  if (set.session->options.symbols == SymbolDetail::kAll) set.make_report().symbol_map = map_symbols(link);
  set.tables_alone = has_tables_alone(link);
  show_addresses(set);  // before its tables, which share its entries in the index
  for (const FrameTables& frames : set.frames()) {
    if (auto done = runtime.register_frames(frames); !done) return done;
    ++set.registered_count;
  }
  if (set.versions && set.versions->face_reserved) runtime::show_stubs(set.versions->face_block);
  each_data_segment(set, [&](const Block::Segment& s) { runtime.show_data(s.base, s.size); });
  set.data_shown = true;
  if (set.session->options.list_data) [[unlikely]] {
    if (auto done = list_data(link, set); !done) return done;
  }
  const bool finalises = set.course && !set.course->finalisers.empty();
  if (!finalises && !hands_out_handle(link)) return {};  // nothing runs at its end, nor can come to
  std::vector<TargetAddr>& handles = set.make_course().handles;
  for (std::uint32_t zone = 0; zone < link.zones.size(); ++zone) handles.push_back(handle_of(link, ZoneIndex{zone}));
  if (registers_thread_exits(link)) enlist_thread_exits(set);
  if (auto done = runtime.at_exit(finalise_at_exit, &set, handles.front()); !done) return done;
  set.exit_registered = true;
  return {};
}

}  // namespace enfold
