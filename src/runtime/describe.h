// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From an address to the set that has it, for Session::describe, by the index in linked_ranges.h.
#ifndef ENFOLD_RUNTIME_DESCRIBE_H_
#define ENFOLD_RUNTIME_DESCRIBE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/describe.h>
#include <enfold/session.h>

#include "runtime/set_record.h"

namespace enfold {

// The name of stubs as a section: they belong to no object.
inline constexpr std::string_view kStubSection = "stub";

// A replaceable set's functions are known by stubs, in blocks that outlive the version that made them. So what they are
// called does, too.
struct FaceStubs {
  struct Stub {
    std::uint64_t lo = 0;
    std::string symbol;
  };
  std::string set;
  const Session::State* session = nullptr;
  std::vector<Stub> stubs;  // by address
  AddressRange range;       // from the first to the end of the last
};

// The set's addresses are found from here on. The record is filled.
void show_addresses(SetRecord& set);
void hide_addresses(SetRecord& set) noexcept;

// Neither allocates nor locks.
bool describe(const Session::State& session, TargetAddr address, AddressNote& note) noexcept;
std::optional<Description> describe(const Session::State& session, TargetAddr address);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_DESCRIBE_H_
