// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf_properties.h"

#include <elf.h>

#include <algorithm>
#include <string_view>

namespace enfold::read {
namespace {

constexpr std::uint64_t kPropertyAlignment = 8;  // of 64-bit objects

struct PropertyHeader {
  std::uint32_t type, size;
};

std::uint64_t align_up(std::uint64_t n, std::uint64_t alignment) { return (n + alignment - 1) & ~(alignment - 1); }

// What is left of `bytes` from `offset` on. Padding after the last record may be missing.
Bytes rest(Bytes bytes, std::uint64_t offset) {
  const std::uint64_t from = std::min(offset, bytes.size());
  return *bytes.slice(from, bytes.size() - from);
}

// False where they are cut short.
bool add_bits_of_note(Bytes properties, std::uint32_t type, PropertyBits& bits) {
  while (properties.size() != 0) {
    const auto header = properties.load<PropertyHeader>(0);
    if (!header || !properties.contains(sizeof *header, header->size)) return false;
    if (header->type == type || header->type == kNeededProperty) {
      if (header->size < sizeof(std::uint32_t)) return false;
      (header->type == type ? bits.features : bits.needs) |= *properties.load<std::uint32_t>(sizeof *header);
    }
    properties = rest(properties, align_up(sizeof *header + std::uint64_t{header->size}, kPropertyAlignment));
  }
  return true;
}

}  // namespace

std::optional<PropertyBits> property_bits(Bytes notes, std::uint8_t p2align, std::uint32_t type) {
  const std::uint64_t alignment = p2align >= 3 ? 8 : 4;
  PropertyBits all;
  while (notes.size() != 0) {
    const auto header = notes.load<Elf64_Nhdr>(0);
    if (!header) return std::nullopt;
    const std::optional<Bytes> name = notes.slice(sizeof *header, header->n_namesz);
    const std::uint64_t at = align_up(sizeof *header + std::uint64_t{header->n_namesz}, alignment);
    const std::optional<Bytes> properties = notes.slice(at, header->n_descsz);
    if (!name || !properties) return std::nullopt;
    if (header->n_type == NT_GNU_PROPERTY_TYPE_0 && name->text() == std::string_view("GNU\0", 4)) {
      if (!add_bits_of_note(*properties, type, all)) return std::nullopt;
    }
    notes = rest(notes, align_up(at + header->n_descsz, alignment));
  }
  return all;
}

}  // namespace enfold::read
