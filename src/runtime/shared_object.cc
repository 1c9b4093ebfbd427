// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/shared_object.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "apply/addresses.h"
#include "plan/needs.h"
#include "session_state.h"

namespace enfold {
namespace {

constexpr std::uint64_t kMostTables = std::uint64_t{1} << 31;

bool is_copied(const LinkState& link, const Global& global) {
  const NeedIndex added = global.needs == kNone<NeedIndex> ? global.needs : standing_for(link, global.needs);
  return added != kNone<NeedIndex> && link.need(added).kind == NeedKind::kCopy;
}

// As its object has it: "name@@version" defines two symbols, the first of which is shown for both.
std::string_view exact_name_of(const LinkState& link, const Global& global) {
  if (global.origin != Origin::kSet) return global.name;
  const Object& object = link.object(global.object);
  return object.has_versions ? object.symbol_name(object.symbols[global.symbol]) : global.name;
}

bool is_exported(const LinkState& link, const Global& global) {
  if (global.visibility == SymbolVisibility::kHidden) return false;
  if (global.name.find('@') != std::string_view::npos && exact_name_of(link, global) != global.name) return false;
  switch (global.origin) {
    case Origin::kSet:
      return (global.facts & kDead) == 0;
    case Origin::kCommon:
      return true;
    case Origin::kProcess:
    case Origin::kLibrary:
      return is_copied(link, global);
    default:
      return false;
  }
}

HostSymbolKind kind_of(const Global& global) {
  switch (global.type) {
    case SymbolType::kFunction:
    case SymbolType::kIndirectFunction:
      return HostSymbolKind::kFunction;  // known by its stub
    case SymbolType::kThreadLocal:
      return HostSymbolKind::kThreadLocal;
    case SymbolType::kObject:
      return HostSymbolKind::kData;
    default:
      return global.origin == Origin::kCommon ? HostSymbolKind::kData : HostSymbolKind::kUnknown;
  }
}

bool is_absolute(const LinkState& link, const Global& global) {
  if (global.origin != Origin::kSet) return false;
  return link.object(global.object).symbols[global.symbol].place == SymbolPlace::kAbsolute;
}

// The dynamic linker gives it to all threads. Its first bytes are written when it is loaded.
void describe_threads(LinkState& link, ObjectImage& image) {
  ThreadLocals& threads = link.threads;
  threads.image.assign(threads.image_size, std::byte{0});
  image.threads = {.bytes = threads.image, .size = threads.size, .p2align = threads.p2align};
  image.threads_are_static = threads.is_static;
}

ObjectSymbol exported(const LinkState& link, const Global& global) {
  return {.name = exact_name_of(link, global),
          .size = global.size,
          .kind = kind_of(global),
          .weak = global.binding == Binding::kWeak,
          .absolute = is_absolute(link, global)};
}

ObjectImport imported(const LinkState& link, const Global& global) {
  const auto symbol = find_in(link.libraries[global.library], global);
  ObjectImport import{.name = symbol ? exact_name(global, *symbol) : std::string(global.name)};
  if (global.type == SymbolType::kThreadLocal) {
    import.kind = ObjectImport::Kind::kThreadLocal;
  } else if (is_copied(link, global)) {
    import.kind = ObjectImport::Kind::kCopied;
  }
  return import;
}

// A name without a slash is looked for in the system's directories, and this one was found.
std::string as_path(const std::string& path) { return path.find('/') == std::string::npos ? "./" + path : path; }

void place_object(const LinkState& link, const SetRecord& set, SharedObject& object) {
  ObjectImage& image = object.image;
  for (std::size_t i = 0; i < object.exported.size(); ++i) {
    const GlobalIndex id = object.exported[i];
    image.symbols[i].address = TargetAddr{effective_address(link, link.global(id))};
  }
  image.tables = {set.block.extent.lo, set.block.extent.lo + link.lead};
  image.segments.clear();
  for (const Block::Segment& segment : set.block.segments) {
    if (segment.size != 0) image.segments.push_back(segment);
  }
  const ZoneTables& tables = link.zones.front().tables;
  if (tables.search_size == 0) return;
  image.frames.search_table = address_of(link, segment_of(ZoneIndex{}, SegmentRole::kConstant), tables.search_at);
}

Error not_found(const LinkState& link, const Global& global) {
  Place place;
  place.object = link.libraries[global.library].name;
  place.symbol = global.name;
  return Error(ErrorCode::kRuntime, "the library was opened, but does not define the symbol", std::move(place));
}

Expected<void> note_imports(LinkState& link, const SharedObject& object, const LoadedObject& loaded) {
  for (std::size_t i = 0; i < object.imported.size(); ++i) {
    Global& global = link.global(object.imported[i]);
    const ObjectValue& found = loaded.imports[i];
    switch (object.image.imports[i].kind) {
      case ObjectImport::Kind::kAddress:
        global.value = found.value;
        break;
      case ObjectImport::Kind::kThreadLocal:
        global.value = found.value;
        link.threads.modules[global.thread_module].id = found.module;
        break;
      case ObjectImport::Kind::kThreadOffset: {
        ThreadModule& module = link.threads.modules[global.thread_module];
        module.is_static = true;
        module.tp_offset = static_cast<std::int64_t>(found.value - global.value);
        break;
      }
      case ObjectImport::Kind::kCopied:
        if (found.value == 0) return std::unexpected(not_found(link, global));
        global.value = found.value;
        break;
    }
  }
  return {};
}

std::uint64_t bound_of_threads(const Object& object) {
  std::uint64_t size = 0;
  for (const Section& section : object.sections) {
    if (section.role == SectionRole::kThreadLocal) size += section.size + (std::uint64_t{1} << section.p2align);
  }
  return size;
}

}  // namespace

Expected<void> check_shared_object(const LinkState& link) {
  if (!is_replaceable(link)) return {};
  return std::unexpected(
      Error(ErrorCode::kInvalidArgument, "a set that is replaceable cannot be a shared object of the process")
          .with_cure("set one of SetOptions::replaceable and as_shared_object"));
}

std::uint64_t bound_of_tables(const LinkState& link) {
  constexpr std::uint64_t kFixed = 64 << 10, kOfSymbol = 256, kOfLibrary = 4096;
  std::uint64_t size = kFixed + link.libraries.size() * kOfLibrary;
  for (const Global& global : link.globals) size += kOfSymbol + global.name.size();
  std::uint8_t p2align = 0;  // the set's own, which may leave as much free
  for (const Object& object : link.objects) {
    if (object.has_thread_locals) size += bound_of_threads(object);
    for (const Section& section : object.sections) {
      if (section.in_image()) p2align = std::max(p2align, section.p2align);
    }
  }
  return size + (std::uint64_t{1} << p2align);
}

Expected<void> describe_object(LinkState& link, RuntimeHooks& runtime) {
  auto object = std::make_shared<SharedObject>();
  ObjectImage& image = object->image;
  image.name = link.set->name();
  image.global = link.options->visibility == Visibility::kSession;
  for (const Library& library : link.libraries) {
    if (library.used || !library.as_needed) image.libraries.push_back(as_path(library.path));
  }
  describe_threads(link, image);
  std::uint32_t i = 0;
  for (const Global& global : link.globals) {
    const GlobalIndex id{i++};
    if (is_exported(link, global)) {
      object->exported.push_back(id);
      image.symbols.push_back(exported(link, global));
    }
    if (global.loaded_later) {
      object->imported.push_back(id);
      image.imports.push_back(imported(link, global));
    }
    if (global.loaded_later && global.thread_import) {  // its distance, beside where it is in its library's block
      object->imported.push_back(id);
      image.imports.push_back(
          {.name = image.imports.back().name, .kind = ObjectImport::Kind::kThreadOffset});
    }
  }
  for (const Segment& segment : link.segments) {
    if (segment.size != 0) image.segments.emplace_back();
  }
  Expected<std::uint64_t> size = runtime.object_tables_size(image);
  if (!size) return std::unexpected(std::move(size).error());
  if (*size > kMostTables) return std::unexpected(Error(ErrorCode::kMemory, "the set has more symbols than fit"));
  link.lead = *size;
  link.object_image = std::move(object);
  return {};
}

Expected<void> load_object(LinkState& link, SetRecord& set, const std::function<Expected<void>()>& fill) {
  SharedObject& object = *link.object_image;
  MemoryProvider& memory = *set.session->options.memory;
  RuntimeHooks& runtime = *set.session->options.runtime;
  place_object(link, set, object);
  void** const handle = &set.make_course().object;
  if (auto done = memory.hand_over(set.block); !done) return done;
  Expected<void> filled;
  std::exception_ptr thrown;
  const auto write = [&](const LoadedObject& loaded) noexcept {
    try {
      filled = memory.take_back(set.block);
      object.loaded = loaded;
      if (filled) filled = note_imports(link, object, loaded);
      if (filled) filled = fill();
    } catch (...) {
      thrown = std::current_exception();
    }
    if (filled && !thrown) return true;
    withdraw(set);  // while its memory is there
    return false;
  };
  Expected<void*> opened = runtime.load_object(object.image, write);
  if (thrown) std::rethrow_exception(thrown);
  if (!filled) return filled;
  if (!opened) return std::unexpected(std::move(opened).error());
  *handle = *opened;
  return {};
}

}  // namespace enfold
