// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/linked_functions.h"

#include <algorithm>
#include <string_view>

#include "apply/addresses.h"
#include "plan/needs.h"

namespace enfold {
namespace {

struct Candidate {
  LinkedFunction function;
  std::uint64_t end = 0;  // of its section
  bool local = false;
};

// Labels that assembly code leaves without a type are functions where they stand in code and others may call them.
bool is_function(const Section& section, const Symbol& symbol) {
  if (section.role != SectionRole::kCode || !section.in_image()) return false;
  return symbol.type == SymbolType::kFunction || symbol.type == SymbolType::kIndirectFunction ||
         (symbol.type == SymbolType::kNone && symbol.binding != Binding::kLocal);
}

void add_object(const LinkState& link, const Object& object, std::vector<Candidate>& found) {
  for (std::uint32_t i = 0; i < object.symbols.size(); ++i) {
    const Symbol& symbol = object.symbols[SymbolIndex{i}];
    if (symbol.place != SymbolPlace::kSection) continue;
    const Section& section = object.sections[symbol.section];
    if (!is_function(section, symbol)) continue;
    found.push_back({.function = {.address = TargetAddr{symbol_address(link, object, symbol)},
                                  .size = object.size_of(SymbolIndex{i}),
                                  .name = std::string(object.symbol_name(symbol))},
                     .end = value(address_of(link, section)) + section.laid_size(),
                     .local = symbol.binding == Binding::kLocal});
  }
}

std::string_view symbol_of(const LinkState& link, const Need& need) {
  if (need.object == kNone<ObjectIndex>) return link.globals[need.symbol].name;
  const Object& object = link.object(need.object);
  return object.symbol_name(object.symbols[SymbolIndex{need.symbol}]);
}

void add_stubs(const LinkState& link, std::vector<Candidate>& found) {
  for (const Need& need : link.needs) {
    if (!is_stub(need.kind) || need.sharing != 0) continue;
    const TargetAddr address = address_of(link, need);
    found.push_back({.function = {.address = address,
                                  .size = need.size,
                                  .name = std::string(symbol_of(link, need)) + "@stub"},
                     .end = value(address) + need.size});
  }
}

// Of several names of one place, one that others know it by.
void keep_one_each(std::vector<Candidate>& found) {
  std::ranges::stable_sort(found, [](const Candidate& a, const Candidate& b) {
    if (a.function.address != b.function.address) return a.function.address < b.function.address;
    return a.local < b.local;
  });
  const auto rest = std::ranges::unique(found, {}, [](const Candidate& c) { return c.function.address; });
  found.erase(rest.begin(), rest.end());
}

}  // namespace

std::vector<LinkedFunction> linked_functions(const LinkState& link) {
  std::vector<Candidate> found;
  for (const Object& object : link.objects) add_object(link, object, found);
  add_stubs(link, found);
  keep_one_each(found);
  std::vector<LinkedFunction> functions;
  functions.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    LinkedFunction& function = found[i].function;
    const std::uint64_t next = i + 1 < found.size() ? value(found[i + 1].function.address) : found[i].end;
    if (function.size == 0) function.size = std::min(next, found[i].end) - value(function.address);
    if (function.size != 0) functions.push_back(std::move(function));
  }
  return functions;
}

}  // namespace enfold
