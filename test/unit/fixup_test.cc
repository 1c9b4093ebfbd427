// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of x86-64: each with the fields that it describes, alone and through a link.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "arch/arch.h"
#include "elf_patch.h"
#include "fakes.h"
#include "fixup.h"
#include "reloc/reloc.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min(), kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kLead = 8;  // bytes kept before and after a field
constexpr std::byte kKept{0x5a};

using Cell = std::array<std::byte, kLead + 8 + kLead>;

Cell fresh(std::byte field = kKept) {
  Cell cell;
  cell.fill(kKept);
  std::fill_n(cell.begin() + kLead, 8, field);
  return cell;
}

// The field's integer, sign or zero extended as its range says.
std::int64_t decoded(const FixupDesc& desc, const std::byte* field) {
  std::uint64_t word = 0;
  std::memcpy(&word, field, desc.width);
  if (desc.width == 8 || desc.lo >= 0) return static_cast<std::int64_t>(word);
  const unsigned shift = 64u - desc.width * 8u;
  return static_cast<std::int64_t>(word << shift) >> shift;
}

// Equal as bits of the field: a row for 8 bits takes signed and unsigned ones.
bool same_bits(const FixupDesc& desc, std::int64_t a, std::int64_t b) {
  return desc.width == 8 ? a == b : (static_cast<std::uint64_t>(a ^ b) << (64 - desc.width * 8)) == 0;
}

std::vector<const FixupDesc*> rows_with_fields() {
  std::vector<const FixupDesc*> rows;
  for (const FixupDesc& desc : x86_64().fixups) {
    if (desc.width != 0) rows.push_back(&desc);
  }
  return rows;
}

class FixupRow : public testing::TestWithParam<const FixupDesc*> {
 protected:
  const FixupDesc& desc() const { return *GetParam(); }
  std::vector<std::int64_t> values() const {
    if (desc().any) return {0, 1, -1, kMin, kMax, 0x0123'4567'89ab'cdef};
    return {0, 1, desc().lo, desc().lo + 1, desc().hi - 1, desc().hi / 3};
  }
};

INSTANTIATE_TEST_SUITE_P(X8664, FixupRow, testing::ValuesIn(rows_with_fields()),
                         [](const auto& row) { return std::string("Row").append(row.param->name); });

TEST_P(FixupRow, WhatIsEncodedIsRead) {
  for (const std::int64_t value : values()) {
    Cell cell = fresh();
    x86_64().encode(desc(), cell.data() + kLead, value);
    EXPECT_TRUE(same_bits(desc(), decoded(desc(), cell.data() + kLead), value)) << value;
  }
}

// The plain ones are written without a look at the other columns.
TEST_P(FixupRow, PlainFormSaysWhatTheRowSays) {
  const PlainForm form = desc().plain;
  if (form == PlainForm::kNone) return;
  const bool address = form == PlainForm::kAddress64;
  EXPECT_EQ(desc().expr == Expr::kAbsolute, address);
  EXPECT_TRUE(address || desc().expr == Expr::kRelative || desc().expr == Expr::kCall);
  EXPECT_EQ(desc().width, width_of(form));
  EXPECT_EQ(desc().any, form != PlainForm::kDistance32);
  EXPECT_TRUE(spans(desc(), x86_64().zone_span));
  constexpr std::int64_t kWord = 0x0102'0304;
  Cell encoded = fresh();
  x86_64().encode(desc(), encoded.data() + kLead, kWord);
  EXPECT_EQ(std::memcmp(encoded.data() + kLead, &kWord, desc().width), 0);
}

TEST_P(FixupRow, BytesAroundTheFieldStay) {
  for (const std::int64_t value : values()) {
    Cell cell = fresh();
    x86_64().encode(desc(), cell.data() + kLead, value);
    EXPECT_TRUE(std::all_of(cell.begin(), cell.begin() + kLead, [](std::byte b) { return b == kKept; }));
    EXPECT_TRUE(std::all_of(cell.begin() + kLead + desc().width, cell.end(), [](std::byte b) { return b == kKept; }));
  }
}

TEST_P(FixupRow, WhatTheFieldHeldBeforeIsGone) {
  for (const std::int64_t value : values()) {
    Cell clean = fresh(std::byte{0}), dirty = fresh(std::byte{0xff});
    x86_64().encode(desc(), clean.data() + kLead, value);
    x86_64().encode(desc(), dirty.data() + kLead, value);
    EXPECT_TRUE(std::equal(clean.begin() + kLead, clean.begin() + kLead + desc().width, dirty.begin() + kLead));
  }
}

TEST_P(FixupRow, AppliedTwiceGivesTheSameBytes) {
  for (const std::int64_t value : values()) {
    Cell once = fresh();
    x86_64().encode(desc(), once.data() + kLead, value);
    Cell twice = once;
    x86_64().encode(desc(), twice.data() + kLead, value);
    EXPECT_EQ(once, twice);
  }
}

TEST_P(FixupRow, RangeIsWhatTheFieldHolds) {
  if (desc().any) {
    EXPECT_TRUE(fits(desc(), kMin) && fits(desc(), kMax));
    return;
  }
  EXPECT_TRUE(fits(desc(), desc().lo));
  EXPECT_FALSE(fits(desc(), desc().lo - 1));
  EXPECT_TRUE(fits(desc(), desc().hi - 1));
  EXPECT_FALSE(fits(desc(), desc().hi));
}

TEST_P(FixupRow, DistinctValuesInRangeDifferInTheField) {
  if (desc().any || desc().lo == -desc().hi / 2) return;  // 8 and 16 take signed and unsigned values
  EXPECT_FALSE(same_bits(desc(), desc().lo, desc().hi - 1));
}

TEST_P(FixupRow, FitsFromAWindowIsFitsFromBothEnds) {
  if (desc().any) return;
  constexpr std::uint64_t kLo = 0x7f00'0000'0000, kHi = kLo + 100;
  const std::uint64_t highest = kLo + static_cast<std::uint64_t>(desc().hi) - 1;  // as seen from the low end
  const std::uint64_t lowest = kHi + static_cast<std::uint64_t>(desc().lo);
  EXPECT_TRUE(fits_from(desc(), highest, kLo, kHi));
  EXPECT_FALSE(fits_from(desc(), highest + 1, kLo, kHi));
  EXPECT_TRUE(fits_from(desc(), lowest, kLo, kHi));
  EXPECT_FALSE(fits_from(desc(), lowest - 1, kLo, kHi));
}

const FixupDesc& desc_of(const RelocationRow& row) { return x86_64().fixups[row.kind]; }

template <class Wanted>
auto supported_types(Wanted&& wanted) {
  std::vector<const RelocationRow*> rows;
  for (const RelocationRow& row : elf_x86_64().rows) {
    if (!row.refusal.empty() || is_thread_local(desc_of(row).expr)) continue;  // those: thread_relax_test.cc
    if (desc_of(row).width != 0 && wanted(desc_of(row))) rows.push_back(&row);
  }
  return testing::ValuesIn(rows);
}

std::string name_of(const testing::TestParamInfo<const RelocationRow*>& row) { return std::string(row.param->name); }

// Through a link: a field of each supported type, 8 bytes into a read-only section, against a symbol of the set.

class RelocationType : public testing::TestWithParam<const RelocationRow*> {
 protected:
  static constexpr std::uint64_t kBase = 0x1000'0000;  // below 2 GiB, for what holds addresses

