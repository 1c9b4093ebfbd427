// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes of instructions, for who rewrites them.
#ifndef ENFOLD_ARCH_X86_64_CODE_H_
#define ENFOLD_ARCH_X86_64_CODE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace enfold::x86_64_code {

constexpr std::byte kMovLoad{0x8b}, kLea{0x8d}, kAddLoad{0x03};

constexpr bool is_slot_operand(std::byte modrm) {  // disp32(%rip)
  return (modrm & std::byte{0xc7}) == std::byte{0x05};
}

// REX is 0100WRXB; W: the operands have 64 bits.
constexpr std::byte kRexWide{0x08};

// APX, 3.1.2: d5, then M0 R4 X4 B4 W R3 X3 B3. M0 chooses the opcode's map, of which 0 is that of one-byte opcodes. W as in
// REX.
constexpr std::byte kRex2{0xd5}, kRex2Map{0x80};

// Are opcode and ModRM, which end at the field, of map 0 and behind a REX2 prefix?
inline bool follows_rex2(std::span<const std::byte> code, std::uint64_t field) {
  return field >= 4 && code[field - 4] == kRex2 && (code[field - 3] & kRex2Map) == std::byte{0};
}

template <std::size_t N>
void put_code(std::byte* out, const std::array<unsigned char, N>& code) {
  std::memcpy(out, code.data(), N);
}

}  // namespace enfold::x86_64_code

#endif  // ENFOLD_ARCH_X86_64_CODE_H_
