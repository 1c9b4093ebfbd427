// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf_crel.h"

#include <cstddef>
#include <optional>

namespace enfold::read {
namespace {

constexpr unsigned kLastShift = 63;  // a number of 64 bits takes ten bytes

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  std::uint64_t at() const { return at_; }
  std::uint64_t left() const { return bytes_.size() - at_; }

  std::optional<std::uint8_t> byte() {
    if (left() == 0) return std::nullopt;
    return static_cast<std::uint8_t>(bytes_.data()[at_++]);
  }

  // DWARF 5, 7.6. Nothing where it does not end, or is larger than a word.
  std::optional<std::uint64_t> uleb128() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift <= kLastShift; shift += 7) {
      const auto b = byte();
      if (!b || (shift == kLastShift && *b > 1)) return std::nullopt;
      result |= std::uint64_t{*b & 0x7fu} << shift;
      if (*b < 0x80) return result;
    }
    return std::nullopt;
  }

  // As two's complement.
  std::optional<std::uint64_t> sleb128() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift <= kLastShift; shift += 7) {
      const auto b = byte();
      if (!b || (shift == kLastShift && *b != 0 && *b != 0x7f)) return std::nullopt;
      result |= std::uint64_t{*b & 0x7fu} << shift;
      if (*b >= 0x80) continue;
      const bool negative = (*b & 0x40) != 0 && shift != kLastShift;
      return negative ? result | ~std::uint64_t{0} << (shift + 7) : result;
    }
    return std::nullopt;
  }

 private:
  Bytes bytes_;
  std::uint64_t at_ = 0;
};

// The one before: all begin at 0. Differences are added as words, so that they may go back.
class Decoder {
 public:
  Decoder(Reader in, unsigned shift) : in_(in), shift_(shift) {}

  // False where a number does not end, or is larger than its field.
  bool read(Elf64_Rela& record) {
    const auto flags = in_.byte();
    if (!flags || !add_offset(*flags)) return false;
    if ((*flags & 1) != 0 && !add_word(symbol_)) return false;
    if ((*flags & 2) != 0 && !add_word(type_)) return false;
    if ((*flags & 4) != 0) {
      const auto more = in_.sleb128();
      if (!more) return false;
      addend_ += *more;
    }
    record = {.r_offset = offset_ << shift_,
              .r_info = ELF64_R_INFO(std::uint64_t{symbol_}, std::uint64_t{type_}),
              .r_addend = static_cast<std::int64_t>(addend_)};
    return true;
  }
  const Reader& in() const { return in_; }

 private:
  static constexpr unsigned kFlagBits = 3, kOffsetBits = 7 - kFlagBits;

  bool add_offset(std::uint8_t flags) {
    offset_ += (flags & 0x7fu) >> kFlagBits;
    if (flags < 0x80) return true;
    const auto more = in_.uleb128();
    if (!more || *more > ~std::uint64_t{0} >> kOffsetBits) return false;
    offset_ += *more << kOffsetBits;
    return true;
  }

  // A difference of two words, or the same as what a word holds of it.
  bool add_word(std::uint32_t& field) {
    constexpr std::uint64_t kMost = 0xffff'ffff;
    const auto more = in_.sleb128();
    if (!more || (*more > kMost && *more < ~kMost)) return false;
    field += static_cast<std::uint32_t>(*more);
    return true;
  }

  Reader in_;
  const unsigned shift_;
  std::uint64_t offset_ = 0, addend_ = 0;
  std::uint32_t symbol_ = 0, type_ = 0;
};

CompactRelocations fault(const char* what, const Reader& in) { return {.fault = what, .fault_at = in.at()}; }

}  // namespace

CompactRelocations read_crel(Bytes section, Arena& arena) {
  Reader in(section);
  const auto header = in.uleb128();
  if (!header) return fault("have no header", in);
  const std::uint64_t count = *header >> 3;
  if ((*header & 4) == 0 && count != 0) return {.implicit_addends = true};
  if (count > in.left()) return fault("are said to be more than there are bytes", in);  // each has one, and mostly more
  const std::span<Elf64_Rela> records = arena.make_for_overwrite<Elf64_Rela>(count);
  Decoder decoder(in, static_cast<unsigned>(*header & 3));
  for (Elf64_Rela& record : records) {
    if (!decoder.read(record)) return fault("have a number that does not end, or is too large", decoder.in());
  }
  if (decoder.in().left() != 0) return fault("end before their section does", decoder.in());
  return {.records = records};
}

}  // namespace enfold::read
