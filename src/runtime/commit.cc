// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/commit.h"

#include <algorithm>
#include <cstring>
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

// The set defines it, but the process or an earlier set had it first.
bool is_unique_elsewhere(const Global& global) {
  return global.binding == Binding::kUnique && global.origin != Origin::kSet && global.origin != Origin::kCommon;
}

bool is_exported(const LinkState& link, const Global& global) {
  if (global.type == SymbolType::kThreadLocal) return false;
  if (is_hidden(global) && std::ranges::find(link.options->roots, global.name) == link.options->roots.end()) return false;
  if (global.origin == Origin::kCommon || is_unique_elsewhere(global)) return true;
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
  return is_unique_elsewhere(global) || global.origin == Origin::kSet || global.origin == Origin::kCommon ||
         global.type != SymbolType::kFunction;
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
                           .local = is_hidden(global) || is_unique_elsewhere(global)});
  }
  std::ranges::sort(set.exports, {}, &ExportedSymbol::name);
}

// Null entries and the all-ones sentinel of old .ctors lists are no functions.
bool is_function(std::uint64_t word) { return word != 0 && word != ~std::uint64_t{0}; }

std::uint64_t array_word(const LinkState& link, const Section& section, std::uint64_t i) {
  std::uint64_t word = 0;
  const std::size_t size = link.arch->slot_size;
  std::memcpy(&word, working(link, section.segment, section.offset + i * size), size);
  return word;
}

// Functions of an array section in the order in which they stand or, for .ctors and .dtors, from the last.
void append_array(const LinkState& link, const Section& section, std::vector<TargetAddr>& functions) {
  const std::uint64_t count = section.laid_size / link.arch->slot_size;
  for (std::uint64_t k = 0; k < count; ++k) {
    const std::uint64_t word = array_word(link, section, section.reversed ? count - 1 - k : k);
    if (is_function(word)) functions.push_back(TargetAddr{word});
  }
}

void append_arrays(const LinkState& link, SectionRole role, std::vector<TargetAddr>& functions) {
  for (const Bundle& bundle : link.bundles) {
    if (bundle.role != role) continue;
    for (const Bundle::Member& member : bundle.members) {
      append_array(link, link.object(member.object).sections[member.section], functions);
    }
  }
}

// gABI, "Initialization and Termination Functions": preinit arrays, then init arrays from first to last; fini arrays
// from last to first. The bundles have them in order of priority.
void fill_functions(const LinkState& link, SetRecord& set) {
  append_arrays(link, SectionRole::kPreinitArray, set.initialisers);
  append_arrays(link, SectionRole::kInitArray, set.initialisers);
  append_arrays(link, SectionRole::kFiniArray, set.finalisers);
  std::ranges::reverse(set.finalisers);
}

void fill_record(const LinkState& link, SetRecord& set) {
  set.usage = link.usage;
  fill_exports(link, set);
  fill_functions(link, set);
  for (std::uint32_t zone = 0; zone < link.zones.size(); ++zone) {
    set.handles.push_back(address_of(link, segment_of(ZoneIndex{zone}, SegmentRole::kConstant), 0));
  }
  set.dependencies = link.dependencies;
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

Expected<void> register_set(const LinkState& link, SetRecord& set) {
  fill_record(link, set);
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
