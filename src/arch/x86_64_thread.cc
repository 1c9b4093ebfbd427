// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "arch/x86_64_thread.h"

#include <array>
#include <cstring>

#include "arch/x86_64.h"
#include "arch/x86_64_code.h"

namespace enfold::x86_64_thread {
namespace {

using namespace x86_64_code;
using namespace x86_64_fixup;

// What is made takes as many bytes as what was there.
enum Form : std::uint8_t {
  // data16 lea x@tlsgd(%rip),%rdi; data16 data16 rex.W call __tls_get_addr, or data16 rex.W call *got(%rip)
  // -> mov %fs:0,%rax; lea x@tpoff(%rax),%rax
  kIndexToOffset = kFirstForm,
  // lea x@tlsgd(%rip),%rdi; movabs $__tls_get_addr@pltoff,%rax; add %rbx or %r15,%rax; call *%rax -> the same, nop
  kLargeIndexToOffset,
  // lea x@tlsld(%rip),%rdi; call __tls_get_addr, call *got(%rip), or as before -> nops; mov %fs:0,%rax
  kModuleToPointer,
  kIndirectModuleToPointer,
  kLargeModuleToPointer,
  kSlotToOffset,      // mov x@gottpoff(%rip),%reg -> mov $x@tpoff,%reg
  kAddSlotToOffset,   // add x@gottpoff(%rip),%reg -> add $x@tpoff,%reg
  kDescriptorToOffset,  // lea x@tlsdesc(%rip),%reg -> mov $x@tpoff,%reg
  kNoCall,              // call *x@tlscall(%rax) -> xchg %ax,%ax
  // APX. With a REX2 prefix, as the three above:
  kRex2SlotToOffset,
  kRex2AddSlotToOffset,
  kRex2DescriptorToOffset,
  kEvexAddSlotToOffset,  // add x@gottpoff(%rip),%reg,%new or add %reg,x@gottpoff(%rip),%new -> add $x@tpoff,%reg,%new
};

template <std::size_t N>
bool matches(std::span<const std::byte> code, std::uint64_t at, const std::array<unsigned char, N>& bytes) {
  if (at > code.size() || code.size() - at < N) return false;
  return std::memcmp(code.data() + at, bytes.data(), N) == 0;
}

// lea field(%rip),%rdi, which ends in the field at `offset`.
bool is_argument_lea(std::span<const std::byte> code, std::uint64_t offset) {
  return offset >= 3 && matches<3>(code, offset - 3, {0x48, 0x8d, 0x3d});
}

// In the large code model, from behind the lea: movabs $__tls_get_addr@pltoff,%rax; add %rbx or %r15,%rax; call *%rax.
bool is_large_call(std::span<const std::byte> code, std::uint64_t at, const Fixup& next) {
  if (next.kind != kCallFromGot64 || next.offset != at + 2 || !matches<2>(code, at, {0x48, 0xb8})) return false;
  return matches<5>(code, at + 10, {0x48, 0x01, 0xd8, 0xff, 0xd0}) ||
         matches<5>(code, at + 10, {0x4c, 0x01, 0xf8, 0xff, 0xd0});
}

bool is_call_by_slot(const Fixup& fixup) {
  return fixup.kind == kSlotRel32 || fixup.kind == kSlotRel32Relaxable || fixup.kind == kSlotRel32RelaxableRex;
}
bool is_direct_call(const Fixup& fixup) { return fixup.kind == kCall32 || fixup.kind == kRel32; }

// The addend of a field that counts from its end; the value that it takes instead counts from nowhere.
constexpr std::int64_t kFromEnd = -4;

std::optional<Relaxation> relax_index(std::span<const std::byte> code, const Fixup& fixup, const Fixup* next) {
  const std::uint64_t at = fixup.offset, end = at + 4;
  if (next == nullptr || !is_argument_lea(code, at)) return std::nullopt;
  Relaxation relaxation{.as = kThreadOffset32, .addend_delta = 4, .takes_next = true};
  if (is_large_call(code, end, *next)) {
    relaxation.form = kLargeIndexToOffset;
    relaxation.field_delta = 9;
    return relaxation;
  }
  if (next->offset != at + 8 || at < 4 || code[at - 4] != std::byte{0x66} || code.size() - at < 12) return std::nullopt;
  const bool direct = is_direct_call(*next) && matches<4>(code, end, {0x66, 0x66, 0x48, 0xe8});
  const bool by_slot = is_call_by_slot(*next) && matches<4>(code, end, {0x66, 0x48, 0xff, 0x15});
  if (!direct && !by_slot) return std::nullopt;
  relaxation.form = kIndexToOffset;
  relaxation.field_delta = 8;
  return relaxation;
}

std::optional<Relaxation> relax_module(std::span<const std::byte> code, const Fixup& fixup, const Fixup* next) {
  const std::uint64_t end = fixup.offset + 4;
  if (next == nullptr || !is_argument_lea(code, fixup.offset)) return std::nullopt;
  Relaxation relaxation{.as = kNothing, .takes_next = true};
  if (is_large_call(code, end, *next)) {
    relaxation.form = kLargeModuleToPointer;
  } else if (is_direct_call(*next) && next->offset == end + 1 && matches<1>(code, end, {0xe8}) &&
             code.size() - end >= 5) {
    relaxation.form = kModuleToPointer;
  } else if (is_call_by_slot(*next) && next->offset == end + 2 && matches<2>(code, end, {0xff, 0x15}) &&
             code.size() - end >= 6) {
    relaxation.form = kIndirectModuleToPointer;
  } else {
    return std::nullopt;
  }
  return relaxation;
}

// rex.W opcode /r with a disp32(%rip) operand, whose field is at `offset`.
std::optional<std::byte> wide_opcode(std::span<const std::byte> code, std::uint64_t offset) {
  if (offset < 3 || !is_slot_operand(code[offset - 1])) return std::nullopt;
  if ((code[offset - 3] & std::byte{0xfb}) != std::byte{0x48}) return std::nullopt;
  return code[offset - 2];
}

// The same behind a REX2 prefix that says 64 bits.
std::optional<std::byte> rex2_opcode(std::span<const std::byte> code, std::uint64_t offset) {
  if (!follows_rex2(code, offset) || !is_slot_operand(code[offset - 1])) return std::nullopt;
  if ((code[offset - 3] & std::byte{0x08}) == std::byte{0}) return std::nullopt;
  return code[offset - 2];
}

// ModRM's register becomes its operand, and what the opcode has in its place is 0.
void use_register(std::byte* field, std::byte opcode) {
  const std::byte reg = (field[-1] >> 3) & std::byte{7};
  field[-2] = opcode;
  field[-1] = std::byte{0xc0} | reg;
}

// rex.W+R opcode reg,disp32(%rip) becomes rex.W+B opcode $imm32,reg.
void use_immediate(std::byte* field, std::byte opcode) {
  const bool extended = (field[-3] & std::byte{0x04}) != std::byte{0};
  field[-3] = extended ? std::byte{0x49} : std::byte{0x48};
  use_register(field, opcode);
}

// The same behind a REX2 prefix, M0 R4 X4 B4 W R3 X3 B3: bits of the register go from R to B.
void use_rex2_immediate(std::byte* field, std::byte opcode) {
  constexpr std::byte kWide{0x08}, kR{0x44};
  field[-3] = (field[-3] & kWide) | ((field[-3] & kR) >> 2);
  use_register(field, opcode);
}

// An APX instruction with three operands (APX, 3.1.3 and 3.1.4): 62, then R3 X3 B3 R4 B4 100, W V3 V2 V1 V0 X4 0 0,
// 0 0 0 ND V4 NF 0 0. R3, X3, B3, R4, X4 and V are inverted. V is what is written, where ND is set; the two others are
// ModRM's register and its operand.
bool is_evex_add(std::span<const std::byte> code, std::uint64_t field) {
  constexpr std::byte kPrefix{0x62}, kAddStore{0x01}, kNewData{0x10};
  if (field < 6 || code[field - 6] != kPrefix || !is_slot_operand(code[field - 1])) return false;
  const std::byte first = code[field - 5], second = code[field - 4], third = code[field - 3];
  const bool promoted = (first & std::byte{0x47}) == std::byte{0x44};   // no index; map 4
  const bool wide = (second & std::byte{0x87}) == std::byte{0x84};      // 64 bits; no index; no prefix
  const bool general = (third & std::byte{0xe3}) == std::byte{0};
  const bool writes_new = (third & kNewData) != std::byte{0};
  const bool unused_new = (second & std::byte{0x78}) == std::byte{0x78} && (third & std::byte{0x08}) != std::byte{0};
  if (!promoted || !wide || !general || !(writes_new || unused_new)) return false;
  return code[field - 2] == kAddLoad || (code[field - 2] == kAddStore && writes_new);
}

// Its register, wherever it stands among the operands, becomes the one that ModRM's operand names.
void use_evex_immediate(std::byte* field) {
  constexpr std::byte kR3{0x80}, kB3{0x20}, kR4{0x10}, kB4{0x08};
  const std::byte was = field[-5];
  std::byte now = (was | kR3 | kR4 | kB3) & ~kB4;
  if ((was & kR3) == std::byte{0}) now &= ~kB3;
  if ((was & kR4) == std::byte{0}) now |= kB4;
  field[-5] = now;
  use_register(field, std::byte{0x81});
}

// Of an instruction that has a slot or a descriptor for an operand: the form that has a constant in its place.
std::optional<std::uint8_t> constant_form(std::span<const std::byte> code, const Fixup& fixup) {
  if (fixup.kind == kThreadSlotRel32Evex) {
    if (!is_evex_add(code, fixup.offset)) return std::nullopt;
    return kEvexAddSlotToOffset;
  }
  const bool rex2 = fixup.kind == kThreadSlotRel32Rex2 || fixup.kind == kThreadDescriptorRel32Rex2;
  const std::optional<std::byte> opcode = rex2 ? rex2_opcode(code, fixup.offset) : wide_opcode(code, fixup.offset);
  if (!opcode) return std::nullopt;
  if (fixup.kind == kThreadDescriptorRel32 || fixup.kind == kThreadDescriptorRel32Rex2) {
    if (*opcode != kLea) return std::nullopt;
    return rex2 ? kRex2DescriptorToOffset : kDescriptorToOffset;
  }
  if (fixup.kind != kThreadSlotRel32 && fixup.kind != kThreadSlotRel32Rex2) return std::nullopt;
  if (*opcode == kMovLoad) return rex2 ? kRex2SlotToOffset : kSlotToOffset;
  if (*opcode == kAddLoad) return rex2 ? kRex2AddSlotToOffset : kAddSlotToOffset;
  return std::nullopt;
}

}  // namespace

std::optional<Relaxation> relax(std::span<const std::byte> code, const Fixup& fixup, const Fixup* next) {
  if (fixup.kind == kThreadCall) {
    if (!matches<2>(code, fixup.offset, {0xff, 0x10})) return std::nullopt;
    return Relaxation{.form = kNoCall, .as = kNothing};
  }
  if (fixup.addend != kFromEnd) return std::nullopt;
  if (fixup.kind == kThreadIndexRel32) return relax_index(code, fixup, next);
  if (fixup.kind == kThreadModuleRel32) return relax_module(code, fixup, next);
  const std::optional<std::uint8_t> form = constant_form(code, fixup);
  if (!form) return std::nullopt;
  return Relaxation{.form = *form, .as = kThreadOffset32, .addend_delta = 4};
}

void rewrite(std::uint8_t form, std::byte* field) {
  switch (form) {
    case kIndexToOffset:
      return put_code<12>(field - 4, {
          0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0,  // mov %fs:0,%rax
          0x48, 0x8d, 0x80,                          // lea x@tpoff(%rax),%rax
      });
    case kLargeIndexToOffset:
      put_code<12>(field - 3, {
          0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0,  // mov %fs:0,%rax
          0x48, 0x8d, 0x80,                          // lea x@tpoff(%rax),%rax
      });
      return put_code<6>(field + 13, {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00});  // nopw 0(%rax,%rax)
    case kModuleToPointer:
      return put_code<12>(field - 3, {
          0x66, 0x66, 0x66, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0,  // data16 x 3, mov %fs:0,%rax
      });
    case kIndirectModuleToPointer:
      return put_code<13>(field - 3, {
          0x66, 0x66, 0x66, 0x66, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0,  // data16 x 4, mov %fs:0,%rax
      });
    case kLargeModuleToPointer:
      return put_code<22>(field - 3, {
          0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0,  // nopw %cs:0(%rax,%rax)
          0x0f, 0x1f, 0x00,                             // nopl (%rax)
          0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0,     // mov %fs:0,%rax
      });
    case kSlotToOffset:
    case kDescriptorToOffset: return use_immediate(field, std::byte{0xc7});  // mov $imm32,%reg
    case kAddSlotToOffset: return use_immediate(field, std::byte{0x81});     // add $imm32,%reg
    case kRex2SlotToOffset:
    case kRex2DescriptorToOffset: return use_rex2_immediate(field, std::byte{0xc7});
    case kRex2AddSlotToOffset: return use_rex2_immediate(field, std::byte{0x81});
    case kEvexAddSlotToOffset: return use_evex_immediate(field);
    case kNoCall: return put_code<2>(field, {0x66, 0x90});                   // xchg %ax,%ax
    default: break;
  }
}

}  // namespace enfold::x86_64_thread
