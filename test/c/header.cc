// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/c.h>
#include <enfold/enfold.h>

#include <string_view>

namespace {

// "... [with auto V = enfold::Detail::kNone]" for an enumerator, "... [with auto V = (enfold::Detail)9]" for others.
template <auto V>
consteval bool is_enumerator() {
  return std::string_view(__PRETTY_FUNCTION__).find("= (") == std::string_view::npos;
}

template <class Enum, int Count = 0>
consteval int count() {
  if constexpr (is_enumerator<static_cast<Enum>(Count)>()) return count<Enum, Count + 1>();
  return Count;
}

static_assert(!is_enumerator<static_cast<enfold::Detail>(9)>() && is_enumerator<enfold::Detail::kNone>());

// An enumerator that is new in C++ has to come to C, too.
static_assert(count<enfold::ErrorCode>() == ENFOLD_CODE_NOT_FOUND);
static_assert(count<enfold::Visibility>() == ENFOLD_VISIBILITY_PRIVATE + 1);
static_assert(count<enfold::Replaceable>() == ENFOLD_REPLACEABLE_THROUGHOUT + 1);
static_assert(count<enfold::MemoryKind>() == ENFOLD_MEMORY_KIND_STRICT + 1);
static_assert(count<enfold::SymbolDetail>() == ENFOLD_SYMBOL_DETAIL_ALL + 1);
static_assert(count<enfold::Detail>() == ENFOLD_DETAIL_SECTIONS + 1);
static_assert(count<enfold::HostSymbolKind>() == ENFOLD_SYMBOL_KIND_THREAD_LOCAL + 1);
static_assert(count<enfold::UseKind>() == ENFOLD_USE_KIND_SUCCESSOR + 1);
static_assert(count<enfold::NeedKind>() == ENFOLD_NEED_KIND_THREAD_DESCRIPTOR + 1);
static_assert(count<enfold::Reason>() == ENFOLD_REASON_PER_THREAD + 1);
static_assert(count<enfold::Protection>() == ENFOLD_PROTECTION_READ_WRITE + 1);

}  // namespace
