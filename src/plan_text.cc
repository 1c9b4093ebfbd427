// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The names that plans, maps and JSON use for enumerators, and a plan's totals. The names are part of the tool's
// documented output: they do not change.
#include <algorithm>

#include <enfold/linked_set.h>
#include <enfold/plan.h>

namespace enfold {

std::string_view name(NeedKind kind) {
  switch (kind) {
    case NeedKind::kSlot: return "slot";
    case NeedKind::kStub: return "stub";
    case NeedKind::kCanonicalStub: return "canonical-stub";
    case NeedKind::kBoundStub: return "bound-stub";
    case NeedKind::kCopy: return "copy";
    case NeedKind::kCommon: return "common";
    case NeedKind::kThreadOffset: return "tls-offset";
    case NeedKind::kThreadIndex: return "tls-index";
    case NeedKind::kThreadModule: return "tls-module";
    case NeedKind::kThreadDescriptor: return "tls-descriptor";
  }
  return "unknown";
}

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::kOutOfReach: return "out-of-reach";
    case Reason::kOtherZone: return "other-zone";
    case Reason::kNotRewritable: return "not-rewritable";
    case Reason::kRelaxationOff: return "relaxation-off";
    case Reason::kIndirectFunction: return "indirect-function";
    case Reason::kUndefinedWeak: return "undefined-weak";
    case Reason::kForStub: return "for-stub";
    case Reason::kAddressTaken: return "address-taken";
    case Reason::kHandleArgument: return "handle-argument";
    case Reason::kTentative: return "tentative";
    case Reason::kReplaceable: return "replaceable";
    case Reason::kPerThread: return "per-thread";
  }
  return "unknown";
}

std::string_view name(UseKind kind) {
  switch (kind) {
    case UseKind::kBinding: return "binds to it";
    case UseKind::kDataSlot: return "reaches it through a slot";
    case UseKind::kDirectData: return "addresses it directly";
    case UseKind::kSharedSlot: return "shares its slot";
    case UseKind::kSharedStub: return "shares its stub";
    case UseKind::kState: return "goes on with its contents";
    case UseKind::kStubs: return "has a stub that leads to it";
    case UseKind::kSuccessor: break;
  }
  return "was replaced by it";
}

std::string_view name(Protection protection) {
  switch (protection) {
    case Protection::kRead: return "R";
    case Protection::kReadExecute: return "RX";
    case Protection::kRelro: return "RELRO";
    case Protection::kReadWrite: return "RW";
  }
  return "unknown";
}

std::uint64_t Plan::size() const {
  std::uint64_t total = 0;
  for (const PlannedSegment& segment : segments) total += segment.size;
  return total;
}

std::uint64_t Plan::count(NeedKind kind) const {
  auto n = std::count_if(needs.begin(), needs.end(), [kind](const PlannedNeed& need) { return need.kind == kind; });
  return static_cast<std::uint64_t>(n);
}

}  // namespace enfold
