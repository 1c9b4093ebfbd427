// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which fixups are plain, and where fields of trimmed sections are laid out.
#include "plan/plain.h"

#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "arch/x86_64.h"
#include "link_state.h"

namespace enfold::test {
namespace {

constexpr std::uint64_t kWindow = 0x7f00'0000'0000, kWindowSize = std::uint64_t{64} << 20;
constexpr std::int64_t kMargin = std::int64_t{1} << 24;  // what a zone is shorter than 2 GiB by

struct Plain : testing::Test {
  Plain() {
    link.arch = &x86_64();
    link.window = {kWindow, kWindow + kWindowSize};
    link.globals.resize(symbols.size());
    for (std::uint32_t i = 0; i < symbols.size(); ++i) symbols[i].global = GlobalIndex{i};
    object.symbols = Table<SymbolIndex, Symbol>(symbols);
    object.facts = Table<SymbolIndex, std::uint16_t>(facts);
    section.role = SectionRole::kCode;
    section.size = 100;
  }

  PlainForm form(FixupKind kind, std::uint64_t offset = 0, std::int64_t addend = 0, std::uint32_t symbol = 1) {
    note_plain_symbols(link, object);
    const Fixup fixup = {.offset = offset, .addend = addend, .symbol = SymbolIndex{symbol}, .kind = kind};
    return PlainFixups(x86_64(), object, section).form_of(fixup);
  }

  bool is_plain(std::uint16_t symbol_facts, std::uint64_t address = 0) {
    facts[1] = symbol_facts;
    link.globals[1].value = address;
    return form(x86_64_fixup::kRel32) != PlainForm::kNone;
  }

  LinkState link;
  std::array<Symbol, 2> symbols{};
  std::array<std::uint16_t, 2> facts{kNoFacts, kInZone};
  Object object;
  Section section;
};

TEST_F(Plain, ReferencesWithinTheZoneAre) {
  EXPECT_EQ(form(x86_64_fixup::kRel32), PlainForm::kDistance32);
  EXPECT_EQ(form(x86_64_fixup::kCall32), PlainForm::kDistance32);
  EXPECT_EQ(form(x86_64_fixup::kRel64), PlainForm::kDistance64);
  EXPECT_EQ(form(x86_64_fixup::kAbs64), PlainForm::kAddress64);
}

TEST_F(Plain, OtherFieldsAreNot) {
  EXPECT_EQ(form(x86_64_fixup::kAbs32), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kSlotRel32), PlainForm::kNone);
  EXPECT_EQ(form(kUnknownFixup), PlainForm::kNone);
}

TEST_F(Plain, SymbolsWithMoreToThemAreNot) {
  for (const std::uint16_t fact : {kIndirect, kNull, kDead, kIsThreadLocal, kUnresolved, kAddressAdded}) {
    EXPECT_FALSE(is_plain(kInZone | fact)) << fact;
  }
  EXPECT_TRUE(is_plain(kInZone | kIsFunction));
  EXPECT_FALSE(is_plain(kNoFacts));
}

TEST_F(Plain, SymbolsReachedInOtherWaysAreNot) {
  EXPECT_TRUE(is_plain(kInZone));
  link.globals[1].faced = true;
  EXPECT_FALSE(is_plain(kInZone));
  link.globals[1].faced = false;
  link.globals[1].switchable = true;
  EXPECT_FALSE(is_plain(kInZone));
  link.globals[1].switchable = false;
  link.globals[1].synthetic = Synthetic::kBoundStub;
  EXPECT_FALSE(is_plain(kInZone));
}

TEST_F(Plain, KnownAddressesAreWhereTheWholeWindowReachesThem) {
  const std::uint64_t span = x86_64().zone_span;
  EXPECT_TRUE(is_plain(kAddressKnown, kWindow));
  EXPECT_TRUE(is_plain(kAddressKnown, kWindow + span));
  EXPECT_FALSE(is_plain(kAddressKnown, kWindow + span + 1));
  EXPECT_TRUE(is_plain(kAddressKnown, kWindow + kWindowSize - span));
  EXPECT_FALSE(is_plain(kAddressKnown, kWindow + kWindowSize - span - 1));
}

TEST_F(Plain, WhatIsKnownOfAnEarlierWindowIsForgotten) {
  EXPECT_TRUE(is_plain(kAddressKnown, kWindow));
  link.window = {0x10000, 0x20000};
  EXPECT_EQ(form(x86_64_fixup::kRel32), PlainForm::kNone);
}

TEST_F(Plain, AddendsBeyondTheMarginAreNot) {
  EXPECT_NE(form(x86_64_fixup::kRel32, 0, kMargin - 1), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kRel32, 0, kMargin), PlainForm::kNone);
  EXPECT_NE(form(x86_64_fixup::kRel32, 0, -kMargin), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kRel32, 0, -kMargin - 1), PlainForm::kNone);
}

TEST_F(Plain, FieldsOutsideTheSectionAreNot) {
  EXPECT_NE(form(x86_64_fixup::kRel32, 96), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kRel32, 97), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kAbs64, 93), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kRel32, ~std::uint64_t{0}), PlainForm::kNone);
  EXPECT_EQ(form(x86_64_fixup::kRel32, ~std::uint64_t{0} - 3), PlainForm::kNone);
}

TEST_F(Plain, SymbolsThatDoNotExistAreNot) { EXPECT_EQ(form(x86_64_fixup::kRel32, 0, 0, 2), PlainForm::kNone); }

