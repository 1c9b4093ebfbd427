// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/thread_models.h"

#include <algorithm>

namespace enfold {
namespace {

const Global* global_of(const LinkState& link, const Object& object, SymbolIndex symbol) {
  const GlobalIndex id = object.symbols[symbol].global;
  return id == kNone<GlobalIndex> ? nullptr : &link.global(id);
}

bool is_own(const Global* global) {
  if (global == nullptr || global->synthetic == Synthetic::kThreadBase) return true;
  return global->origin == Origin::kSet || global->origin == Origin::kCommon;
}

bool is_of_process(const Global& global) {
  return global.origin == Origin::kProcess || global.origin == Origin::kLibrary;
}

// The fixup behind relocation `index`, where it refers to __tls_get_addr.
std::optional<Fixup> address_call(const Object& object, const Section& section, std::uint32_t index) {
  Fixup next;
  if (object.scheme->decode(object, section, index + 1, {&next, 1}) == 0) return std::nullopt;
  if (!object.symbols.contains(next.symbol)) return std::nullopt;
  if (object.symbol_name(object.symbols[next.symbol]) != "__tls_get_addr") return std::nullopt;
  return next;
}

class Surveyor {
 public:
  explicit Surveyor(LinkState& link) : link_(link) {}

  void run() {
    if (link_.has_thread_locals) survey_objects();
    link_.threads.must_be = link_.threads.must_be || link_.options->static_thread_storage;
    // Variables that the set itself never refers to may be others' by any model: better static, if there is room. The
    // dynamic linker would rather give up an object than do without.
    const bool better = shows_ && !asks_ && !is_shared_object(link_);
    link_.threads.is_static = link_.threads.must_be || better;
    if (link_.threads.kept) go_on_with_kept();
    link_.threads.from_pointer = link_.threads.is_static && link_.options->relax && modules_rewritable_;
  }

 private:
  // The block of the replaced version serves, unless it is not where the code needs it.
  void go_on_with_kept() {
    const bool serves = link_.threads.kept_is_static || !link_.threads.must_be;
    if (serves) {
      link_.threads.is_static = link_.threads.kept_is_static;
    } else {
      link_.threads.kept.reset();
    }
  }

  void survey_objects() {
    for (Object& object : link_.objects) {
      if (object.has_thread_locals) survey(object);
    }
  }

  void survey(Object& object) {
    object.relaxes_descriptors = link_.options->relax;
    for (const Section& section : object.sections) {
      if (section.role == SectionRole::kThreadLocal && section.in_image()) shows_ = shows_ || shows_some(object);
      if (!section.in_image() || section.relocation_count == 0) continue;
      for_each_fixup(object, section, [&](std::uint32_t i, const Fixup& fixup) {
        note(object, section, i, fixup);
        return true;
      });
    }
  }

  // Does the object define thread-locals that other sets may refer to?
  bool shows_some(const Object& object) const {
    if (link_.options->visibility != Visibility::kSession) return false;
    return std::ranges::any_of(object.symbols, [&](const Symbol& symbol) {
      if (symbol.type != SymbolType::kThreadLocal || symbol.global == kNone<GlobalIndex>) return false;
      const Global& global = link_.global(symbol.global);
      return global.origin == Origin::kSet && global.visibility != SymbolVisibility::kHidden;
    });
  }

  void note(Object& object, const Section& section, std::uint32_t index, const Fixup& fixup) {
    if (fixup.kind >= link_.arch->fixups.size() || !object.symbols.contains(fixup.symbol)) return;  // scan reports it
    const Expr expr = link_.arch->fixups[fixup.kind].expr;
    if (!is_thread_local(expr)) return;
    if (expr == Expr::kThreadSlot || expr == Expr::kThreadOffset) return note_constant(object, fixup.symbol);
    if (expr == Expr::kBlockOffset || expr == Expr::kModuleId) return;
    asks_ = asks_ || is_own(global_of(link_, object, fixup.symbol));
    if (expr == Expr::kThreadIndex || fixup.offset > section.size) return;
    const bool rewritable = !section.zero && thread_relaxation(link_, object, section, index, fixup).has_value();
    bool& all = expr == Expr::kThreadModule ? modules_rewritable_ : object.relaxes_descriptors;
    all = all && rewritable;
  }

  void note_constant(const Object& object, SymbolIndex symbol) {
    const GlobalIndex id = object.symbols[symbol].global;
    if (is_own(id == kNone<GlobalIndex> ? nullptr : &link_.global(id))) {
      link_.threads.must_be = true;
    } else if (is_of_process(link_.global(id))) {
      link_.global(id).thread_import = true;
    }
  }

  LinkState& link_;
  bool shows_ = false;  // other sets may refer to its variables
  bool modules_rewritable_ = true;  // all local-dynamic code is
  bool asks_ = false;   // its own code asks for their addresses at run time
};

}  // namespace

void settle_thread_models(LinkState& link) { Surveyor(link).run(); }

std::uint32_t thread_module(const LinkState& link, const Object& object, SymbolIndex symbol) {
  const Global* global = global_of(link, object, symbol);
  return is_own(global) ? 0 : global->thread_module;
}

bool has_fixed_offset(const LinkState& link, const Object& object, SymbolIndex symbol) {
  const Global* global = global_of(link, object, symbol);
  if (is_own(global)) return link.threads.is_static;
  if (is_of_process(*global)) return global->thread_import;
  if (global->origin == Origin::kNull) return true;
  return global->origin == Origin::kSession && link.threads.modules[global->thread_module].is_static;
}

std::optional<Relaxation> thread_relaxation(const LinkState& link, const Object& object, const Section& section,
                                            std::uint32_t index, const Fixup& fixup) {
  const Expr expr = link.arch->fixups[fixup.kind].expr;
  const bool calls = expr == Expr::kThreadIndex || expr == Expr::kThreadModule;
  const std::optional<Fixup> call = calls ? address_call(object, section, index) : std::nullopt;
  return link.arch->relax_thread({section.bytes, section.size}, fixup, call ? &*call : nullptr);
}

}  // namespace enfold
