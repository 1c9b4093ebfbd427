// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "mutate.h"

#include <algorithm>
#include <iterator>

#include "elf_edit.h"

namespace enfold::fuzz {

// Values at which arithmetic goes wrong: ends of types, of the file, and neighbours of what stood there.
std::uint64_t Mutator::odd_value(std::uint64_t old, std::uint64_t file_size) {
  const std::uint64_t one = 1;
  const std::uint64_t values[] = {0,
                                  1,
                                  2,
                                  3,
                                  4,
                                  7,
                                  8,
                                  16,
                                  24,
                                  63,
                                  64,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0x100,
                                  0xfff,
                                  0x1000,
                                  0xfeff,
                                  0xff00,
                                  0xfff1,
                                  0xfff2,
                                  0xffff,
                                  0x10000,
                                  0x7fff'ffff,
                                  0x8000'0000,
                                  0xffff'fffe,
                                  0xffff'ffff,
                                  one << 32,
                                  (one << 40),
                                  one << 45,
                                  (one << 46) - 1,
                                  one << 46,
                                  one << 47,
                                  one << 62,
                                  (one << 63) - 1,
                                  one << 63,
                                  ~one,
                                  ~(one - 1),
                                  old + 1,
                                  old - 1,
                                  old * 2,
                                  old / 2,
                                  old ^ 0x80,
                                  ~old,
                                  old << 8,
                                  old + 8,
                                  old - 8,
                                  old + 4,
                                  old - 4,
                                  file_size,
                                  file_size - 1,
                                  file_size + 1,
                                  file_size - old,
                                  below(64),
                                  below(file_size),
                                  random_()};
  return values[below(std::size(values))];
}

void Mutator::flip_bits(std::vector<std::byte>& bytes) {
  for (std::uint64_t n = 1 + below(8); n != 0; --n) bytes[below(bytes.size())] ^= std::byte{1} << below(8);
}

void Mutator::set_bytes(std::vector<std::byte>& bytes) {
  const std::uint64_t at = below(bytes.size()), size = std::min(1 + below(16), bytes.size() - at);
  const auto value = static_cast<std::byte>(below(3) == 0 ? 0xff : below(256));
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, value);
}

void Mutator::truncate(std::vector<std::byte>& bytes) { bytes.resize(1 + below(bytes.size())); }

void Mutator::edit_field(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  const std::vector<Field> fields = edit.fields();
  const Field field = fields[below(fields.size())];
  edit.put(field, odd_value(edit.get(field), edit.bytes().size()));
  bytes = std::move(edit.bytes());
}

void Mutator::swap_fields(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  const std::vector<Field> fields = edit.fields();
  const Field a = fields[below(fields.size())], b = fields[below(fields.size())];
  const std::uint64_t from_a = edit.get(a), from_b = edit.get(b);
  edit.put(a, from_b);
  edit.put(b, from_a);
  bytes = std::move(edit.bytes());
}

void Mutator::splice(std::vector<std::byte>& bytes) {
  const std::vector<std::byte>& other = pick().bytes;
  const std::uint64_t keep = below(bytes.size()), from = below(other.size());
  bytes.resize(keep);
  bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
  if (bytes.empty()) bytes.resize(1);
}

void Mutator::duplicate_range(std::vector<std::byte>& bytes) {
  const std::uint64_t from = below(bytes.size()), to = below(bytes.size());
  const std::uint64_t size = std::min({1 + below(256), bytes.size() - from, bytes.size() - to});
  std::copy_n(std::vector<std::byte>(bytes).begin() + static_cast<std::ptrdiff_t>(from), size,
              bytes.begin() + static_cast<std::ptrdiff_t>(to));
}

void Mutator::change(std::vector<std::byte>& bytes) {
  if (bytes.empty()) bytes.resize(1);
  switch (below(16)) {
    case 0:
      return flip_bits(bytes);
    case 1:
      return set_bytes(bytes);
    case 2:
      return truncate(bytes);
    case 3:
      return splice(bytes);
    case 4:
      return duplicate_range(bytes);
    case 5:
      return swap_fields(bytes);
    default:
      return edit_field(bytes);
  }
}

std::vector<std::byte> Mutator::next() {
  std::vector<std::byte> bytes = pick().bytes;
  for (std::uint64_t n = 1 + below(4); n != 0; --n) change(bytes);
  return bytes;
}

}  // namespace enfold::fuzz
