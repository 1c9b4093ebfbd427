// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which objects are linked, and who defines each of their symbols.
#ifndef ENFOLD_PLAN_RESOLVE_H_
#define ENFOLD_PLAN_RESOLVE_H_

#include <enfold/error.h>

#include "link_state.h"
#include "plan/symbols.h"
#include "scope.h"

namespace enfold {

// Reads the set's files in order and pulls the archive members that are wanted: for references before the archive in the
// order in which GNU ld takes them, which fixes the order of initialisers; for later ones, where GNU ld would fail, as
// they are met.
// Errors: those of reading; kDuplicateSymbol.
Expected<void> resolve(LinkState& link, SymbolTable& table, const Scope& scope);

// Binds what the set itself leaves undefined: earlier sets and defined addresses, linker-defined symbols, the set's
// shared libraries, the process. No symbol is added afterwards. Symbols that nobody defines become kMissing; whether
// that is an error, scan knows: it sees who uses them.
// Errors: kDuplicateSymbol against a visible set.
Expected<void> bind_outside(LinkState& link, SymbolTable& table, const Scope& scope, RuntimeHooks& runtime);

}  // namespace enfold

#endif  // ENFOLD_PLAN_RESOLVE_H_
