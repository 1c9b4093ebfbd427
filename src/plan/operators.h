// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Replaced forms of operator new and delete (C++, [replacement.functions]). Of the twenty forms a program may replace
// any; those that it leaves out call those that it replaced, as the C++ library's do in a linked program, where its
// calls are bound to the program. The library of a process that runs already is bound to itself: its operator delete
// would give to free() what a set's operator new made. So a set is given the forms that it uses and leaves out.
#ifndef ENFOLD_PLAN_OPERATORS_H_
#define ENFOLD_PLAN_OPERATORS_H_

#include <string_view>
#include <vector>

#include "link_state.h"
#include "plan/symbols.h"
#include "scope.h"

namespace enfold {

// The forms that the set uses, that neither it nor an earlier set defines, and that have to call a form which one of
// them defines; with those that they call on the way. Empty for most sets, after a look at their names.
std::vector<std::string_view> forms_to_forward(const LinkState& link, const SymbolTable& table, const Scope& scope);

// Reads the object that has them as the link's last, which then defines those forms for the set alone, and no others.
Expected<void> read_forwards(LinkState& link, const std::vector<std::string_view>& forms);

}  // namespace enfold

#endif  // ENFOLD_PLAN_OPERATORS_H_
