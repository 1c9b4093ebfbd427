// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/out_of_range.h"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace enfold {
namespace {

constexpr const char* kDataCure =
    "compile with -fPIC, or copy the data into the set with --copy-data (SetOptions::copy_data); where the host "
    "program's own code made it copy a library's data, compile that with -fPIC -mno-direct-extern-access";

RangeViolation violation(const FixupDesc& desc, std::int64_t value) {
  return {.value = value, .lo = desc.lo, .hi = static_cast<std::uint64_t>(desc.hi)};
}

}  // namespace

Error out_of_reach(const LinkState& link, const FixupDesc& desc, std::uint64_t target, Place place) {
  const std::uint64_t from = target < link.window.lo ? link.window.hi : link.window.lo;
  const bool absolute = desc.expr == Expr::kAbsolute;
  const auto value = static_cast<std::int64_t>(absolute ? target : target - from);
  std::string message =
      absolute ? fmt::format("the data at {:#x}, outside the set, is out of reach of a {}-bit address", target,
                             desc.width * 8)
               : fmt::format("the data at {:#x}, outside the set, is out of reach of direct addressing from {:#x}",
                             target, from);
  return Error(ErrorCode::kOutOfRange, std::move(message), std::move(place))
      .with_range(violation(desc, value))
      .with_cure(kDataCure);
}

Error out_of_reach_of_library(const FixupDesc& desc, Place place) {
  return Error(ErrorCode::kOutOfRange,
               fmt::format("the data, in a shared library, is out of reach of a {}-bit field below 2 GiB", desc.width * 8),
               std::move(place))
      .with_cure(kDataCure);
}

Error partial_read(std::optional<std::uint64_t> address, Place place) {
  const std::string which = address ? fmt::format("{:#x}", *address) : std::string("of a shared library's data");
  return Error(ErrorCode::kOutOfRange,
               fmt::format("the instruction reads 32 bits of the address {}, which has more", which), std::move(place))
      .with_cure("have it read 64 bits, as mov NAME@GOTPCREL(%rip), %rax does; data can be copied into the set, below "
                 "2 GiB, with --copy-data (SetOptions::copy_data)");
}

Error no_low_window(Place place) {
  return Error(ErrorCode::kMemory,
               "the instruction reads 32 bits of an address, and the memory provider has no room below 2 GiB",
               std::move(place))
      .with_cure("have it read 64 bits, as mov NAME@GOTPCREL(%rip), %rax does");
}

Error out_of_range(const FixupDesc& desc, std::int64_t value, Place place) {
  const char* cure = desc.width < 4 ? "the operand is too narrow for the distance; use a 32-bit form"
                                    : "compile with -fPIC, or with -mcmodel=large";
  return Error(ErrorCode::kOutOfRange, "the value does not fit its field", std::move(place))
      .with_range(violation(desc, value))
      .with_cure(cure);
}

}  // namespace enfold
