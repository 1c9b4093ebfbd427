// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One small table for each format and architecture: raw relocation type to fixup kind. Everything else of a link is
// chosen once an object, never once a relocation.
#ifndef ENFOLD_RELOC_RELOC_H_
#define ENFOLD_RELOC_RELOC_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "arch/arch.h"
#include "fixup.h"
#include "model.h"

namespace enfold {

// How a raw type stands in docs/relocations.md.
struct RelocationRow {
  std::string_view name;     // "R_X86_64_PC32"
  std::uint32_t type = 0;
  FixupKind kind = kUnknownFixup;
  std::string_view refusal;  // why the type is refused; empty for supported ones
};

struct RelocationScheme {
  std::string_view format;
  const Architecture* architecture = nullptr;
  std::span<const RelocationRow> rows;

  // Decodes relocations first, first + 1, ... of the section into `out` until it is full or they end; says how many
  // records it took, each of which makes one fixup. A type that is no row decodes as kUnknownFixup.
  std::uint32_t (*decode)(const Object& object, const Section& section, std::uint32_t first,
                          std::span<Fixup> out) = nullptr;
  std::uint32_t (*raw_type)(const Section& section, std::uint32_t i) = nullptr;

  const RelocationRow* row(std::uint32_t type) const;
  std::string type_name(std::uint32_t type) const;
};

const RelocationScheme& elf_x86_64();

// Calls visit(index of the first, fixups) for the relocations of the section, decoded in batches; stops when it returns
// false.
template <class Visit>
void for_each_batch(const Object& object, const Section& section, Visit&& visit) {
  constexpr std::size_t kBatch = 64;
  alignas(Fixup) std::byte storage[kBatch * sizeof(Fixup)];  // decoding fills it: it need not be made first
  auto* const batch = reinterpret_cast<Fixup*>(storage);
  for (std::uint32_t first = 0; first < section.relocation_count;) {
    const std::uint32_t n = object.scheme->decode(object, section, first, {batch, kBatch});
    if (!visit(first, std::span<const Fixup>(batch, n))) return;
    first += n;
  }
}

// Calls visit(index, fixup) for each relocation of the section; stops when it returns false.
template <class Visit>
void for_each_fixup(const Object& object, const Section& section, Visit&& visit) {
  for_each_batch(object, section, [&](std::uint32_t first, std::span<const Fixup> batch) {
    for (const Fixup& fixup : batch) {
      if (!visit(first++, fixup)) return false;
    }
    return true;
  });
}

}  // namespace enfold

#endif  // ENFOLD_RELOC_RELOC_H_