TEST_F(Plain, FieldsWithoutAnAddressOrBytesAreNot) {
  section.role = SectionRole::kThreadLocal;
  EXPECT_EQ(form(x86_64_fixup::kAbs64), PlainForm::kNone);
  section.role = SectionRole::kData;
  EXPECT_NE(form(x86_64_fixup::kAbs64), PlainForm::kNone);
  section.zero = true;
  EXPECT_EQ(form(x86_64_fixup::kAbs64), PlainForm::kNone);
}

TEST_F(Plain, SkippingEndsAtWhatIsNot) {
  note_plain_symbols(link, object);
  const Fixup plain = {.symbol = SymbolIndex{1}, .kind = x86_64_fixup::kRel32};
  const std::array batch = {plain, plain, Fixup{}, plain};
  const PlainFixups fixups(x86_64(), object, section);
  EXPECT_EQ(fixups.skip(batch, 0), 2u);
  EXPECT_EQ(fixups.skip(batch, 2), 2u);
  EXPECT_EQ(fixups.skip(batch, 3), 4u);
  EXPECT_EQ(fixups.skip(batch, 4), 4u);
  EXPECT_EQ(fixups.skip(batch, 5), 5u);  // behind what was rewritten with the batch's last
}

struct PlainLoad : Plain {
  PlainLoad() {
    link.options = &options;
    section.bytes = code.data();
    section.size = code.size();
  }

  bool is_relaxed(std::uint64_t offset = 5) {
    note_plain_symbols(link, object);
    const Fixup fixup = {
        .offset = offset, .addend = -4, .symbol = SymbolIndex{1}, .kind = x86_64_fixup::kSlotRel32RelaxableRex};
    return PlainRelaxations(link, object, section).find(fixup) != nullptr;
  }

  SetOptions options;
  // nop; nop; mov slot(%rip), %rax
  std::array<std::byte, 9> code = {std::byte{0x90}, std::byte{0x90}, std::byte{0x48}, std::byte{0x8b}, std::byte{0x05}};
};

TEST_F(PlainLoad, OfAPlainSymbolIsRewritten) {
  EXPECT_TRUE(is_relaxed());
  facts[1] = kAddressKnown;
  link.globals[1].value = kWindow;
  EXPECT_TRUE(is_relaxed());
}

TEST_F(PlainLoad, OfAnotherSymbolIsNot) {
  facts[1] = kNoFacts;
  EXPECT_FALSE(is_relaxed());
}

TEST_F(PlainLoad, ByAnotherInstructionIsNot) {
  code[3] = std::byte{0x03};  // add
  EXPECT_FALSE(is_relaxed());
}

TEST_F(PlainLoad, OutsideTheSectionIsNot) {
  EXPECT_FALSE(is_relaxed(6));
  EXPECT_FALSE(is_relaxed(2));
  EXPECT_FALSE(is_relaxed(~std::uint64_t{0}));
}

TEST_F(PlainLoad, IsNotWhereNoneIsToBe) {
  options.relax = false;
  EXPECT_FALSE(is_relaxed());
}

TEST_F(PlainLoad, IsNotWhereThereAreNoBytes) {
  section.zero = true;
  EXPECT_FALSE(is_relaxed());
}

// ---- Trimmed sections

struct Trimmed : testing::Test {
  // 10..19 and 40..59 stay, and 60..69 behind a gap in the image.
  std::vector<Piece> pieces = {{.from = 10, .to = 0, .size = 10}, {.from = 40, .to = 10, .size = 20},
                               {.from = 60, .to = 40, .size = 10}};
  SectionDetail detail;
  Section section;
  Trimmed() {
    detail.pieces = pieces;
    section.size = 100;
    section.detail = &detail;
    section.reshaped = true;
    detail.laid_size = 50;
  }
};

TEST_F(Trimmed, OffsetsAreTheSameInWhateverOrder) {
  LaidOffsets rising(section);
  for (std::uint64_t offset = 0; offset < 101; ++offset) {
    EXPECT_EQ(rising.find(offset), laid_offset(section, offset)) << offset;
  }
  LaidOffsets falling(section);
  for (std::uint64_t offset = 101; offset-- > 0;) {
    EXPECT_EQ(falling.find(offset), laid_offset(section, offset)) << offset;
  }
  LaidOffsets leaping(section);
  for (std::uint64_t i = 0; i < 500; ++i) {
    const std::uint64_t offset = i * 37 % 101;
    EXPECT_EQ(leaping.find(offset), laid_offset(section, offset)) << offset;
  }
}

TEST_F(Trimmed, WhatWasCutIsGone) {
  EXPECT_EQ(laid_offset(section, 9), std::nullopt);
  EXPECT_EQ(laid_offset(section, 10), 0u);
  EXPECT_EQ(laid_offset(section, 20), std::nullopt);
  EXPECT_EQ(laid_offset(section, 59), 29u);
  EXPECT_EQ(laid_offset(section, 60), 40u);
  EXPECT_EQ(laid_offset(section, 70), std::nullopt);
  EXPECT_EQ(LaidOffsets(section).find(~std::uint64_t{0}), std::nullopt);
}

TEST_F(Trimmed, NothingIsLeftOfWhatWasCutWhole) {
  detail.pieces = {};
  detail.laid_size = 0;
  EXPECT_EQ(laid_offset(section, 10), std::nullopt);
  EXPECT_EQ(LaidOffsets(section).find(10), std::nullopt);
}

}  // namespace
}  // namespace enfold::test
