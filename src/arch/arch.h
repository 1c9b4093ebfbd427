// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an architecture supplies: the meaning of its fixups, how their fields are written, its stubs, and which
// instructions may be rewritten. It knows no file format.
#ifndef ENFOLD_ARCH_ARCH_H_
#define ENFOLD_ARCH_ARCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <enfold/memory.h>

#include "fixup.h"

namespace enfold {

// A direct form of an instruction that went through a slot.
struct Relaxation {
  std::uint8_t form = 0;       // the architecture's own number of the rewrite
  FixupKind as = kUnknownFixup;  // kind of the fixup after rewriting: its range decides
  std::int8_t field_delta = 0;   // where the field moves, bytes
  bool branch = false;           // calls or jumps there
  std::int8_t addend_delta = 0;  // what the addend grows by
  bool takes_next = false;       // the next fixup's instruction is rewritten, too, and its field is gone
  bool partial = false;          // the instruction takes a part of the address: see Architecture::partial_read
};

// How stubs are written. A link settles on one form for all of its stubs.
struct StubForm {
  std::uint8_t size = 0, bound_size = 0, p2align = 0;
  // A jump through the slot. `at` and `slot` are in reach of each other.
  void (*write)(std::byte* out, TargetAddr at, TargetAddr slot) = nullptr;
  // The same, with integer argument number `argument` (from 0) set to `handle`.
  void (*write_bound)(std::byte* out, TargetAddr at, TargetAddr slot, std::uint8_t argument,
                      TargetAddr handle) = nullptr;
};

struct Architecture {
  std::string_view name;
  std::span<const FixupDesc> fixups;

  // A zone spans at most so many bytes from its first byte to the start of its last section, so that any direct
  // reference within it reaches. Less than the field's range by a margin for addends.
  std::uint64_t zone_span = 0;
  std::uint64_t reach = 0;  // half-open distance of the shortest direct reference

  std::uint8_t slot_size = 0;
  std::byte code_fill{};  // between functions; traps
  // Around a piece of code that expects an aligned stack, leaves it as it was and does not return: a function.
  std::span<const std::byte> fragment_prologue, fragment_epilogue;
  std::uint8_t page_p2align = 12;  // segments of different protection never share such a page

  FixupKind absolute_word = kUnknownFixup;  // an address as data: slots hold this

  // The direct form of the instruction around `fixup`'s field, one of a few that the architecture has; null where it
  // has none. `code` is the whole section. Whether the target is in reach of that form is the caller's question.
  const Relaxation* (*relax)(std::span<const std::byte> code, const Fixup& fixup) = nullptr;
  // Of an instruction that reads a part of the slot which may be meant for the whole address: the kind of fixup that
  // has the range which the address has to be in. kUnknownFixup: it reads all of the slot, or so little that it means
  // those bits.
  FixupKind (*partial_read)(std::span<const std::byte> code, const Fixup& fixup) = nullptr;
  // As relax(), for code that asks for the address of a thread-local: a form for one that has the same distance from the
  // thread pointer in every thread. `next` is the fixup after this one, which may be the call's of the same sequence;
  // null where there is none, or where it does not call __tls_get_addr.
  std::optional<Relaxation> (*relax_thread)(std::span<const std::byte> code, const Fixup& fixup,
                                            const Fixup* next) = nullptr;
  // Rewrites the instruction around the field at `field`, whose address is `place`. The value is written afterwards.
  void (*rewrite)(std::uint8_t form, std::byte* field) = nullptr;
  // Is the field the target of a call or jump, as far as its bytes tell?
  bool (*is_branch)(std::span<const std::byte> code, const Fixup& fixup) = nullptr;

  // Writes `value`, which fits, into the field: clears it first, keeps the bits around it.
  void (*encode)(const FixupDesc& desc, std::byte* field, std::int64_t value) = nullptr;
  StubForm plain_stubs;
  // What .eh_frame says of stubs, of every instruction of theirs: a CIE, and an FDE that ends with three words of 32 bits:
  // where they begin, relative to that word; how long they are; no more.
  std::span<const std::byte> stub_frames;
  StubForm landing_stubs;  // that begin with a landing pad, as control-flow protection wants it of what pointers hold
};

extern const Architecture kX86_64;
inline const Architecture& x86_64() { return kX86_64; }

}  // namespace enfold

#endif  // ENFOLD_ARCH_ARCH_H_
