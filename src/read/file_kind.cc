// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/file_kind.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "read/archive.h"
#include "read/elf.h"
#include "read/linker_script.h"

namespace enfold::read {
namespace {

using namespace std::string_view_literals;

struct ForeignFormat {
  std::string_view magic;
  std::string_view message;
  std::string_view cure;
};

constexpr std::string_view kBitcode = "an object of LLVM bitcode, for link-time optimisation, without machine code";
constexpr std::string_view kSystemCure = "compile for the system that the process runs on, which has ELF objects";
constexpr std::string_view kMachO = "Mach-O files are not supported";
constexpr std::string_view kCoff = "COFF objects are not supported";
constexpr std::string_view kCoreCure = "link the objects that the program was made from";

constexpr ForeignFormat kForeignFormats[] = {
    {"BC\xC0\xDE"sv, kBitcode, kLtoCure},
    {"\xDE\xC0\x17\x0B"sv, kBitcode, kLtoCure},
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

// Of machines that files mostly turn out to be for.
std::string machine_name(std::uint16_t number) {
  switch (number) {
    case EM_386: return "i386";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "Arm";
    case EM_AARCH64: return "AArch64";
    case EM_PPC64: return "PowerPC 64";
    case EM_RISCV: return "RISC-V";
    case EM_S390: return "IBM Z";
    default: return fmt::format("machine {}", number);
  }
}

unsigned ident_of(Bytes bytes, std::size_t i) {
  return i < bytes.size() ? std::to_integer<unsigned>(bytes.data()[i]) : 0;
}

std::uint16_t machine_of(Bytes bytes) {
  const std::uint16_t machine = bytes.load<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine)).value_or(EM_NONE);
  return ident_of(bytes, EI_DATA) == ELFDATA2MSB ? std::byteswap(machine) : machine;
}

bool is_elf(Bytes bytes) { return bytes.text().starts_with(ELFMAG); }

Expected<FileKind> identify_elf(Bytes bytes, const std::string& name) {
  const std::optional<std::uint16_t> type = bytes.load<std::uint16_t>(offsetof(Elf64_Ehdr, e_type));
  if (!type) return std::unexpected(malformed(name, "the ELF header is truncated"));
  const auto ident = [&](std::size_t i) { return ident_of(bytes, i); };
  if (ident(EI_DATA) == ELFDATA2MSB || ident(EI_CLASS) == ELFCLASS32) {
    return std::unexpected(unsupported(name, elf_description(bytes) + " is not supported", kOtherMachineCure));
  }
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

std::string elf_description(Bytes bytes) {
  return fmt::format("{}-bit {}ELF for {}", ident_of(bytes, EI_CLASS) == ELFCLASS32 ? 32 : 64,
                     ident_of(bytes, EI_DATA) == ELFDATA2MSB ? "big-endian " : "", machine_name(machine_of(bytes)));
}

Expected<FileKind> identify(Bytes bytes, const std::string& name) {
  const std::string_view text = bytes.text();
  if (text.empty()) return std::unexpected(malformed(name, "the file is empty"));
  if (is_elf(bytes)) return identify_elf(bytes, name);
  if (text.starts_with(kArchiveMagic) || text.starts_with(kThinArchiveMagic)) return FileKind::kArchive;
  for (const ForeignFormat& format : kForeignFormats) {
    if (text.starts_with(format.magic)) return std::unexpected(unsupported(name, format.message, format.cure));
  }
  if (is_coff(bytes)) return std::unexpected(unsupported(name, kCoff, kSystemCure));
  if (looks_like_linker_script(bytes)) return FileKind::kLinkerScript;
  return std::unexpected(malformed(name, "not an object, archive, shared library or linker script"));
}

std::optional<std::string> foreign_machine(Source source, const std::string& name,
                                           std::span<const ElfMachine> machines) {
  const Bytes bytes = source.beginning();
  if (is_elf(bytes)) {
    const bool readable = ident_of(bytes, EI_CLASS) == ELFCLASS64 && ident_of(bytes, EI_DATA) == ELFDATA2LSB;
    const auto known = std::ranges::find(machines, machine_of(bytes), &ElfMachine::number);
    return readable && known != machines.end() ? std::nullopt : std::optional(elf_description(bytes));
  }
  const auto kind = identify(bytes, name);
  if (!kind) return std::nullopt;
  if (*kind == FileKind::kLinkerScript) {
    const auto script = parse_linker_script(bytes, name);
    const bool ours = !script || script->output_format.empty() ||
                      std::ranges::find(machines, script->output_format, &ElfMachine::format) != machines.end();
    return ours ? std::nullopt : std::optional("a linker script for " + script->output_format);
  }
  const auto archive = Archive::open(source, name, {});
  const auto object = archive ? archive->find_member([](const ArchiveMember& m) { return is_elf(m.bytes); })
                              : Expected<std::optional<ArchiveMember>>();
  if (!object || !*object) return std::nullopt;
  return foreign_machine((*object)->bytes, name, machines);
}

}  // namespace enfold::read
