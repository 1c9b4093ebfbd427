// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an input is, told from its first bytes and never from its name.
#ifndef ENFOLD_READ_FILE_KIND_H_
#define ENFOLD_READ_FILE_KIND_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <enfold/error.h>

#include "read/bytes.h"

namespace enfold::read {

enum class FileKind : std::uint8_t {
  kObject,  // relocatable
  kArchive,
  kSharedLibrary,
  kLinkerScript,  // names further inputs; never among the files that open_inputs returns
};

// What to do about an object for a machine that is not this process's.
inline constexpr std::string_view kOtherMachineCure = "compile for the machine that the process runs on";

// For files and for members of archives alike.
// Errors: kUnsupported, with the format's name, for what is not for this linker; kMalformed for everything else.
Expected<FileKind> identify(Bytes bytes, const std::string& name);

}  // namespace enfold::read

#endif  // ENFOLD_READ_FILE_KIND_H_
