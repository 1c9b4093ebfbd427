// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x86-64: System V ABI, AMD64 Architecture Processor Supplement 1.0, section 4.4 (relocation) and B.2 (optimising
// GOTPCRELX). Every field is a whole little-endian integer; a direct reference spans 2 GiB either way.
#include "arch/x86_64.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "arch/arch.h"
#include "arch/x86_64_code.h"
#include "arch/x86_64_slot.h"
#include "arch/x86_64_thread.h"

namespace enfold {
namespace {

using namespace x86_64_code;
using namespace x86_64_fixup;

constexpr std::byte kTrap{0xcc};  // int3

// endbr64; sub $8, %rsp
constexpr std::array kFragmentPrologue = {std::byte{0xf3}, std::byte{0x0f}, std::byte{0x1e}, std::byte{0xfa},
                                          std::byte{0x48}, std::byte{0x83}, std::byte{0xec}, std::byte{0x08}};
// add $8, %rsp; ret
constexpr std::array kFragmentEpilogue = {std::byte{0x48}, std::byte{0x83}, std::byte{0xc4}, std::byte{0x08},
                                          std::byte{0xc3}};

template <class... Byte>
constexpr std::array<std::byte, sizeof...(Byte)> bytes(Byte... all) {
  return {std::byte{static_cast<std::uint8_t>(all)}...};
}

// Stubs push nothing: the caller's address is on the top of the stack (DWARF 5, 6.4; LSB Core 5.0, 10.6).
constexpr std::array kStubFrames = bytes(20, 0, 0, 0, 0, 0, 0, 0,               // CIE: its length, id
                                         1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b,  // factors 1, -8; int32 from its place
                                         0x0c, 7, 8, 0x90, 1, 0, 0,  // CFA: rsp + 8; return address at CFA - 8
                                         16, 0, 0, 0, 28, 0, 0, 0,   // FDE: its length, distance to the CIE
                                         0, 0, 0, 0, 0, 0, 0, 0,     // where and how long
                                         0, 0, 0, 0);                // no augmentation data; padding

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
constexpr FixupDesc plain(FixupDesc desc, PlainForm form) {
  desc.plain = form;
  return desc;
}

// In the order of Kind. The ABI leaves overflow of 8 and 16 open; system linkers take signed and unsigned values.
constexpr std::array<FixupDesc, kCount> kFixups = {{
    {.name = "NONE", .expr = Expr::kNone, .any = true},
    ranged("8", Expr::kAbsolute, 1, -kTwo7, kTwo8),                            // S + A, int8 or uint8
    ranged("16", Expr::kAbsolute, 2, -kTwo15, kTwo16),                         // S + A, int16 or uint16
    ranged("32", Expr::kAbsolute, 4, 0, kTwo32),                               // S + A, uint32
    ranged("32S", Expr::kAbsolute, 4, -kTwo31, kTwo31),                        // S + A, int32
    plain(whole("64", Expr::kAbsolute), PlainForm::kAddress64),  // S + A
    ranged("PC8", Expr::kRelative, 1, -kTwo7, kTwo7),                          // S + A - P, int8
    ranged("PC16", Expr::kRelative, 2, -kTwo15, kTwo15),                       // S + A - P, int16
    plain(ranged("PC32", Expr::kRelative, 4, -kTwo31, kTwo31), PlainForm::kDistance32),  // S + A - P, int32
    plain(whole("PC64", Expr::kRelative), PlainForm::kDistance64),  // S + A - P
    plain(ranged("PLT32", Expr::kCall, 4, -kTwo31, kTwo31), PlainForm::kDistance32),  // L + A - P, int32
    whole("PLTOFF64", Expr::kCallFromGot),                                     // L + A - GOT
    ranged("GOT32", Expr::kSlotFromGot, 4, -kTwo31, kTwo31),                   // G + A, int32
    whole("GOT64", Expr::kSlotFromGot),                                        // G + A; GOTPLT64 means the same here
    ranged("GOTPCREL", Expr::kSlotRelative, 4, -kTwo31, kTwo31),               // GOT + G + A - P, int32
    ranged("GOTPCRELX", Expr::kSlotRelative, 4, -kTwo31, kTwo31, true),        // GOT + G + A - P, int32
    ranged("REX_GOTPCRELX", Expr::kSlotRelative, 4, -kTwo31, kTwo31, true),    // GOT + G + A - P, int32
    ranged("CODE_4_GOTPCRELX", Expr::kSlotRelative, 4, -kTwo31, kTwo31, true),  // GOT + G + A - P, int32
    whole("GOTPCREL64", Expr::kSlotRelative),                                  // GOT + G + A - P
    ranged("GOTPC32", Expr::kGotRelative, 4, -kTwo31, kTwo31),                 // GOT + A - P, int32
    whole("GOTPC64", Expr::kGotRelative),                                      // GOT + A - P
    whole("GOTOFF64", Expr::kFromGot),                                         // S + A - GOT
    ranged("SIZE32", Expr::kSize, 4, 0, kTwo32),                               // Z + A, uint32
    whole("SIZE64", Expr::kSize),                                              // Z + A
    ranged("TLSGD", Expr::kThreadIndex, 4, -kTwo31, kTwo31, true),             // GOT + G + A - P, int32
    ranged("TLSLD", Expr::kThreadModule, 4, -kTwo31, kTwo31, true),            // GOT + G + A - P, int32
    ranged("GOTPC32_TLSDESC", Expr::kThreadDescriptor, 4, -kTwo31, kTwo31, true),  // GOT + G + A - P, int32
    ranged("CODE_4_GOTPC32_TLSDESC", Expr::kThreadDescriptor, 4, -kTwo31, kTwo31, true),  // GOT + G + A - P, int32
    ranged("CODE_5_GOTPC32_TLSDESC", Expr::kThreadDescriptor, 4, -kTwo31, kTwo31),  // GOT + G + A - P, int32; CODE_6
    {.name = "TLSDESC_CALL", .expr = Expr::kThreadCall, .any = true, .relaxable = true},
    ranged("GOTTPOFF", Expr::kThreadSlot, 4, -kTwo31, kTwo31, true),           // GOT + G + A - P, int32
    ranged("CODE_4_GOTTPOFF", Expr::kThreadSlot, 4, -kTwo31, kTwo31, true),    // GOT + G + A - P, int32
    ranged("CODE_6_GOTTPOFF", Expr::kThreadSlot, 4, -kTwo31, kTwo31, true),    // GOT + G + A - P, int32
    ranged("CODE_5_GOTTPOFF", Expr::kThreadSlot, 4, -kTwo31, kTwo31),          // GOT + G + A - P, int32
    ranged("TPOFF32", Expr::kThreadOffset, 4, -kTwo31, kTwo31),                // S + A - TP, int32
    whole("TPOFF64", Expr::kThreadOffset),                                     // S + A - TP
    ranged("DTPOFF32", Expr::kBlockOffset, 4, -kTwo31, kTwo31),                // S + A - B, int32
    whole("DTPOFF64", Expr::kBlockOffset),                                     // S + A - B
    whole("DTPMOD64", Expr::kModuleId),                                        // module of S
}};

// ABI, B.2: what GOTPCRELX, REX_GOTPCRELX and CODE_4_GOTPCRELX mark. `field` follows opcode and ModRM.
enum Form : std::uint8_t {
  kLoadToLea,       // 8b /r    mov foo@GOTPCREL(%rip), %reg   ->  8d /r  lea foo(%rip), %reg
  kCallDirect,      // ff 15    call *foo@GOTPCREL(%rip)       ->  67 e8  addr32 call foo
  kJumpDirect,      // ff 25    jmp *foo@GOTPCREL(%rip)        ->  e9 rel32 90  jmp foo; nop
};

constexpr std::byte kGroup5{0xff}, kCallIndirect{0x15}, kJumpIndirect{0x25};


constexpr Relaxation kDirectLoad{.form = kLoadToLea, .as = kRel32};
constexpr Relaxation kDirectPartialLoad{.form = kLoadToLea, .as = kRel32, .partial = true};
constexpr Relaxation kDirectCall{.form = kCallDirect, .as = kRel32, .branch = true};
constexpr Relaxation kDirectJump{.form = kJumpDirect, .as = kRel32, .field_delta = -1, .branch = true};

const Relaxation* relax(std::span<const std::byte> code, const Fixup& fixup) {
  // An addend other than -4 reads within or beside the slot.
  const bool short_form = fixup.kind == kSlotRel32Relaxable;
  if (fixup.addend != -4 || fixup.offset < (short_form ? 2u : 3u)) return nullptr;
  if (fixup.kind == kSlotRel32RelaxableRex2 && !follows_rex2(code, fixup.offset)) return nullptr;
  const std::byte opcode = code[fixup.offset - 2], modrm = code[fixup.offset - 1];
  if (opcode == kMovLoad && is_slot_operand(modrm)) {
    const bool wide = !short_form && (code[fixup.offset - 3] & kRexWide) != std::byte{0};
    return wide ? &kDirectLoad : &kDirectPartialLoad;
  }
  if (!short_form || opcode != kGroup5) return nullptr;
  if (modrm == kCallIndirect) return &kDirectCall;
  if (modrm == kJumpIndirect) return &kDirectJump;
  return nullptr;
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
    default: x86_64_thread::rewrite(form, field);
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

void fill_with_traps(std::byte* begin, std::byte* end) { std::fill(begin, end, kTrap); }

constexpr std::uint64_t kLandingPadSize = 4;

void put_landing_pad(std::byte* out) {
  put_code<kLandingPadSize>(out, {0xf3, 0x0f, 0x1e, 0xfa});  // endbr64
}

constexpr std::uint8_t kStubSize = 8, kBoundStubSize = 16, kLandingStubSize = 16, kLandingBoundStubSize = 24;

void write_stub(std::byte* out, TargetAddr at, TargetAddr slot) {
  put_code<kStubSize>(out, {
      0xff, 0x25, 0, 0, 0, 0,  // jmp *slot(%rip)
      0xcc, 0xcc,              // int3; int3
  });
  put_relative(out, at, 2, slot);
}

void write_landing_stub(std::byte* out, TargetAddr at, TargetAddr slot) {
  put_landing_pad(out);
  write_stub(out + kLandingPadSize, at + kLandingPadSize, slot);
  fill_with_traps(out + kLandingPadSize + kStubSize, out + kLandingStubSize);
}

void write_bound_stub(std::byte* out, TargetAddr at, TargetAddr slot, std::uint8_t argument, TargetAddr handle) {
  struct Lea {
    unsigned char rex, modrm;
  };
  // lea handle(%rip), argument register: rdi rsi rdx rcx r8 r9
  constexpr Lea kArguments[] = {{0x48, 0x3d}, {0x48, 0x35}, {0x48, 0x15}, {0x48, 0x0d}, {0x4c, 0x05}, {0x4c, 0x0d}};
  const Lea lea = kArguments[argument];
  put_code<kBoundStubSize>(out, {
      lea.rex, 0x8d, lea.modrm, 0, 0, 0, 0,  // lea handle(%rip), %reg
      0xff, 0x25, 0, 0, 0, 0,                // jmp *slot(%rip)
      0xcc, 0xcc, 0xcc,                      // int3 x 3
  });
  put_relative(out, at, 3, handle);
  put_relative(out, at, 9, slot);
}

void write_landing_bound_stub(std::byte* out, TargetAddr at, TargetAddr slot, std::uint8_t argument,
                              TargetAddr handle) {
  put_landing_pad(out);
  write_bound_stub(out + kLandingPadSize, at + kLandingPadSize, slot, argument, handle);
  fill_with_traps(out + kLandingPadSize + kBoundStubSize, out + kLandingBoundStubSize);
}

}  // namespace

constinit const Architecture kX86_64 = {
    .name = "x86-64",
    .fixups = kFixups,
    .zone_span = static_cast<std::uint64_t>(kTwo31) - (std::uint64_t{1} << 24),
    .reach = static_cast<std::uint64_t>(kTwo31),
    .slot_size = 8,
    .code_fill = kTrap,
    .fragment_prologue = kFragmentPrologue,
    .fragment_epilogue = kFragmentEpilogue,
    .absolute_word = kAbs64,
    .relax = relax,
    .partial_read = x86_64_slot::partial_read,
    .relax_thread = x86_64_thread::relax,
    .rewrite = rewrite,
    .is_branch = is_branch,
    .encode = encode,
    .plain_stubs = {.size = kStubSize,
                    .bound_size = kBoundStubSize,
                    .p2align = 3,
                    .write = write_stub,
                    .write_bound = write_bound_stub},
    .stub_frames = kStubFrames,
    .landing_stubs = {.size = kLandingStubSize,
                      .bound_size = kLandingBoundStubSize,
                      .p2align = 4,
                      .write = write_landing_stub,
                      .write_bound = write_landing_bound_stub},
};

}  // namespace enfold
