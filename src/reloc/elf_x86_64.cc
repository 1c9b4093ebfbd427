// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ELF on x86-64: System V ABI, AMD64 supplement, table 4.9: 1.0, and what the version of 2024 adds for APX.
// Elf64_Rela: offset, symbol << 32 | type, addend.
#include <elf.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "arch/x86_64.h"
#include "read/bytes.h"
#include "reloc/reloc.h"

namespace enfold {
namespace {

using namespace x86_64_fixup;

constexpr std::string_view kDynamicOnly = "only a dynamic linker's input has it";

constexpr std::uint32_t kLastType = 51;

constexpr RelocationRow kRows[] = {
    {"R_X86_64_NONE", R_X86_64_NONE, kNothing, {}},
    {"R_X86_64_64", R_X86_64_64, kAbs64, {}},
    {"R_X86_64_PC32", R_X86_64_PC32, kRel32, {}},
    {"R_X86_64_GOT32", R_X86_64_GOT32, kSlotFromGot32, {}},
    {"R_X86_64_PLT32", R_X86_64_PLT32, kCall32, {}},
    {"R_X86_64_COPY", R_X86_64_COPY, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_GLOB_DAT", R_X86_64_GLOB_DAT, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_JUMP_SLOT", R_X86_64_JUMP_SLOT, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_RELATIVE", R_X86_64_RELATIVE, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_GOTPCREL", R_X86_64_GOTPCREL, kSlotRel32, {}},
    {"R_X86_64_32", R_X86_64_32, kAbs32, {}},
    {"R_X86_64_32S", R_X86_64_32S, kAbs32Signed, {}},
    {"R_X86_64_16", R_X86_64_16, kAbs16, {}},
    {"R_X86_64_PC16", R_X86_64_PC16, kRel16, {}},
    {"R_X86_64_8", R_X86_64_8, kAbs8, {}},
    {"R_X86_64_PC8", R_X86_64_PC8, kRel8, {}},
    {"R_X86_64_DTPMOD64", R_X86_64_DTPMOD64, kModuleId64, {}},
    {"R_X86_64_DTPOFF64", R_X86_64_DTPOFF64, kBlockOffset64, {}},
    {"R_X86_64_TPOFF64", R_X86_64_TPOFF64, kThreadOffset64, {}},
    {"R_X86_64_TLSGD", R_X86_64_TLSGD, kThreadIndexRel32, {}},
    {"R_X86_64_TLSLD", R_X86_64_TLSLD, kThreadModuleRel32, {}},
    {"R_X86_64_DTPOFF32", R_X86_64_DTPOFF32, kBlockOffset32, {}},
    {"R_X86_64_GOTTPOFF", R_X86_64_GOTTPOFF, kThreadSlotRel32, {}},
    {"R_X86_64_TPOFF32", R_X86_64_TPOFF32, kThreadOffset32, {}},
    {"R_X86_64_PC64", R_X86_64_PC64, kRel64, {}},
    {"R_X86_64_GOTOFF64", R_X86_64_GOTOFF64, kFromGot64, {}},
    {"R_X86_64_GOTPC32", R_X86_64_GOTPC32, kGotRel32, {}},
    {"R_X86_64_GOT64", R_X86_64_GOT64, kSlotFromGot64, {}},
    {"R_X86_64_GOTPCREL64", R_X86_64_GOTPCREL64, kSlotRel64, {}},
    {"R_X86_64_GOTPC64", R_X86_64_GOTPC64, kGotRel64, {}},
    {"R_X86_64_GOTPLT64", R_X86_64_GOTPLT64, kSlotFromGot64, {}},
    {"R_X86_64_PLTOFF64", R_X86_64_PLTOFF64, kCallFromGot64, {}},
    {"R_X86_64_SIZE32", R_X86_64_SIZE32, kSize32, {}},
    {"R_X86_64_SIZE64", R_X86_64_SIZE64, kSize64, {}},
    {"R_X86_64_GOTPC32_TLSDESC", R_X86_64_GOTPC32_TLSDESC, kThreadDescriptorRel32, {}},
    {"R_X86_64_TLSDESC_CALL", R_X86_64_TLSDESC_CALL, kThreadCall, {}},
    {"R_X86_64_TLSDESC", R_X86_64_TLSDESC, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_IRELATIVE", R_X86_64_IRELATIVE, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_RELATIVE64", R_X86_64_RELATIVE64, kUnknownFixup, kDynamicOnly},
    {"R_X86_64_GOTPCRELX", R_X86_64_GOTPCRELX, kSlotRel32Relaxable, {}},
    {"R_X86_64_REX_GOTPCRELX", R_X86_64_REX_GOTPCRELX, kSlotRel32RelaxableRex, {}},
    // APX. The number is how many bytes of the instruction precede the field.
    {"R_X86_64_CODE_4_GOTPCRELX", 43, kSlotRel32RelaxableRex2, {}},
    {"R_X86_64_CODE_4_GOTTPOFF", 44, kThreadSlotRel32Rex2, {}},
    {"R_X86_64_CODE_4_GOTPC32_TLSDESC", 45, kThreadDescriptorRel32Rex2, {}},
    {"R_X86_64_CODE_5_GOTPCRELX", 46, kSlotRel32, {}},
    {"R_X86_64_CODE_5_GOTTPOFF", 47, kThreadSlotRel32Fixed, {}},
    {"R_X86_64_CODE_5_GOTPC32_TLSDESC", 48, kThreadDescriptorRel32Fixed, {}},
    {"R_X86_64_CODE_6_GOTPCRELX", 49, kSlotRel32, {}},
    {"R_X86_64_CODE_6_GOTTPOFF", 50, kThreadSlotRel32Evex, {}},
    {"R_X86_64_CODE_6_GOTPC32_TLSDESC", kLastType, kThreadDescriptorRel32Fixed, {}},
};

constexpr std::size_t kTypeCount = kLastType + 1;

// kRows by type.
constexpr std::array<FixupKind, kTypeCount> kKinds = [] {
  std::array<FixupKind, kTypeCount> kinds{};
  kinds.fill(kUnknownFixup);
  for (const RelocationRow& row : kRows) kinds[row.type] = row.kind;
  return kinds;
}();

const std::byte* record(const Section& section, std::uint32_t i) {
  return section.relocations + std::uint64_t{i} * sizeof(Elf64_Rela);
}

Fixup decode(const std::byte* record) {
  const auto info = read::load_unchecked<std::uint64_t>(record + offsetof(Elf64_Rela, r_info));
  const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(info));
  return {.offset = read::load_unchecked<std::uint64_t>(record + offsetof(Elf64_Rela, r_offset)),
          .addend = read::load_unchecked<std::int64_t>(record + offsetof(Elf64_Rela, r_addend)),
          .symbol = SymbolIndex{static_cast<std::uint32_t>(ELF64_R_SYM(info))},
          .kind = type < kTypeCount ? kKinds[type] : kUnknownFixup};
}

std::uint32_t decode_run(const Object&, const Section& section, std::uint32_t first, std::span<Fixup> out) {
  const auto n = std::min(section.relocation_count - first, static_cast<std::uint32_t>(out.size()));
  const std::byte* from = record(section, first);
  for (std::uint32_t i = 0; i < n; ++i, from += sizeof(Elf64_Rela)) out[i] = decode(from);
  return n;
}

std::uint32_t raw_type(const Section& section, std::uint32_t i) {
  return static_cast<std::uint32_t>(ELF64_R_TYPE(
      read::load_unchecked<std::uint64_t>(record(section, i) + offsetof(Elf64_Rela, r_info))));
}

constexpr RelocationScheme kScheme = {
    .format = "ELF", .architecture = &kX86_64, .rows = kRows, .decode = decode_run, .raw_type = raw_type};

}  // namespace

const RelocationScheme& elf_x86_64() { return kScheme; }

}  // namespace enfold
