// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_PUBLISH_H_
#define ENFOLD_RUNTIME_PUBLISH_H_

#include <memory>
#include <string_view>
#include <vector>

#include "session_state.h"

namespace enfold {

// All with the session's lock held.

// Enters one definition; `set` is null for a defined address. `symbol` stays where it is as long as it is shown.
void show(Session::State& state, const ExportedSymbol& symbol, SetRecord* set);
// Unique symbols may stay: they have one definition as long as anybody has it.
void hide(Session::State& state, const SetRecord& set, bool unique_ones = true);

// The strong definition of `name` that later ones would clash with, visible or behind a weak one; null if there is
// none.
const Visible* strong_definition(const Session::State& state, HashedName name, const SetRecord* replaced);
// The same of a name whose visible definition is known.
const Visible* strong_definition(const Session::State& state, const Visible& first, const SetRecord* replaced);

// Errors: kDuplicateSymbol, when there is somebody else's strong definition of one of the set's.
Expected<void> check_clashes(const Session::State& state, const SetRecord& set, const SetRecord* replaced);

// Takes back one name of a set's.
void withdraw(Session::State& state, HashedName name, const SetRecord& set);
// Is the symbol for others to see?
bool is_shown(const SetRecord& set, const ExportedSymbol& symbol);

// The stubs made for a version become the face's; there is room.
void own_face_block(Versions& versions, Face& face) noexcept;
void make_room_for_block(Face& face);

// Makes room, so that attaching the set's edges cannot fail.
void reserve_edges(SetRecord& set);
// Tells the provider of the user's dependency number `index`; there is room.
void attach_edge(SetRecord& user, std::uint32_t index) noexcept;
void add_edge(SetRecord& user, std::shared_ptr<SetRecord> provider, const SymbolUse& use);
void remove_edge(Edge& edge) noexcept;

// So that the next push_back() cannot fail.
template <class T>
void make_room(std::vector<T>& items) {
  if (items.size() == items.capacity()) items.reserve(2 * items.size() + 1);
}

void enlist(Session::State& state, SetRecord& set);
void delist(Session::State& state, SetRecord& set) noexcept;

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_PUBLISH_H_
