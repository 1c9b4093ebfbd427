// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Binding of what a set leaves undefined, and of what it shares by name with the process (STB_GNU_UNIQUE).
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "diagnostics.h"
#include "plan/bound_functions.h"
#include "plan/resolve.h"

namespace enfold {
namespace {

struct SyntheticName {
  std::string_view name;
  Synthetic synthetic;
};

constexpr SyntheticName kSynthetics[] = {
    {"_GLOBAL_OFFSET_TABLE_", Synthetic::kGotBase}, {"__dso_handle", Synthetic::kHandle},
    {"etext", Synthetic::kTextEnd},                 {"_etext", Synthetic::kTextEnd},
    {"__etext", Synthetic::kTextEnd},               {"edata", Synthetic::kDataEnd},
    {"_edata", Synthetic::kDataEnd},                {"end", Synthetic::kImageEnd},
    {"_end", Synthetic::kImageEnd},                 {"__bss_start", Synthetic::kDataEnd},
    {"__executable_start", Synthetic::kImageStart}, {"data_start", Synthetic::kDataStart},
    {"__data_start", Synthetic::kDataStart},        {"__TMC_END__", Synthetic::kDataEnd},
    {"__ehdr_start", Synthetic::kHeader},           {"_DYNAMIC", Synthetic::kDynamic},
    {"_IO_stdin_used", Synthetic::kStdinUsed},      {"__GNU_EH_FRAME_HDR", Synthetic::kFrameTable},
    {"_init", Synthetic::kEmptyFunction},           {"_fini", Synthetic::kEmptyFunction},
};

struct ArrayName {
  std::string_view start, stop, stem;
};
constexpr ArrayName kArrays[] = {
    {"__preinit_array_start", "__preinit_array_end", ".preinit_array"},
    {"__init_array_start", "__init_array_end", ".init_array"},
    {"__fini_array_start", "__fini_array_end", ".fini_array"},
};

bool is_c_identifier(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

SymbolType symbol_type(HostSymbolKind kind) {
  switch (kind) {
    case HostSymbolKind::kFunction: return SymbolType::kFunction;
    case HostSymbolKind::kData: return SymbolType::kObject;
    case HostSymbolKind::kThreadLocal: return SymbolType::kThreadLocal;
    case HostSymbolKind::kUnknown: break;
  }
  return SymbolType::kNone;
}

SymbolType symbol_type(read::SharedSymbolType type) {
  switch (type) {
    case read::SharedSymbolType::kFunction:
    case read::SharedSymbolType::kIfunc: return SymbolType::kFunction;
    case read::SharedSymbolType::kTls: return SymbolType::kThreadLocal;
    case read::SharedSymbolType::kNoType:
    case read::SharedSymbolType::kObject: break;
  }
  return SymbolType::kObject;
}

class Binder {
 public:
  Binder(LinkState& link, SymbolTable& table, const Scope& scope, RuntimeHooks& runtime)
      : link_(link), table_(table), scope_(scope), runtime_(runtime) {}

  Expected<void> run() {
    find_loaded_libraries();
    define_thread_base();
    look_at_sets();
    // By index: binding a bound function interns the one behind it, and binds that, too.
    const std::size_t count = link_.globals.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      if (is_unsettled(link_.globals[i])) bind(GlobalIndex{i});
    }
    if (may_copy_some(link_)) {
      for (std::uint32_t i = 0; i < count; ++i) add_names_of_data(link_.globals[i]);
    }
    return std::move(diagnostics_).result("symbols cannot be bound");
  }

 private:
  void find_loaded_libraries() {
    for (Library& library : link_.libraries) {
      library.handle = runtime_.find_loaded_library(library.path);
      library.loaded_before = library.handle != nullptr;
    }
  }

  // What the set's thread-local code counts from, whether an object names it or not.
  void define_thread_base() {
    if (!link_.has_thread_locals) return;
    const GlobalIndex id = table_.intern("_TLS_MODULE_BASE_");
    Global& global = link_.global(id);
    if (global.origin != Origin::kUndefined) {
      diagnostics_.add(Error(ErrorCode::kDuplicateSymbol, "the linker defines it",
                             Place{.object = std::string(link_.object(global.object).name),
                                   .symbol = std::string(global.name)}));
      return;
    }
    link_.threads.base = id;
    link_.threads.modules.resize(1);
    set_synthetic(global, Synthetic::kThreadBase);
    global.type = SymbolType::kThreadLocal;
    link_.threads.functions = runtime_.thread_functions();
  }

  // A block outside the set that a variable lies in.
  std::uint32_t add_thread_module(const ThreadModule& module) {
    const auto known = std::ranges::find(link_.threads.modules, module.id, &ThreadModule::id);
    if (known != link_.threads.modules.end() && module.id != 0) {
      return static_cast<std::uint32_t>(known - link_.threads.modules.begin());
    }
    if (link_.threads.modules.empty()) link_.threads.modules.resize(1);
    link_.threads.modules.push_back(module);
    return static_cast<std::uint32_t>(link_.threads.modules.size() - 1);
  }

  static bool is_defined(const Global& global) {
    return global.origin == Origin::kSet || global.origin == Origin::kCommon;
  }
  static bool is_open(const Global& global) { return global.origin == Origin::kUndefined && global.referenced; }
  static bool is_hidden(const Global& global) { return global.visibility == SymbolVisibility::kHidden; }
  // Of a unique symbol, what another has already is the one that all use.
  static bool is_unique(const Global& global) { return is_defined(global) && global.binding == Binding::kUnique; }
  // Is it bound elsewhere, if others have it?
  static bool is_unsettled(const Global& global) { return is_open(global) || is_unique(global); }

  // Earlier sets come first, and are looked at in one go, as nothing about them changes meanwhile. What the set defines
  // and others see must not clash with what they see already.
  void look_at_sets() {
    const Scope::Hold held = scope_.hold();
    const bool shows = link_.options->visibility == Visibility::kSession;
    for (Global& global : link_.globals) {
      const bool shown = shows && global.origin == Origin::kSet && !is_hidden(global);
      if (shown && global.binding == Binding::kGlobal) check_definition(held, global);
      if (is_unsettled(global)) bind_to_set(held, global);
    }
  }

  void bind_to_set(const Scope::Hold& held, Global& global) {
    if ((is_open(global) && !is_hidden(global)) || is_unique(global)) bind_scope(held, global);
  }

  void bind(GlobalIndex id) {
    Global& global = link_.global(id);
    if (is_unique(global) && !bind_process(global)) bind_library(global);
    if (!is_open(global) || bind_synthetic(global)) return;
    const std::optional<std::uint8_t> which = find_bound_function(global.name);
    if (which && !is_hidden(global)) return bind_function(id, *which);
    bind_outside(global);
  }

  // To what the set's libraries define, or the process.
  void bind_outside(Global& global) {
    if (!is_hidden(global) && (bind_library(global) || bind_process(global))) return;
    global.origin = global.wanted ? Origin::kMissing : Origin::kNull;
    if (global.versioned && global.wanted) list_versions(global);
  }

  // Those that there are of a name whose version nobody has.
  [[gnu::cold]] void list_versions(const Global& missing) {
    const std::string_view name = missing.name.substr(0, missing.name.find('@'));
    OtherVersions others{.name = missing.name, .found = {}};
    for (const Global& global : link_.globals) {
      const bool same = global.versioned && is_defined(global) && global.name.substr(0, global.name.find('@')) == name;
      if (same) note_version(others, global.name.substr(name.size() + 1), link_.object(global.object).name);
    }
    for (const Library& library : link_.libraries) {
      for (const std::string_view version : library.symbols.versions_of(name)) {
        note_version(others, version, library.name);
      }
    }
    for (std::string& version : runtime_.versions_of(std::string(name))) others.found.push_back(std::move(version));
    if (!others.found.empty()) link_.other_versions.push_back(std::move(others));
  }

  static void note_version(OtherVersions& others, std::string_view version, std::string_view file) {
    others.found.push_back(fmt::format("{} in {}", version, file));
  }

  // A copy of an object stands for all of its names, whether the set mentions them or not.
  [[gnu::cold]] void add_names_of_data(const Global& global) {
    const bool host = global.origin == Origin::kProcess || global.origin == Origin::kLibrary;
    const bool data = global.type != SymbolType::kThreadLocal && global.type != SymbolType::kFunction;
    if (!host || !data || global.size == 0 || !may_copy(link_, global)) return;
    const Global known = global;
    for (const std::string& name : names_of_data(known)) {
      const GlobalIndex id = table_.intern(link_.arena.copy(name));
      Global& other = link_.global(id);
      if (other.origin != Origin::kUndefined || other.referenced) continue;
      other.origin = known.origin;
      other.value = known.value;
      other.size = known.size;
      other.type = known.type;
      other.library = known.library;
      other.loaded_later = known.loaded_later;
      other.read_only = known.read_only;
    }
  }

  std::vector<std::string> names_of_data(const Global& global) {
    if (!global.loaded_later) return runtime_.names_at(TargetAddr{global.value});
    const Library& library = link_.libraries[global.library];
    const auto symbol = find_in(library, global);
    if (!symbol) return {};
    const std::vector<std::string_view> names = library.symbols.names_at(symbol->value);
    return {names.begin(), names.end()};
  }

  void check_definition(const Scope::Hold& held, const Global& global) {
    const std::optional<ScopeSymbol> other = scope_.find_visible(held, global.hashed_name());
    if (!other || !other->strong) return;
    const std::string_view object = link_.object(global.object).name;
    diagnostics_.add(Error(ErrorCode::kDuplicateSymbol,
                           fmt::format("defined in {} and before in {}", object, provider_name(*other)),
                           Place{.object = std::string(object), .symbol = std::string(global.name)})
                         .with_cure("unload the earlier set, or link one of them with Visibility::kPrivate"));
  }

  static std::string provider_name(const ScopeSymbol& symbol);

  void bind_scope(const Scope::Hold& held, Global& global) {
    std::optional<ScopeSymbol> found = scope_.find(held, global.hashed_name());
    if (!found) return;
    global.origin = Origin::kSession;
    global.value = value(found->address);
    global.size = found->size;
    global.type = symbol_type(found->kind);
    global.switchable = found->replaceable && found->kind != HostSymbolKind::kFunction;
    if (found->kind == HostSymbolKind::kThreadLocal) global.thread_module = add_thread_module(found->thread_module);
    if (found->provider) global.provider = add_dependency(std::move(found->provider));
  }

  std::uint32_t add_dependency(std::shared_ptr<SetRecord> set) {
    if (!dependencies_) dependencies_.emplace();
    const auto next = static_cast<std::uint32_t>(link_.dependencies.size());
    const auto [at, fresh] = dependencies_->try_emplace(set.get(), next);
    if (fresh) link_.dependencies.push_back(std::move(set));
    return at->second;
  }

  bool bind_synthetic(Global& global) {
    const auto* known = std::ranges::find(kSynthetics, global.name, &SyntheticName::name);
    // A weak reference to the search table is null: it is a local symbol of programs that nobody asks for it.
    const bool meant = known != std::end(kSynthetics) && (known->synthetic != Synthetic::kFrameTable || global.wanted);
    if (meant) {
      set_synthetic(global, known->synthetic);
      return true;
    }
    return bind_array_bound(global) || bind_section_bound(global);
  }

  void set_synthetic(Global& global, Synthetic synthetic) {
    global.origin = Origin::kSynthetic;
    global.synthetic = synthetic;
    link_.synthetics |= std::uint32_t{1} << static_cast<unsigned>(synthetic);
  }

  bool bind_array_bound(Global& global) {
    for (const ArrayName& array : kArrays) {
      if (global.name != array.start && global.name != array.stop) continue;
      set_synthetic(global, global.name == array.start ? Synthetic::kBundleStart : Synthetic::kBundleStop);
      global.bundle = bundle_named(array.stem);
      return true;
    }
    return false;
  }

  // __start_NAME and __stop_NAME, where the set has sections NAME and NAME is a C identifier.
  bool bind_section_bound(Global& global) {
    constexpr std::string_view kStart = "__start_", kStop = "__stop_";
    const bool start = global.name.starts_with(kStart), stop = global.name.starts_with(kStop);
    if (!start && !stop) return false;
    const std::string_view name = global.name.substr(start ? kStart.size() : kStop.size());
    if (!is_c_identifier(name)) return false;
    const BundleIndex bundle = section_bundle(name);
    if (bundle == kNone<BundleIndex>) return false;
    set_synthetic(global, start ? Synthetic::kBundleStart : Synthetic::kBundleStop);
    global.bundle = bundle;
    return true;
  }

  BundleIndex bundle_named(std::string_view name) {
    if (!bundles_) bundles_.emplace();
    const auto [found, fresh] = bundles_->try_emplace(name, index_of<BundleIndex>(link_.bundles.size()));
    if (fresh) link_.bundles.push_back({.name = name});
    return found->second;
  }

  BundleIndex section_bundle(std::string_view name) {
    if (!sections_) list_sections();
    const auto found = sections_->find(name);
    if (found == sections_->end()) return kNone<BundleIndex>;
    const BundleIndex bundle = bundle_named(name);
    for (Section* section : std::exchange(found->second, {})) detail_of(link_.arena, *section).bundle = bundle;
    return bundle;
  }

  void list_sections() {
    sections_.emplace();
    for (Object& object : link_.objects) {
      for (Section& section : object.sections) {
        if (section.role == SectionRole::kIgnored || section.discarded) continue;  // the first has no name
        const std::string_view name = object.section_name(section);
        if (is_c_identifier(name)) (*sections_)[name].push_back(&section);
      }
    }
  }

  bool bind_library(Global& global) {
    for (std::uint32_t i = 0; i < link_.libraries.size(); ++i) {
      if (bind_to_library(global, i)) return true;
    }
    return false;
  }

  bool bind_to_library(Global& global, std::uint32_t index) {
    Library& library = link_.libraries[index];
    const auto symbol = find_in(library, global);
    if (!symbol) return false;
    global.library = index;
    library.used = true;
    if (library.loaded_before) {
      // Where the process has it, too, its own libraries use the first in the global scope, which may interpose.
      const std::string name = exact_name(global, *symbol);
      return bind_host(global, nullptr, Origin::kProcess, name) ||
             bind_host(global, library.handle, Origin::kLibrary, name);
    }
    global.origin = Origin::kLibrary;
    global.loaded_later = true;
    global.size = symbol->size;
    global.type = symbol_type(symbol->type);
    global.read_only = global.type == SymbolType::kObject && library.symbols.is_read_only(symbol->value);
    if (global.type == SymbolType::kThreadLocal) global.thread_module = add_thread_module({});
    return true;
  }

  bool bind_process(Global& global) { return bind_host(global, nullptr, Origin::kProcess, std::string(global.name)); }

  bool bind_host(Global& global, void* library, Origin origin, const std::string& name) {
    const std::optional<HostSymbol> found = runtime_.find(library, name);
    if (!found) return false;
    global.origin = origin;
    global.value = value(found->address);
    global.size = found->size;
    global.type = symbol_type(found->kind);
    global.read_only = found->read_only;
    if (found->kind == HostSymbolKind::kThreadLocal) global.thread_module = add_thread_module({.id = found->module});
    return true;
  }

  // What the C library's shared part leaves to an archive: functions that add the caller's handle.
  void bind_function(GlobalIndex id, std::uint8_t which) {
    const GlobalIndex behind = table_.intern(kBoundFunctions[which].behind);
    link_.global(behind).referenced = link_.global(behind).wanted = true;
    bind_to_set(scope_.hold(), link_.global(behind));
    bind(behind);
    Global& global = link_.global(id);
    if (link_.global(behind).origin == Origin::kMissing) return bind_outside(global);
    set_synthetic(global, Synthetic::kBoundStub);
    global.bound_function = which;
    global.behind = behind;
    global.type = SymbolType::kFunction;
  }

  LinkState& link_;
  SymbolTable& table_;
  const Scope& scope_;
  RuntimeHooks& runtime_;
  Diagnostics diagnostics_;
  // Each once it is asked for.
  std::optional<std::unordered_map<const SetRecord*, std::uint32_t>> dependencies_;
  std::optional<std::map<std::string_view, BundleIndex>> bundles_;
  std::optional<std::map<std::string_view, std::vector<Section*>>> sections_;  // with C identifiers for names
};

std::string Binder::provider_name(const ScopeSymbol& symbol) {
  return symbol.provider ? fmt::format("the set '{}'", symbol.provider_name) : "Session::define";
}

}  // namespace

Expected<void> bind_outside(LinkState& link, SymbolTable& table, const Scope& scope, RuntimeHooks& runtime) {
  return Binder(link, table, scope, runtime).run();
}

}  // namespace enfold