  const FixupDesc& desc() const { return desc_of(*GetParam()); }

  // The second field has a slot, so that there is a GOT.
  Patched object(std::int64_t addend) const {
    Patched made(assembled(".section .rodata.field,\"a\",@progbits\n"
                           ".globl field, object, other\n"
                           "field: .quad 0x5a5a5a5a5a5a5a5a, 0x5a5a5a5a5a5a5a5a, 0x5a5a5a5a5a5a5a5a\n"
                           ".reloc 8, R_X86_64_64, object\n"
                           ".section .rodata.other,\"a\",@progbits\n"
                           ".quad 0\n"
                           ".reloc 0, R_X86_64_GOTPCREL, other\n"
                           ".data\n"
                           ".quad 0, 0, 0, 0, 0\n"
                           "object: .quad 1\n"
                           ".size object, 8\n"
                           "other: .quad 2\n"));
    made.set_type(".rodata.field", GetParam()->type);  // the assembler does not know all of them by name
    made.set_addend(".rodata.field", addend);
    return made;
  }

  struct Outcome {
    std::int64_t value = 0;  // in the field
    bool around_kept = false;
    std::uint64_t S = 0, P = 0, GOT = 0;
    std::uint64_t first_slot = 0;  // what it holds
  };

  Expected<Outcome> link(std::int64_t addend) {
    FakeProcess process(kBase);
    const Patched made = object(addend);
    Expected<LinkedSet> set = process.session->link(set_of(made.bytes()));
    if (!set) return std::unexpected(std::move(set).error());
    Outcome out;
    out.S = value(must(set->address("object")));
    out.P = value(must(set->address("field"))) + kLead;
    const auto cell = process.memory->at(out.P - kLead, 3 * kLead);
    out.value = decoded(desc(), cell.data() + kLead);
    const auto kept = [](std::byte b) { return b == kKept; };
    out.around_kept = std::ranges::all_of(cell.first(kLead), kept) &&
                      std::ranges::all_of(cell.subspan(kLead + desc().width), kept);
    for (const PlannedSegment& segment : set->plan().segments) {
      if (segment.slot_count != 0) out.GOT = value(segment.base);
    }
    out.first_slot = process.memory->word_at(out.GOT);
    return out;
  }

  // The field's value with addend 0, whether it fits or not.
  std::int64_t origin() {
    const Expected<Outcome> out = link(0);
    return out ? out->value : out.error().range().value().value;
  }

