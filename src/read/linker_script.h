// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The small linker scripts that stand in library directories under the name of a library, such as glibc's libc.so:
//
//   /* GNU ld script */
//   OUTPUT_FORMAT(elf64-x86-64)
//   GROUP ( /lib/x86_64-linux-gnu/libc.so.6 libc_nonshared.a  AS_NEEDED ( ld-linux-x86-64.so.2 ) )
//
// They name further inputs. Scripts that lay out an image (SECTIONS, MEMORY, ...) are refused.
#ifndef ENFOLD_READ_LINKER_SCRIPT_H_
#define ENFOLD_READ_LINKER_SCRIPT_H_

#include <cstdint>
#include <string>
#include <vector>

#include <enfold/error.h>

#include "read/bytes.h"

namespace enfold::read {

struct ScriptInput {
  std::string name;           // as written; NAME of -lNAME
  bool is_library = false;    // -lNAME
  bool as_needed = false;
  std::uint64_t offset = 0;   // in the script
};

struct LinkerScript {
  std::vector<ScriptInput> inputs;              // in order; GROUP and INPUT alike
  std::vector<std::string> search_directories;  // SEARCH_DIR
  std::string output_format;                    // OUTPUT_FORMAT's first, or empty
};

// Whether the first word, comments aside, is a command of linker scripts, known to us or not.
bool looks_like_linker_script(Bytes bytes);

// Errors: kMalformed; kUnsupported for any other command. Both tell the place in `path`.
Expected<LinkerScript> parse_linker_script(Bytes bytes, const std::string& path);

}  // namespace enfold::read

#endif  // ENFOLD_READ_LINKER_SCRIPT_H_
