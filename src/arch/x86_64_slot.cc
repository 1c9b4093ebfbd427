// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, 2.1 and 2.2; APX, 3.1.2 to 3.1.4.
#include "arch/x86_64_slot.h"

#include <optional>

#include "arch/x86_64.h"
#include "arch/x86_64_code.h"

namespace enfold::x86_64_slot {
namespace {

using namespace x86_64_code;
using namespace x86_64_fixup;

constexpr std::byte kNoByte{};

// What the bytes before the field say, which is the displacement of an operand disp32(%rip).
struct Operation {
  std::byte opcode{};
  bool wide = false;  // 64 bits
  bool half = false;  // 16 bits
  bool conditional = false;  // a conditional move: behind 0f, or in a map that has those
};

constexpr bool is_conditional_move(std::byte opcode) { return (opcode & std::byte{0xf0}) == std::byte{0x40}; }

class Before {
 public:
  Before(std::span<const std::byte> code, std::uint64_t field) : code_(code), field_(field) {}

  // The n-th byte before the field, from 1; null where there is none.
  std::byte operator[](std::uint64_t n) const { return n <= field_ ? code_[field_ - n] : kNoByte; }
  bool has(std::uint64_t n, std::byte bits) const { return ((*this)[n] & bits) != kNoByte; }

 private:
  std::span<const std::byte> code_;
  std::uint64_t field_;
};

// 62, then three bytes, of which the first has 4 for the map of promoted instructions, and the second W and 66.
std::optional<Operation> behind_evex(const Before& before) {
  if (before[6] != std::byte{0x62} || (before[5] & std::byte{0x07}) != std::byte{0x04}) return std::nullopt;
  return Operation{.opcode = before[2],
                   .wide = before.has(4, std::byte{0x80}),
                   .half = (before[4] & std::byte{0x03}) == std::byte{0x01},
                   .conditional = is_conditional_move(before[2])};
}

// The operand has neither index nor base, so that the prefix is there for a register from 16 on: R4.
std::optional<Operation> behind_rex2(const Before& before) {
  if (before[4] != kRex2 || (before[3] & std::byte{0x73}) != std::byte{0x40}) return std::nullopt;
  return Operation{.opcode = before[2],
                   .wide = before.has(3, kRexWide),
                   .half = before[5] == std::byte{0x66},
                   .conditional = before.has(3, kRex2Map) && is_conditional_move(before[2])};
}

Operation behind_rex(const Before& before) {
  const bool conditional = before[3] == std::byte{0x0f} && is_conditional_move(before[2]);
  const std::uint64_t prefix = conditional ? 4 : 3;
  const bool rex = (before[prefix] & std::byte{0xf0}) == std::byte{0x40};
  return {.opcode = before[2],
          .wide = rex && before.has(prefix, kRexWide),
          .half = before[rex ? prefix + 1 : prefix] == std::byte{0x66},
          .conditional = conditional};
}

Operation operation(const Before& before, FixupKind kind) {
  // These types say what precedes: an opcode alone, or a prefix that has W. Assemblers do not use them of 16 bits.
  if (kind == kSlotRel32Relaxable) return {.opcode = before[2]};
  if (kind != kSlotRel32) return {.opcode = before[2], .wide = before.has(3, kRexWide)};
  if (const auto evex = behind_evex(before)) return *evex;
  if (const auto rex2 = behind_rex2(before)) return *rex2;
  return behind_rex(before);
}

constexpr std::byte kSignExtend{0x63};  // movslq

// Loads and comparisons by registers, and what makes a new value of register and address.
bool takes_address(std::byte opcode) {
  constexpr std::byte kTest{0x85}, kCompareSlot{0x39};
  const bool arithmetic = (opcode & std::byte{0xc7}) == kAddLoad;  // add or adc sbb and sub xor cmp
  return arithmetic || opcode == kMovLoad || opcode == kTest || opcode == kCompareSlot || opcode == kSignExtend;
}

}  // namespace

FixupKind partial_read(std::span<const std::byte> code, const Fixup& fixup) {
  // An addend other than -4 reads within or beside the slot, or an operand follows that is a constant.
  if (fixup.addend != -4 || fixup.offset < 2 || fixup.kind == kSlotRel64) return kUnknownFixup;
  const Before before(code, fixup.offset);
  if (!is_slot_operand(before[1])) return kUnknownFixup;
  const Operation found = operation(before, fixup.kind);
  if (found.half || (!found.conditional && !takes_address(found.opcode))) return kUnknownFixup;
  if (!found.wide) return kAbs32;
  if (found.conditional || found.opcode != kSignExtend) return kUnknownFixup;
  return kAbs32Signed;
}

}  // namespace enfold::x86_64_slot
