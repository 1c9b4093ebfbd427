// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x86-64: System V ABI, AMD64 Architecture Processor Supplement 1.0, section 4.4 (relocation) and B.2 (optimising
// GOTPCRELX). Every field is a whole little-endian integer; a direct reference spans 2 GiB either way.
#include "arch/x86_64.h"

#include <array>
#include <cstring>

#include "arch/arch.h"

namespace enfold {
namespace {

using namespace x86_64_fixup;

constexpr std::int64_t kTwo7 = std::int64_t{1} << 7, kTwo8 = kTwo7 * 2;
constexpr std::int64_t kTwo15 = std::int64_t{1} << 15, kTwo16 = kTwo15 * 2;
constexpr std::int64_t kTwo31 = std::int64_t{1} << 31, kTwo32 = kTwo31 * 2;

constexpr FixupDesc ranged(std::string_view name, Expr expr, std::uint8_t width, std::int64_t lo, std::int64_t hi,
                           bool relaxable = false) {
  return {.name = name, .expr = expr, .width = width, .lo = lo, .hi = hi, .relaxable = relaxable};
}
constexpr FixupDesc whole(std::string_view name, Expr expr) {
  return {.name = name, .expr = expr, .width = 8, .any = true};
}

// In the order of Kind. The ABI leaves overflow of 8 and 16 open; system linkers take signed and unsigned values.
constexpr std::array<FixupDesc, kCount> kFixups = {{
    {.name = "NONE", .expr = Expr::kNone, .any = true},
    ranged("8", Expr::kAbsolute, 1, -kTwo7, kTwo8),                            // S + A, int8 or uint8
    ranged("16", Expr::kAbsolute, 2, -kTwo15, kTwo16),                         // S + A, int16 or uint16
    ranged("32", Expr::kAbsolute, 4, 0, kTwo32),                               // S + A, uint32
    ranged("32S", Expr::kAbsolute, 4, -kTwo31, kTwo31),                        // S + A, int32
    whole("64", Expr::kAbsolute),                                              // S + A
    ranged("PC8", Expr::kRelative, 1, -kTwo7, kTwo7),                          // S + A - P, int8
    ranged("PC16", Expr::kRelative, 2, -kTwo15, kTwo15),                       // S + A - P, int16
    ranged("PC32", Expr::kRelative, 4, -kTwo31, kTwo31),                       // S + A - P, int32
    whole("PC64", Expr::kRelative),                                            // S + A - P
    ranged("PLT32", Expr::kCall, 4, -kTwo31, kTwo31),                          // L + A - P, int32
    whole("PLTOFF64", Expr::kCallFromGot),                                     // L + A - GOT
    ranged("GOT32", Expr::kSlotFromGot, 4, -kTwo31, kTwo31),                   // G + A, int32
    whole("GOT64", Expr::kSlotFromGot),                                        // G + A; GOTPLT64 means the same here
    ranged("GOTPCREL", Expr::kSlotRelative, 4, -kTwo31, kTwo31),               // GOT + G + A - P, int32
    ranged("GOTPCRELX", Expr::kSlotRelative, 4, -kTwo31, kTwo31, true),        // GOT + G + A - P, int32
    ranged("REX_GOTPCRELX", Expr::kSlotRelative, 4, -kTwo31, kTwo31, true),    // GOT + G + A - P, int32
    whole("GOTPCREL64", Expr::kSlotRelative),                                  // GOT + G + A - P
    ranged("GOTPC32", Expr::kGotRelative, 4, -kTwo31, kTwo31),                 // GOT + A - P, int32
    whole("GOTPC64", Expr::kGotRelative),                                      // GOT + A - P
    whole("GOTOFF64", Expr::kFromGot),                                         // S + A - GOT
    ranged("SIZE32", Expr::kSize, 4, 0, kTwo32),                               // Z + A, uint32
    whole("SIZE64", Expr::kSize),                                              // Z + A
    ranged("TLSGD", Expr::kThreadIndex, 4, -kTwo31, kTwo31, true),             // GOT + G + A - P, int32
    ranged("TLSLD", Expr::kThreadModule, 4, -kTwo31, kTwo31, true),            // GOT + G + A - P, int32
    ranged("GOTPC32_TLSDESC", Expr::kThreadDescriptor, 4, -kTwo31, kTwo31, true),  // GOT + G + A - P, int32
    {.name = "TLSDESC_CALL", .expr = Expr::kThreadCall, .any = true, .relaxable = true},
    ranged("GOTTPOFF", Expr::kThreadSlot, 4, -kTwo31, kTwo31, true),           // GOT + G + A - P, int32
    ranged("TPOFF32", Expr::kThreadOffset, 4, -kTwo31, kTwo31),                // S + A - TP, int32
    whole("TPOFF64", Expr::kThreadOffset),                                     // S + A - TP
    ranged("DTPOFF32", Expr::kBlockOffset, 4, -kTwo31, kTwo31),                // S + A - B, int32
    whole("DTPOFF64", Expr::kBlockOffset),                                     // S + A - B
    whole("DTPMOD64", Expr::kModuleId),                                        // module of S
}};

// ABI, B.2: what GOTPCRELX and REX_GOTPCRELX mark. `field` follows opcode and ModRM.
// Those from kIndexToOffset on are of thread-local code ("ELF Handling For Thread-Local Storage", 4.4 and 5): what they
// make takes as many bytes as what was there.
enum Form : std::uint8_t {
  kLoadToLea,       // 8b /r    mov foo@GOTPCREL(%rip), %reg   ->  8d /r  lea foo(%rip), %reg
  kCallDirect,      // ff 15    call *foo@GOTPCREL(%rip)       ->  67 e8  addr32 call foo
  kJumpDirect,      // ff 25    jmp *foo@GOTPCREL(%rip)        ->  e9 rel32 90  jmp foo; nop
  // data16 lea x@tlsgd(%rip),%rdi; data16 data16 rex.W call __tls_get_addr, or data16 rex.W call *got(%rip)
  // -> mov %fs:0,%rax; lea x@tpoff(%rax),%rax
  kIndexToOffset,
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

constexpr std::byte kMovLoad{0x8b}, kLea{0x8d}, kGroup5{0xff}, kCallIndirect{0x15}, kJumpIndirect{0x25};

bool is_slot_operand(std::byte modrm) { return (modrm & std::byte{0xc7}) == std::byte{0x05}; }  // disp32(%rip)

std::optional<Relaxation> relax(std::span<const std::byte> code, const Fixup& fixup) {
  // An addend other than -4 reads within or beside the slot.
  const bool rex = fixup.kind == kSlotRel32RelaxableRex;
  if (fixup.addend != -4 || fixup.offset < (rex ? 3u : 2u)) return std::nullopt;
  const std::byte opcode = code[fixup.offset - 2], modrm = code[fixup.offset - 1];
  if (opcode == kMovLoad && is_slot_operand(modrm)) return Relaxation{.form = kLoadToLea, .as = kRel32};
  if (rex || opcode != kGroup5) return std::nullopt;
  if (modrm == kCallIndirect) return Relaxation{.form = kCallDirect, .as = kRel32, .branch = true};
  if (modrm == kJumpIndirect) return Relaxation{.form = kJumpDirect, .as = kRel32, .field_delta = -1, .branch = true};
  return std::nullopt;
}

// ---- Thread-local code

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

constexpr std::byte kAddLoad{0x03};

std::optional<Relaxation> relax_thread(std::span<const std::byte> code, const Fixup& fixup, const Fixup* next) {
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

template <std::size_t N>
void put_code(std::byte* out, const std::array<unsigned char, N>& code) {
  std::memcpy(out, code.data(), N);
}

// rex.W+R opcode reg,disp32(%rip) becomes rex.W+B opcode $imm32,reg.
void use_immediate(std::byte* field, std::byte opcode) {
  const bool extended = (field[-3] & std::byte{0x04}) != std::byte{0};
  const std::byte reg = (field[-1] >> 3) & std::byte{7};
  field[-3] = extended ? std::byte{0x49} : std::byte{0x48};
  field[-2] = opcode;
  field[-1] = std::byte{0xc0} | reg;
}

void rewrite_thread(std::uint8_t form, std::byte* field) {
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

void rewrite(std::uint8_t form, std::byte* field) {
  switch (form) {
    case kLoadToLea:
      field[-2] = kLea;
      break;
    case kCallDirect:
      field[-2] = std::byte{0x67};
      field[-1] = std::byte{0xe8};
      break;
    case kJumpDirect:
      field[-2] = std::byte{0xe9};
      field[3] = std::byte{0x90};
      break;
    default: rewrite_thread(form, field);
  }
}

// call, jmp and jcc rel32; whether the byte before a field really is an opcode only its compiler knows, so this serves
// where the alternative is an error.
bool is_branch(std::span<const std::byte> code, const Fixup& fixup) {
  if (fixup.addend != -4 || fixup.offset < 1) return false;
  const std::byte last = code[fixup.offset - 1];
  if (last == std::byte{0xe8} || last == std::byte{0xe9}) return true;
  return fixup.offset >= 2 && code[fixup.offset - 2] == std::byte{0x0f} && (last & std::byte{0xf0}) == std::byte{0x80};
}

void encode(const FixupDesc& desc, std::byte* field, std::int64_t value) {
  std::memcpy(field, &value, desc.width);
}

void put_relative(std::byte* out, TargetAddr at, std::uint64_t field_offset, TargetAddr target) {
  const auto distance = static_cast<std::int32_t>(value(target) - (value(at) + field_offset + 4));
  std::memcpy(out + field_offset, &distance, sizeof distance);
}

void write_stub(std::byte* out, TargetAddr at, TargetAddr slot) {
  put_code<8>(out, {
      0xff, 0x25, 0, 0, 0, 0,  // jmp *slot(%rip)
      0xcc, 0xcc,              // int3; int3
  });
  put_relative(out, at, 2, slot);
}

void write_bound_stub(std::byte* out, TargetAddr at, TargetAddr slot, std::uint8_t argument, TargetAddr handle) {
  struct Lea {
    unsigned char rex, modrm;
  };
  // lea handle(%rip), argument register: rdi rsi rdx rcx r8 r9
  constexpr Lea kArguments[] = {{0x48, 0x3d}, {0x48, 0x35}, {0x48, 0x15}, {0x48, 0x0d}, {0x4c, 0x05}, {0x4c, 0x0d}};
  const Lea lea = kArguments[argument];
  put_code<16>(out, {
      lea.rex, 0x8d, lea.modrm, 0, 0, 0, 0,  // lea handle(%rip), %reg
      0xff, 0x25, 0, 0, 0, 0,                // jmp *slot(%rip)
      0xcc, 0xcc, 0xcc,                      // int3 x 3
  });
  put_relative(out, at, 3, handle);
  put_relative(out, at, 9, slot);
}

constexpr Architecture kArchitecture = {
    .name = "x86-64",
    .fixups = kFixups,
    .zone_span = static_cast<std::uint64_t>(kTwo31) - (std::uint64_t{1} << 24),
    .reach = static_cast<std::uint64_t>(kTwo31),
    .slot_size = 8,
    .stub_size = 8,
    .bound_stub_size = 16,
    .stub_p2align = 3,
    .code_fill = std::byte{0xcc},
    .absolute_word = kAbs64,
    .relax = relax,
    .relax_thread = relax_thread,
    .rewrite = rewrite,
    .is_branch = is_branch,
    .encode = encode,
    .write_stub = write_stub,
    .write_bound_stub = write_bound_stub,
};

}  // namespace

const Architecture& x86_64() { return kArchitecture; }

}  // namespace enfold
