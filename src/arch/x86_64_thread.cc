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

// rex.W+R opcode reg,disp32(%rip) becomes rex.W+B opcode $imm32,reg.
void use_immediate(std::byte* field, std::byte opcode) {
  const bool extended = (field[-3] & std::byte{0x04}) != std::byte{0};
  const std::byte reg = (field[-1] >> 3) & std::byte{7};
  field[-3] = extended ? std::byte{0x49} : std::byte{0x48};
  field[-2] = opcode;
  field[-1] = std::byte{0xc0} | reg;
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
  const std::optional<std::byte> opcode = wide_opcode(code, fixup.offset);
  if (!opcode) return std::nullopt;
  Relaxation relaxation{.as = kThreadOffset32, .addend_delta = 4};
  if (fixup.kind == kThreadDescriptorRel32 && *opcode == kLea) {
    relaxation.form = kDescriptorToOffset;
  } else if (fixup.kind == kThreadSlotRel32 && *opcode == kMovLoad) {
    relaxation.form = kSlotToOffset;
  } else if (fixup.kind == kThreadSlotRel32 && *opcode == kAddLoad) {
    relaxation.form = kAddSlotToOffset;
  } else {
    return std::nullopt;
  }
  return relaxation;
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
    case kNoCall: return put_code<2>(field, {0x66, 0x90});                   // xchg %ax,%ax
    default: break;
  }
}

}  // namespace enfold::x86_64_thread
