// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an input is, told from its first bytes and never from its name.
#ifndef ENFOLD_READ_FILE_KIND_H_
#define ENFOLD_READ_FILE_KIND_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <enfold/error.h>

#include "read/bytes.h"
#include "read/source.h"

namespace enfold::read {

struct ElfMachine;

enum class FileKind : std::uint8_t {
  kObject,  // relocatable
  kArchive,
  kSharedLibrary,
  kLinkerScript,  // names further inputs; never among the files that open_inputs returns
};

// What to do about an object for a machine that is not this process's.
inline constexpr std::string_view kOtherMachineCure = "compile for the machine that the process runs on";

// Objects of which nothing can run before a compiler has worked on them again.
inline constexpr std::string_view kLtoOnly = "an object of gcc's intermediate code, for link-time optimisation only";
inline constexpr std::string_view kLtoCure =
    "compile without -flto, or with -ffat-lto-objects to keep machine code, too";

// For files and for members of archives alike.
// Errors: kUnsupported, with the format's name, for what is not for this linker; kMalformed for everything else.
Expected<FileKind> identify(Bytes bytes, const std::string& name);

// Of bytes that begin as an ELF file does: "32-bit ELF for i386".
std::string elf_description(Bytes bytes);

// What the file is if it is for none of the machines: an ELF file, an archive whose first object is one, or a linker
// script that says so. For what is neither, or cannot be read, nothing.
std::optional<std::string> foreign_machine(Source source, const std::string& name,
                                           std::span<const ElfMachine> machines);

}  // namespace enfold::read

#endif  // ENFOLD_READ_FILE_KIND_H_
