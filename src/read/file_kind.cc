// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/file_kind.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "read/archive_header.h"
#include "read/linker_script.h"

namespace enfold::read {
namespace {

using namespace std::string_view_literals;

struct ForeignFormat {
  std::string_view magic;
  std::string_view message;
  std::string_view cure;
};

constexpr std::string_view kLtoCure = "compile with -fno-lto or, to keep both, with -ffat-lto-objects";
constexpr std::string_view kSystemCure = "compile for the system that the process runs on, which has ELF objects";
constexpr std::string_view kMachO = "Mach-O files are not supported";
constexpr std::string_view kCoff = "COFF objects are not supported";
constexpr std::string_view kBigEndian = "big-endian ELF is not supported", kSmall = "32-bit ELF is not supported";
constexpr std::string_view kCoreCure = "link the objects that the program was made from";

constexpr ForeignFormat kForeignFormats[] = {
    {"BC\xC0\xDE"sv, "an object of LLVM bitcode, which holds no machine code", kLtoCure},
    {"\xDE\xC0\x17\x0B"sv, "an object of LLVM bitcode, which holds no machine code", kLtoCure},
    {"\xCF\xFA\xED\xFE"sv, kMachO, kSystemCure},
    {"\xCE\xFA\xED\xFE"sv, kMachO, kSystemCure},
    {"\xFE\xED\xFA\xCF"sv, kMachO, kSystemCure},
    {"\xFE\xED\xFA\xCE"sv, kMachO, kSystemCure},
    {"\xCA\xFE\xBA\xBE"sv, kMachO, kSystemCure},
    {"MZ"sv, "PE images are not supported", kSystemCure},
    {"\x00\x00\xFF\xFF"sv, kCoff, kSystemCure},  // "bigobj", and import objects
    {"\x00\x61\x73\x6D"sv, "WebAssembly modules are not supported", kOtherMachineCure},
};

// A COFF object has no magic but its machine: x86-64, AArch64, ARM64EC, x86, ARM.
constexpr std::array<std::uint16_t, 5> kCoffMachines = {0x8664, 0xaa64, 0xa641, 0x014c, 0x01c4};
constexpr std::uint64_t kCoffHeaderSize = 20;

Error unsupported(const std::string& name, std::string_view message, std::string_view cure) {
  return Error(ErrorCode::kUnsupported, std::string(message), {.object = name}).with_cure(std::string(cure));
}

Error malformed(const std::string& name, std::string_view message) {
  return Error(ErrorCode::kMalformed, std::string(message), {.object = name});
}

Expected<FileKind> identify_elf(Bytes bytes, const std::string& name) {
  const std::optional<std::uint16_t> type = bytes.load<std::uint16_t>(offsetof(Elf64_Ehdr, e_type));
  if (!type) return std::unexpected(malformed(name, "the ELF header is truncated"));
  const auto ident = [&](std::size_t i) { return std::to_integer<unsigned>(bytes.data()[i]); };
  if (ident(EI_DATA) == ELFDATA2MSB) return std::unexpected(unsupported(name, kBigEndian, kOtherMachineCure));
  if (ident(EI_CLASS) == ELFCLASS32) return std::unexpected(unsupported(name, kSmall, kOtherMachineCure));
  if (ident(EI_CLASS) != ELFCLASS64 || ident(EI_DATA) != ELFDATA2LSB || ident(EI_VERSION) != EV_CURRENT) {
    return std::unexpected(malformed(name, "the ELF header is corrupt"));
  }
  switch (*type) {
    case ET_REL: return FileKind::kObject;
    case ET_DYN: return FileKind::kSharedLibrary;
    case ET_EXEC:
      return std::unexpected(
          unsupported(name, "an executable cannot be linked", "link the objects that it was made from"));
    case ET_CORE: return std::unexpected(unsupported(name, "a core dump cannot be linked", kCoreCure));
    default: return std::unexpected(malformed(name, "the ELF header has an unknown file type"));
  }
}

bool is_coff(Bytes bytes) {
  const std::optional<std::uint16_t> machine = bytes.load<std::uint16_t>(0);
  return machine && bytes.size() >= kCoffHeaderSize &&
         std::ranges::find(kCoffMachines, *machine) != kCoffMachines.end();
}

}  // namespace

Expected<FileKind> identify(Bytes bytes, const std::string& name) {
  const std::string_view text = bytes.text();
  if (text.empty()) return std::unexpected(malformed(name, "the file is empty"));
  if (text.starts_with(ELFMAG)) return identify_elf(bytes, name);
  if (text.starts_with(kArchiveMagic) || text.starts_with(kThinArchiveMagic)) return FileKind::kArchive;
  for (const ForeignFormat& format : kForeignFormats) {
    if (text.starts_with(format.magic)) return std::unexpected(unsupported(name, format.message, format.cure));
  }
  if (is_coff(bytes)) return std::unexpected(unsupported(name, kCoff, kSystemCure));
  if (looks_like_linker_script(bytes)) return FileKind::kLinkerScript;
  return std::unexpected(malformed(name, "not an object, archive, shared library or linker script"));
}

}  // namespace enfold::read
