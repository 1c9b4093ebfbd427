// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <memory>
#include <utility>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/look_up.h"

using namespace enfold;
using namespace enfold::capi;

namespace {

Expected<TargetAddr> found(const enfold_linked_set& set, const char* symbol) { return set.set->address(symbol); }

}  // namespace

void enfold_linked_free(enfold_linked_set* set) { delete set; }

enfold_error* enfold_linked_unload(enfold_linked_set* set) {
  return guarded([=]() -> Expected<void> {
    if (auto done = present(set); !done) return done;
    return set->set->unload();
  });
}

const char* enfold_linked_name(const enfold_linked_set* set) {
  return set == nullptr ? "" : c_string(set->set->name());
}

const enfold_plan* enfold_linked_plan(const enfold_linked_set* set) {
  return set == nullptr ? nullptr : handle(&set->set->plan());
}

void enfold_linked_usage(const enfold_linked_set* set, enfold_usage* usage, size_t size) {
  const Usage counted = set == nullptr ? Usage() : set->set->usage();
  const enfold_usage told = {.slot_count = counted.slot_count,
                             .stub_count = counted.stub_count,
                             .slot_size = counted.slot_size,
                             .stub_size = counted.stub_size,
                             .written_size = counted.written_size,
                             .relaxed_count = counted.relaxed_count,
                             .shared_slot_count = counted.shared_slot_count,
                             .shared_stub_count = counted.shared_stub_count};
  give(told, usage, size);
}

enfold_error* enfold_linked_address(const enfold_linked_set* set, const char* symbol, void** address) {
  return look_up(set, symbol, address, found);
}

enfold_error* enfold_linked_function(const enfold_linked_set* set, const char* symbol, enfold_function* function) {
  return look_up(set, symbol, function, found);
}

enfold_error* enfold_linked_users(const enfold_linked_set* set, enfold_users** users) {
  if (users != nullptr) *users = nullptr;
  return guarded([=]() -> Expected<void> {
    if (auto done = present(set, users); !done) return done;
    *users = new enfold_users{.uses = set->set->users()};
    return {};
  });
}

bool enfold_users_get(const enfold_users* users, size_t index, enfold_use* use, size_t size) {
  if (users == nullptr || index >= users->uses.size()) return false;
  const SetUse& at = users->uses[index];
  give({.set = at.set.c_str(), .symbol = at.symbol.c_str(), .kind = static_cast<enfold_use_kind>(at.kind)}, use, size);
  return true;
}

void enfold_users_free(enfold_users* users) { delete users; }
