// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects that no assembler makes: records of good ones, changed in place.
#ifndef ENFOLD_TEST_UNIT_ELF_PATCH_H_
#define ENFOLD_TEST_UNIT_ELF_PATCH_H_

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "compile.h"

namespace enfold::test {

class Patched {
 public:
  explicit Patched(ObjectBytes object) : bytes_(object.begin(), object.end()) {}

  ObjectBytes bytes() const { return bytes_; }
  std::vector<std::byte>& raw() { return bytes_; }

  // Sets the addend of the first relocation of `section`.
  void set_addend(std::string_view section, std::int64_t addend) {
    const std::uint64_t at = find(".rela" + std::string(section)).sh_offset + offsetof(Elf64_Rela, r_addend);
    std::memcpy(bytes_.data() + at, &addend, sizeof addend);
  }

  // Sets the type of the first relocation of `section`.
  void set_type(std::string_view section, std::uint32_t type) {
    const std::uint64_t at = find(".rela" + std::string(section)).sh_offset + offsetof(Elf64_Rela, r_info);
    std::memcpy(bytes_.data() + at, &type, sizeof type);
  }

  Elf64_Shdr find(std::string_view name) const {
    const auto file = read<Elf64_Ehdr>(0);
    const auto names = read<Elf64_Shdr>(file.e_shoff + file.e_shstrndx * sizeof(Elf64_Shdr));
    for (std::uint64_t i = 1; i < file.e_shnum; ++i) {
      const auto header = read<Elf64_Shdr>(file.e_shoff + i * sizeof(Elf64_Shdr));
      if (name == reinterpret_cast<const char*>(bytes_.data() + names.sh_offset + header.sh_name)) return header;
    }
    throw std::runtime_error("no such section");
  }

 private:
  template <class T>
  T read(std::uint64_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::vector<std::byte> bytes_;
};

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_ELF_PATCH_H_
