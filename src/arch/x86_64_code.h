// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes of instructions, for who rewrites them.
#ifndef ENFOLD_ARCH_X86_64_CODE_H_
#define ENFOLD_ARCH_X86_64_CODE_H_

#include <array>
#include <cstddef>
#include <cstring>

namespace enfold::x86_64_code {

constexpr std::byte kMovLoad{0x8b}, kLea{0x8d}, kAddLoad{0x03};

constexpr bool is_slot_operand(std::byte modrm) {  // disp32(%rip)
  return (modrm & std::byte{0xc7}) == std::byte{0x05};
}

template <std::size_t N>
void put_code(std::byte* out, const std::array<unsigned char, N>& code) {
  std::memcpy(out, code.data(), N);
}

}  // namespace enfold::x86_64_code

#endif  // ENFOLD_ARCH_X86_64_CODE_H_
