// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/commit.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "apply/addresses.h"
#include "session_state.h"

namespace enfold {
namespace {

Expected<void> find_late_symbols(LinkState& link, RuntimeHooks& runtime) {
  for (Global& global : link.globals) {
    if (!global.loaded_later) continue;
    const Library& library = link.libraries[global.library];
    const std::optional<HostSymbol> found = runtime.find(library.handle, std::string(global.name));
    if (!found) {
      Place place;
      place.object = library.name;
      place.symbol = global.name;
      return std::unexpected(
          Error(ErrorCode::kRuntime, "the library was opened, but does not define the symbol", std::move(place)));
    }
    global.value = value(found->address);
  }
  return {};
}

HostSymbolKind exported_kind(SymbolType type) {
  if (type == SymbolType::kFunction || type == SymbolType::kIndirectFunction) return HostSymbolKind::kFunction;
  return type == SymbolType::kObject ? HostSymbolKind::kData : HostSymbolKind::kUnknown;
}

bool is_hidden(const Global& global) { return global.visibility == SymbolVisibility::kHidden; }

bool is_exported(const LinkState& link, const Global& global) {
  if (global.type == SymbolType::kThreadLocal) return false;
  if (is_hidden(global) && std::ranges::find(link.options->roots, global.name) == link.options->roots.end()) return false;
  if (global.origin == Origin::kCommon) return true;
  if (global.origin == Origin::kProcess || global.origin == Origin::kLibrary) {
    return effective_address(link, global) != global.value;  // copied, so that later sets use the same copy
  }
  if (global.origin != Origin::kSet) return false;
  const Object& object = link.object(global.object);
  const Symbol& symbol = object.symbols[global.symbol];
  return symbol.place != SymbolPlace::kSection || object.sections[symbol.section].in_image();
}

// Functions stay the process's: only copied data becomes the set's.
bool is_data_copy(const Global& global) {
  return global.origin == Origin::kSet || global.origin == Origin::kCommon || global.type != SymbolType::kFunction;
}

void fill_exports(const LinkState& link, SetRecord& set) {
  for (const Global& global : link.globals) {
    if (!is_exported(link, global) || !is_data_copy(global)) continue;
    set.exports.push_back({.name = std::string(global.name),
                           .address = TargetAddr{effective_address(link, global)},
                           .size = global.size,
                           .kind = exported_kind(global.type),
                           .strong = global.origin == Origin::kSet && global.binding == Binding::kGlobal,
                           .unique = global.binding == Binding::kUnique,
                           .hidden = is_hidden(global)});
  }
  std::ranges::sort(set.exports, {}, &ExportedSymbol::name);
}

void fill_arrays(const LinkState& link, SetRecord& set) {
  for (const Bundle& bundle : link.bundles) {
    if (!is_array(bundle.role)) continue;
    std::vector<FunctionArray>& arrays = bundle.role == SectionRole::kPreinitArray ? set.preinit
                                         : bundle.role == SectionRole::kInitArray  ? set.init
                                                                                   : set.fini;
    for (const Bundle::Member& member : bundle.members) {
      const Section& section = link.object(member.object).sections[member.section];
      arrays.push_back({.begin = address_of(link, section),
                        .count = section.laid_size / sizeof(std::uint64_t),
                        .reversed = section.reversed});
    }
  }
}

}  // namespace

const ExportedSymbol* SetRecord::find(std::string_view symbol) const {
  const auto found = std::ranges::lower_bound(exports, symbol, {}, [](const ExportedSymbol& e) -> std::string_view {
    return e.name;
  });
  return found != exports.end() && found->name == symbol ? &*found : nullptr;
}

Expected<void> open_libraries(LinkState& link, SetRecord& set) {
  RuntimeHooks& runtime = *set.session->options.runtime;
  for (Library& library : link.libraries) {
    if (library.as_needed && !library.used) continue;
    Expected<void*> handle = runtime.open_library(library.path, link.options->global_libraries);
    if (!handle) return std::unexpected(std::move(handle).error());
    if (library.handle != nullptr) runtime.close_library(library.handle);  // what the look-up held
    library.handle = *handle;
    library.kept = true;
    set.libraries.push_back(*handle);
  }
  return find_late_symbols(link, runtime);
}

void fill_record(const LinkState& link, SetRecord& set) {
  set.usage = link.usage;
  fill_exports(link, set);
  fill_arrays(link, set);
  for (std::uint32_t zone = 0; zone < link.zones.size(); ++zone) {
    set.handles.push_back(address_of(link, segment_of(ZoneIndex{zone}, SegmentRole::kConstant), 0));
  }
  set.dependencies = link.dependencies;
}

Expected<void> register_set(const LinkState& link, SetRecord& set) {
  RuntimeHooks& runtime = *set.session->options.runtime;
  for (std::uint32_t i = 0; i < link.segments.size(); ++i) {
    const Segment& segment = link.segments[i];
    if (segment.unwind_size == 0) continue;
    const TargetAddr begin = address_of(link, i, segment.unwind_at);
    if (auto done = runtime.register_frames(begin, segment.unwind_size); !done) return done;
    set.frames.push_back({begin, segment.unwind_size});
  }
  if (auto done = runtime.at_exit(finalise_at_exit, &set, set.handles.front()); !done) return done;
  set.exit_registered = true;
  return {};
}

}  // namespace enfold
