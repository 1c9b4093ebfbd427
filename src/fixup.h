// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where format meets architecture. A *relocation* is the record in a file; a *fixup* is what it asks for, in the
// architecture's terms. Each architecture has a table of FixupDesc rows, one a kind: scan, apply, the range check, error
// reports and docs/relocations.md all read that row, so the meaning of a relocation stands in one place.
//
// Letters as in the System V psABIs: S value of the symbol, A addend, P address of the field, L address of the symbol's
// stub (or S where no stub is needed), GOT address of the zone's global offset table, G offset of the symbol's slot in
// it, Z size of the symbol. Thread-local storage: "ELF Handling For Thread-Local Storage" (Drepper, 2013), and the
// psABIs' sections on TLS descriptors.
#ifndef ENFOLD_FIXUP_H_
#define ENFOLD_FIXUP_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "index.h"

namespace enfold {

enum class Expr : std::uint8_t {
  kNone,          // nothing
  kAbsolute,      // S + A
  kRelative,      // S + A - P
  kCall,          // L + A - P
  kCallFromGot,   // L + A - GOT
  kSlotFromGot,   // G + A
  kSlotRelative,  // GOT + G + A - P
  kGotRelative,   // GOT + A - P
  kFromGot,       // S + A - GOT
  kSize,          // Z + A
  // Of thread-locals: TP is the thread pointer, B the start of the block that the variable lies in.
  kThreadIndex,       // GOT + G + A - P, where the slot is a tls_index: module, S - B
  kThreadModule,      // the same of the set's module, with offset 0
  kThreadDescriptor,  // the same, where the slot is a descriptor: entry point, argument
  kThreadCall,        // marks the call by way of a descriptor
  kThreadSlot,        // GOT + G + A - P, where the slot holds S - TP
  kThreadOffset,      // S + A - TP
  kBlockOffset,       // S + A - B
  kModuleId,          // number of the module that S lies in
};

constexpr bool is_thread_local(Expr expr) { return expr >= Expr::kThreadIndex; }

using FixupKind = std::uint16_t;  // row of the architecture's table
constexpr FixupKind kUnknownFixup = 0xffff;

struct Fixup {
  std::uint64_t offset = 0;  // of the field, bytes from the section's start
  std::int64_t addend = 0;
  SymbolIndex symbol{};
  FixupKind kind = kUnknownFixup;
};

// Direct references whose field is a whole word, least significant byte first, and that reach any address, or all of a
// zone from anywhere in it. Most fixups of most objects are of these forms.
enum class PlainForm : std::uint8_t {
  kNone,
  kDistance32,  // S + A - P, or L + A - P, as a signed word
  kDistance64,
  kAddress64,  // S + A
};
constexpr std::size_t kPlainForms = 4;

constexpr std::uint8_t width_of(PlainForm form) { return form == PlainForm::kDistance32 ? 4 : 8; }

struct FixupDesc {
  std::string_view name;     // the psABI's name without its prefix
  Expr expr = Expr::kNone;
  std::uint8_t width = 0;    // bytes of the field
  // The value must lie in [lo, hi); `any` for fields as wide as an address.
  std::int64_t lo = 0, hi = 0;
  bool any = false;
  bool relaxable = false;    // the instruction around the field may be rewritten to a direct form
  PlainForm plain = PlainForm::kNone;
};

// The one range predicate: what decides a relaxation, a stub and the final check.
constexpr bool fits(const FixupDesc& desc, std::int64_t value) {
  return desc.any || (value >= desc.lo && value < desc.hi);
}

// The same for a field that may lie anywhere in [lo, hi): true when it fits from both ends, and so from all between.
constexpr bool fits_from(const FixupDesc& desc, std::uint64_t target, std::uint64_t lo, std::uint64_t hi) {
  return fits(desc, static_cast<std::int64_t>(target - lo)) && fits(desc, static_cast<std::int64_t>(target - hi));
}

// Does the field hold any distance between two places that are at most `span` bytes apart?
constexpr bool spans(const FixupDesc& desc, std::uint64_t span) {
  const auto distance = static_cast<std::int64_t>(span);
  return fits(desc, -distance) && fits(desc, distance);
}

}  // namespace enfold

#endif  // ENFOLD_FIXUP_H_