  // Addend 0's value by the psABI's formula.
  std::uint64_t formula(const Outcome& out) const {
    switch (desc().expr) {
      case Expr::kAbsolute: return out.S;
      case Expr::kRelative:
      case Expr::kCall: return out.S - out.P;
      case Expr::kCallFromGot:
      case Expr::kFromGot: return out.S - out.GOT;
      case Expr::kSlotFromGot: return 0;
      case Expr::kSlotRelative: return out.GOT - out.P;
      case Expr::kGotRelative: return out.GOT - out.P;
      case Expr::kSize: return 8;
      default: break;  // thread_relax_test.cc
    }
    throw std::logic_error("no formula");
  }
};

class AddressType : public RelocationType {};  // can hold addresses and distances
class SlotType : public RelocationType {};
class NarrowType : public RelocationType {};
class WideType : public RelocationType {};

INSTANTIATE_TEST_SUITE_P(ElfX8664, AddressType, supported_types([](const auto& d) { return d.width >= 4; }), name_of);
INSTANTIATE_TEST_SUITE_P(ElfX8664, SlotType, supported_types([](const auto& d) {
                           return d.expr == Expr::kSlotRelative || d.expr == Expr::kSlotFromGot;
                         }), name_of);
INSTANTIATE_TEST_SUITE_P(ElfX8664, NarrowType, supported_types([](const auto& d) { return !d.any; }), name_of);
INSTANTIATE_TEST_SUITE_P(ElfX8664, WideType, supported_types([](const auto& d) { return d.any; }), name_of);

TEST_P(AddressType, HoldsTheAbisValue) {
  const Outcome out = must(link(0));
  EXPECT_EQ(static_cast<std::uint64_t>(out.value), formula(out));
}

TEST_P(SlotType, SlotHoldsTheSymbolsAddress) {
  const Outcome out = must(link(0));
  EXPECT_EQ(out.first_slot, out.S);
}

TEST_P(NarrowType, EndsOfTheRangeAreAccepted) {
  for (const std::int64_t end : {desc().lo, desc().hi - 1}) {
    const Outcome out = must(link(end - origin()));
    EXPECT_TRUE(same_bits(desc(), out.value, end)) << out.value << " for " << end;
    EXPECT_TRUE(out.around_kept);
  }
}

TEST_P(NarrowType, OnePastEitherEndIsAnError) {
  for (const std::int64_t past : {desc().lo - 1, desc().hi}) {
    const Error error = error_of(link(past - origin()));
    ASSERT_EQ(error.code(), ErrorCode::kOutOfRange) << error.text();
    EXPECT_EQ(error.range()->value, past);
    EXPECT_EQ(error.range()->lo, desc().lo);
    EXPECT_EQ(error.range()->hi, static_cast<std::uint64_t>(desc().hi));
    EXPECT_EQ(error.place().relocation, GetParam()->name);
  }
}

TEST_P(WideType, HoldsAnything) {
  const std::int64_t start = origin();
  for (const std::int64_t addend : {kMax, kMin, std::int64_t{-1}}) {
    const auto sum = static_cast<std::uint64_t>(start) + static_cast<std::uint64_t>(addend);
    EXPECT_EQ(static_cast<std::uint64_t>(must(link(addend)).value), sum);
  }
}

TEST(Relocations, NoneAsksForNothing) {
  FakeProcess process;
  const LinkedSet set = must(process.session->link(set_of(assembled(".data\n"
                                                                    ".globl field, nobody\n"
                                                                    "field: .quad 0x5a5a5a5a5a5a5a5a\n"
                                                                    ".reloc 0, R_X86_64_NONE, nobody\n"))));
  EXPECT_EQ(process.memory->word_at(value(must(set.address("field")))), 0x5a5a'5a5a'5a5a'5a5a);
}

class RefusedType : public testing::TestWithParam<const RelocationRow*> {};

std::vector<const RelocationRow*> refused_types() {
  std::vector<const RelocationRow*> rows;
  for (const RelocationRow& row : elf_x86_64().rows) {
    if (!row.refusal.empty()) rows.push_back(&row);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(ElfX8664, RefusedType, testing::ValuesIn(refused_types()), name_of);

TEST_P(RefusedType, IsNamedWithItsPlaceAndTheReason) {
  Patched made(assembled(".section .data.here,\"aw\",@progbits\n"
                         ".long 0\n"
                         ".quad object\n"
                         "object: .quad 0\n"));
  made.set_type(".data.here", GetParam()->type);
  FakeProcess process;
  const Error error = error_of(process.session->link(set_of(made.bytes())));
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(error.place().object, "a.o");
  EXPECT_EQ(error.place().section, ".data.here");
  EXPECT_EQ(error.place().offset, 4u);
  EXPECT_EQ(error.place().relocation, GetParam()->name);
  EXPECT_EQ(error.message(), GetParam()->refusal);
}

TEST(Relocations, UnknownTypeIsNamedByItsNumber) {
  Patched made(assembled(".data\n.quad object\n.globl object\nobject: .quad 0\n"));
  made.set_type(".data", 250);
  FakeProcess process;
  const Error error = error_of(process.session->link(set_of(made.bytes())));
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_NE(error.text().find("250"), std::string::npos) << error.text();
}

}  // namespace
}  // namespace enfold::test
