// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/set_allocator.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "apply/addresses.h"

namespace enfold {
namespace {

struct Function {
  std::string_view name;
  TargetAddr AllocatorFunctions::*address;
};

constexpr std::array kFunctions = {
    Function{"malloc", &AllocatorFunctions::malloc},
    Function{"free", &AllocatorFunctions::free},
    Function{"calloc", &AllocatorFunctions::calloc},
    Function{"realloc", &AllocatorFunctions::realloc},
    Function{"memalign", &AllocatorFunctions::memalign},
    Function{"aligned_alloc", &AllocatorFunctions::aligned_alloc},
    Function{"posix_memalign", &AllocatorFunctions::posix_memalign},
    Function{"valloc", &AllocatorFunctions::valloc},
    Function{"pvalloc", &AllocatorFunctions::pvalloc},
    Function{"malloc_usable_size", &AllocatorFunctions::malloc_usable_size},
};

bool is_shown(const Global& global) {
  return global.origin == Origin::kSet && global.visibility != SymbolVisibility::kHidden;
}

// A look at each symbol of a small set takes less than looking for the names.
bool may_define_some(const LinkState& link) {
  constexpr std::size_t kFew = 64;
  if (link.globals.size() > kFew) return true;
  return std::ranges::any_of(link.globals, [](const Global& global) {
    return is_shown(global) && std::ranges::find(kFunctions, global.name, &Function::name) != kFunctions.end();
  });
}

}  // namespace

void find_allocator(LinkState& link, const SymbolTable& table) {
  if (!may_define_some(link)) return;
  std::array<GlobalIndex, kFunctions.size()> found;
  std::ranges::transform(kFunctions, found.begin(), [&](const Function& function) {
    const GlobalIndex id = table.find(function.name);
    return id != kNone<GlobalIndex> && is_shown(link.global(id)) ? id : kNone<GlobalIndex>;
  });
  if (std::ranges::all_of(found, [](GlobalIndex id) { return id == kNone<GlobalIndex>; })) return;
  for (const GlobalIndex id : found) link.allocator.push_back(id);
}

AllocatorFunctions allocator_functions(const LinkState& link) {
  AllocatorFunctions functions;
  for (std::size_t i = 0; i < kFunctions.size(); ++i) {
    if (link.allocator[i] == kNone<GlobalIndex>) continue;
    functions.*kFunctions[i].address = TargetAddr{effective_address(link, link.global(link.allocator[i]))};
  }
  return functions;
}

const Global& first_allocator_function(const LinkState& link) {
  return link.global(*std::ranges::find_if(link.allocator, [](GlobalIndex id) { return id != kNone<GlobalIndex>; }));
}

}  // namespace enfold
