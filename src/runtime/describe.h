// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From an address to the set that has it, for Session::describe, by the index in linked_ranges.h.
#ifndef ENFOLD_RUNTIME_DESCRIBE_H_
#define ENFOLD_RUNTIME_DESCRIBE_H_

#include <optional>

#include <enfold/describe.h>
#include <enfold/session.h>

#include "runtime/set_record.h"

namespace enfold {

// The set's addresses are found from here on. The record is filled.
void show_addresses(SetRecord& set);
void hide_addresses(SetRecord& set) noexcept;

// Neither allocates nor locks.
bool describe(const Session::State& session, TargetAddr address, AddressNote& note) noexcept;
std::optional<Description> describe(const Session::State& session, TargetAddr address);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_DESCRIBE_H_
