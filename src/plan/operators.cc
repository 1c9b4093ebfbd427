// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/operators.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "plan/read_ahead.h"

extern "C" {
extern const std::byte enfold_operator_forwards[], enfold_operator_forwards_end[];
}

namespace enfold {
namespace {

// A form, and the one that it calls.
struct Form {
  std::string_view name, target;
};

constexpr Form kForms[] = {
    {"_Znam", "_Znwm"},
    {"_ZnwmRKSt9nothrow_t", "_Znwm"},
    {"_ZnamRKSt9nothrow_t", "_Znam"},
    {"_ZdaPv", "_ZdlPv"},
    {"_ZdlPvm", "_ZdlPv"},
    {"_ZdaPvm", "_ZdaPv"},
    {"_ZdlPvRKSt9nothrow_t", "_ZdlPv"},
    {"_ZdaPvRKSt9nothrow_t", "_ZdaPv"},
    {"_ZnamSt11align_val_t", "_ZnwmSt11align_val_t"},
    {"_ZnwmSt11align_val_tRKSt9nothrow_t", "_ZnwmSt11align_val_t"},
    {"_ZnamSt11align_val_tRKSt9nothrow_t", "_ZnamSt11align_val_t"},
    {"_ZdaPvSt11align_val_t", "_ZdlPvSt11align_val_t"},
    {"_ZdlPvmSt11align_val_t", "_ZdlPvSt11align_val_t"},
    {"_ZdaPvmSt11align_val_t", "_ZdaPvSt11align_val_t"},
    {"_ZdlPvSt11align_val_tRKSt9nothrow_t", "_ZdlPvSt11align_val_t"},
    {"_ZdaPvSt11align_val_tRKSt9nothrow_t", "_ZdaPvSt11align_val_t"},
};

const Form* find_form(std::string_view name) {
  const auto* found = std::ranges::find(kForms, name, &Form::name);
  return found == std::end(kForms) ? nullptr : found;
}

// A look at each name of a small set takes less than looking for the forms.
bool may_use_forms(const LinkState& link) {
  constexpr std::size_t kFew = 64;
  if (link.globals.size() > kFew) return true;
  return std::ranges::any_of(link.globals, [](const Global& global) {
    return global.name.starts_with("_Zn") || global.name.starts_with("_Zd");
  });
}

// The libraries whose forms call what the program replaced.
bool is_language_library(const Library& library) {
  const std::string& name = library.symbols.soname();
  return name.starts_with("libstdc++.") || name.starts_with("libc++.") || name.starts_with("libc++abi.");
}

class Forms {
 public:
  Forms(const LinkState& link, const SymbolTable& table, const Scope& scope)
      : link_(link), table_(table), scope_(scope) {}

  std::vector<std::string_view> to_forward() const {
    std::vector<std::string_view> forms;
    for (const Form& form : kForms) {
      const GlobalIndex id = table_.find(form.name);
      const bool used = id != kNone<GlobalIndex> && link_.global(id).referenced;
      if (used && !is_defined(form.name) && is_replaced(form.target)) forms.push_back(form.name);
    }
    for (std::size_t i = 0; i < forms.size(); ++i) {
      const std::string_view target = find_form(forms[i])->target;
      const bool between = find_form(target) != nullptr && !is_defined(target);
      if (between && std::ranges::find(forms, target) == forms.end()) forms.push_back(target);
    }
    return forms;
  }

 private:
  bool is_defined(std::string_view name) const {
    const GlobalIndex id = table_.find(name);
    if (id != kNone<GlobalIndex> && link_.global(id).origin != Origin::kUndefined) return true;
    if (scope_.find(hashed(name))) return true;
    return std::ranges::any_of(link_.libraries, [&](const Library& library) {
      return !is_language_library(library) && library.symbols.find(name);
    });
  }

  bool is_replaced(std::string_view name) const {
    if (is_defined(name)) return true;
    const Form* const form = find_form(name);
    return form != nullptr && is_replaced(form->target);
  }

  const LinkState& link_;
  const SymbolTable& table_;
  const Scope& scope_;
};

}  // namespace

std::vector<std::string_view> forms_to_forward(const LinkState& link, const SymbolTable& table, const Scope& scope) {
  if (!may_use_forms(link)) [[likely]] return {};
  return Forms(link, table, scope).to_forward();
}

Expected<void> read_forwards(LinkState& link, const std::vector<std::string_view>& forms) {
  const read::Bytes bytes(std::span(enfold_operator_forwards, enfold_operator_forwards_end));
  Object& object = link.objects.emplace_back("<operator new and delete>");
  if (auto done = read_for_link(bytes, link.arena, object); !done) return done;
  for (std::size_t i = raw(object.first_global); i < object.symbols.size(); ++i) {
    Symbol& symbol = object.symbols[index_of<SymbolIndex>(i)];
    const std::string_view name = object.symbol_name(symbol);
    if (find_form(name) == nullptr) continue;
    if (std::ranges::find(forms, name) == forms.end()) {
      symbol.place = SymbolPlace::kUndefined;
    } else {
      symbol.visibility = SymbolVisibility::kHidden;  // an earlier set's own are the ones that others would find
    }
  }
  return {};
}

}  // namespace enfold
