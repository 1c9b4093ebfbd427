// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file by which the dynamic linker comes to know a set as a shared object. It holds tables only: the set's code and
// data are program headers of memory without bytes in the file, at the addresses that the set is linked for.
//
//    file     | headers, dynamic section, values, symbols, hash table, names, relocations, thread image |
//    memory   | the same: PT_LOAD, PT_GNU_RELRO                                                         | R | RX | RW
//    ...
//
// The last relocations refer to an indirect function of the file's own, whose resolver is a function of this library:
// so it is called when the object and all that it needs are mapped and relocated, and before any constructor runs. The
// set's code and data are written then. A relocation behind it refers to a weak symbol that nobody defines; made
// strong, it has the dynamic linker give the whole object up, as though it had never been opened.
#ifndef ENFOLD_RUNTIME_OBJECT_FILE_H_
#define ENFOLD_RUNTIME_OBJECT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include <enfold/runtime.h>

namespace enfold::runtime {

// What the resolver finds in the mapped object; offsets from the file's start.
struct ObjectFile {
  std::vector<std::byte> bytes;
  std::uint64_t values = 0;  // ObjectValue of each import, then of the object's own thread-locals
  std::uint64_t thread_image = 0;
  std::uint64_t veto = 0;  // a symbol (ElfW(Sym))
  std::uint64_t dynamic = 0;
};

using Resolver = std::uint64_t (*)();

std::uint64_t object_file_size(const ObjectImage& image);

// The image has its addresses.
ObjectFile make_object_file(const ObjectImage& image, Resolver resolver);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_OBJECT_FILE_H_
