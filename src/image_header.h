// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What linked programs have of themselves in memory, for sets that ask for it by name:
//
//    __ehdr_start: ELF header | _DYNAMIC | _IO_stdin_used | program headers
//
// The header describes the set's segments as they lie: its own address is where addresses in it count from, and those
// below it are negative. There are no
// dynamic symbols to be told of; the dynamic section leads to the list of loaded objects, as debuggers fill it in in
// programs (DT_DEBUG). glibc's crt1.o has _IO_stdin_used, which says which version of stdio a program was compiled for.
#ifndef ENFOLD_IMAGE_HEADER_H_
#define ENFOLD_IMAGE_HEADER_H_

#include <cstdint>

#include <enfold/runtime.h>

#include "link_state.h"

namespace enfold {

// Offsets from where `ImageNames::header_at` says.
constexpr std::uint64_t kDynamicAt = 64, kStdinUsedAt = 96, kImageHeaderP2align = 3;

// With room for all program headers that there may be.
std::uint64_t image_header_size(const LinkState& link);

// Fills it in, and the empty function that goes by the names _init and _fini. Addresses are known.
void write_image_header(const LinkState& link, RuntimeHooks& runtime);

}  // namespace enfold

#endif  // ENFOLD_IMAGE_HEADER_H_
