// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Enumerators cross by value. A code is one more than the C++ one, as 0 is no error.
#include "capi/handles.h"

using namespace enfold;
using namespace enfold::capi;

namespace {

template <class C, class Cxx>
constexpr bool same(C c, Cxx cxx) {
  return static_cast<int>(c) == static_cast<int>(cxx);
}
constexpr bool same(enfold_code c, ErrorCode code) { return static_cast<int>(c) == static_cast<int>(code) + 1; }

static_assert(same(ENFOLD_CODE_INVALID_ARGUMENT, ErrorCode::kInvalidArgument));
static_assert(same(ENFOLD_CODE_IO, ErrorCode::kIo));
static_assert(same(ENFOLD_CODE_MALFORMED, ErrorCode::kMalformed));
static_assert(same(ENFOLD_CODE_UNSUPPORTED, ErrorCode::kUnsupported));
static_assert(same(ENFOLD_CODE_UNDEFINED_SYMBOL, ErrorCode::kUndefinedSymbol));
static_assert(same(ENFOLD_CODE_DUPLICATE_SYMBOL, ErrorCode::kDuplicateSymbol));
static_assert(same(ENFOLD_CODE_OUT_OF_RANGE, ErrorCode::kOutOfRange));
static_assert(same(ENFOLD_CODE_DISCARDED, ErrorCode::kDiscarded));
static_assert(same(ENFOLD_CODE_MEMORY, ErrorCode::kMemory));
static_assert(same(ENFOLD_CODE_RUNTIME, ErrorCode::kRuntime));
static_assert(same(ENFOLD_CODE_IN_USE, ErrorCode::kInUse));
static_assert(same(ENFOLD_CODE_NOT_FOUND, ErrorCode::kNotFound));

static_assert(same(ENFOLD_VISIBILITY_SESSION, Visibility::kSession));
static_assert(same(ENFOLD_VISIBILITY_PRIVATE, Visibility::kPrivate));

static_assert(same(ENFOLD_REPLACEABLE_NO, Replaceable::kNo));
static_assert(same(ENFOLD_REPLACEABLE_BY_OTHERS, Replaceable::kByOthers));
static_assert(same(ENFOLD_REPLACEABLE_THROUGHOUT, Replaceable::kThroughout));

static_assert(same(ENFOLD_MEMORY_KIND_AUTO, MemoryKind::kAutomatic));
static_assert(same(ENFOLD_MEMORY_KIND_ALIAS, MemoryKind::kAliased));
static_assert(same(ENFOLD_MEMORY_KIND_FORCED, MemoryKind::kForced));
static_assert(same(ENFOLD_MEMORY_KIND_STRICT, MemoryKind::kStrict));

static_assert(same(ENFOLD_SYMBOL_DETAIL_EXPORTED, SymbolDetail::kExported));
static_assert(same(ENFOLD_SYMBOL_DETAIL_ALL, SymbolDetail::kAll));
static_assert(same(ENFOLD_DETAIL_NONE, Detail::kNone));
static_assert(same(ENFOLD_DETAIL_SUMMARY, Detail::kSummary));
static_assert(same(ENFOLD_DETAIL_SECTIONS, Detail::kSections));

static_assert(same(ENFOLD_SYMBOL_KIND_UNKNOWN, HostSymbolKind::kUnknown));
static_assert(same(ENFOLD_SYMBOL_KIND_FUNCTION, HostSymbolKind::kFunction));
static_assert(same(ENFOLD_SYMBOL_KIND_DATA, HostSymbolKind::kData));
static_assert(same(ENFOLD_SYMBOL_KIND_THREAD_LOCAL, HostSymbolKind::kThreadLocal));

static_assert(same(ENFOLD_USE_KIND_BINDING, UseKind::kBinding));
static_assert(same(ENFOLD_USE_KIND_DATA_SLOT, UseKind::kDataSlot));
static_assert(same(ENFOLD_USE_KIND_DIRECT_DATA, UseKind::kDirectData));
static_assert(same(ENFOLD_USE_KIND_SHARED_SLOT, UseKind::kSharedSlot));
static_assert(same(ENFOLD_USE_KIND_SHARED_STUB, UseKind::kSharedStub));
static_assert(same(ENFOLD_USE_KIND_STATE, UseKind::kState));
static_assert(same(ENFOLD_USE_KIND_STUBS, UseKind::kStubs));
static_assert(same(ENFOLD_USE_KIND_SUCCESSOR, UseKind::kSuccessor));

static_assert(same(ENFOLD_NEED_KIND_SLOT, NeedKind::kSlot));
static_assert(same(ENFOLD_NEED_KIND_STUB, NeedKind::kStub));
static_assert(same(ENFOLD_NEED_KIND_CANONICAL_STUB, NeedKind::kCanonicalStub));
static_assert(same(ENFOLD_NEED_KIND_BOUND_STUB, NeedKind::kBoundStub));
static_assert(same(ENFOLD_NEED_KIND_COPY, NeedKind::kCopy));
static_assert(same(ENFOLD_NEED_KIND_COMMON, NeedKind::kCommon));
static_assert(same(ENFOLD_NEED_KIND_THREAD_OFFSET, NeedKind::kThreadOffset));
static_assert(same(ENFOLD_NEED_KIND_THREAD_INDEX, NeedKind::kThreadIndex));
static_assert(same(ENFOLD_NEED_KIND_THREAD_MODULE, NeedKind::kThreadModule));
static_assert(same(ENFOLD_NEED_KIND_THREAD_DESCRIPTOR, NeedKind::kThreadDescriptor));

static_assert(same(ENFOLD_REASON_OUT_OF_REACH, Reason::kOutOfReach));
static_assert(same(ENFOLD_REASON_OTHER_ZONE, Reason::kOtherZone));
static_assert(same(ENFOLD_REASON_NOT_REWRITABLE, Reason::kNotRewritable));
static_assert(same(ENFOLD_REASON_RELAXATION_OFF, Reason::kRelaxationOff));
static_assert(same(ENFOLD_REASON_INDIRECT_FUNCTION, Reason::kIndirectFunction));
static_assert(same(ENFOLD_REASON_UNDEFINED_WEAK, Reason::kUndefinedWeak));
static_assert(same(ENFOLD_REASON_FOR_STUB, Reason::kForStub));
static_assert(same(ENFOLD_REASON_ADDRESS_TAKEN, Reason::kAddressTaken));
static_assert(same(ENFOLD_REASON_HANDLE_ARGUMENT, Reason::kHandleArgument));
static_assert(same(ENFOLD_REASON_TENTATIVE, Reason::kTentative));
static_assert(same(ENFOLD_REASON_REPLACEABLE, Reason::kReplaceable));
static_assert(same(ENFOLD_REASON_PER_THREAD, Reason::kPerThread));

static_assert(same(ENFOLD_PROTECTION_READ, Protection::kRead));
static_assert(same(ENFOLD_PROTECTION_READ_EXECUTE, Protection::kReadExecute));
static_assert(same(ENFOLD_PROTECTION_RELRO, Protection::kRelro));
static_assert(same(ENFOLD_PROTECTION_READ_WRITE, Protection::kReadWrite));

template <class C, class Cxx>
const char* name_of(C from, Cxx last) {
  const std::optional<Cxx> meant = enumerator(from, last);
  return meant ? c_string(name(*meant)) : "unknown";
}

}  // namespace

const char* enfold_code_name(enfold_code code) {
  if (code == ENFOLD_CODE_NONE) return "no error";
  return name_of(static_cast<unsigned>(code) - 1, ErrorCode::kNotFound);
}

const char* enfold_memory_kind_name(enfold_memory_kind kind) { return name_of(kind, MemoryKind::kStrict); }
const char* enfold_use_kind_name(enfold_use_kind kind) { return name_of(kind, UseKind::kSuccessor); }
const char* enfold_need_kind_name(enfold_need_kind kind) { return name_of(kind, NeedKind::kThreadDescriptor); }
const char* enfold_reason_name(enfold_reason reason) { return name_of(reason, Reason::kPerThread); }
const char* enfold_protection_name(enfold_protection protection) { return name_of(protection, Protection::kReadWrite); }
