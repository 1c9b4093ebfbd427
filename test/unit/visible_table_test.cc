// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of a session's visible names: the first definition of a name stays, and taking one out loses no other.
#include "visible_table.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/set_record.h"

namespace enfold::test {
namespace {

// Symbols named by their numbers.
class Symbols {
 public:
  explicit Symbols(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      names_.push_back("symbol_" + std::to_string(i));
      all.push_back({.name = names_.back(), .hash = hash_of(names_.back())});
    }
  }
  std::deque<ExportedSymbol> all;

 private:
  std::deque<std::string> names_;
};

TEST(VisibleTable, FindsWhatWasInserted) {
  Symbols symbols(1000);
  VisibleTable table;
  EXPECT_EQ(table.find(hashed("symbol_1")), nullptr);
  for (const ExportedSymbol& symbol : symbols.all) EXPECT_EQ(table.insert({.symbol = &symbol}), nullptr);
  for (const ExportedSymbol& symbol : symbols.all) {
    ASSERT_NE(table.find(symbol.hashed_name()), nullptr);
    EXPECT_EQ(table.find(symbol.hashed_name())->symbol, &symbol);
  }
  EXPECT_EQ(table.find(hashed("symbol_1000")), nullptr);
  EXPECT_EQ(table.find(hashed("")), nullptr);
}

TEST(VisibleTable, TheFirstDefinitionStays) {
  Symbols first(1), second(1);
  VisibleTable table;
  EXPECT_EQ(table.insert({.symbol = &first.all[0]}), nullptr);
  EXPECT_EQ(table.insert({.symbol = &second.all[0]})->symbol, &first.all[0]);
  EXPECT_EQ(table.find(hashed("symbol_0"))->symbol, &first.all[0]);
  *table.find(hashed("symbol_0")) = {.symbol = &second.all[0]};
  EXPECT_EQ(std::as_const(table).find(hashed("symbol_0"))->symbol, &second.all[0]);
}

// Each erasure moves others up, over the table's end, too.
TEST(VisibleTable, ErasingLosesNoOther) {
  Symbols symbols(700);
  VisibleTable table;
  std::vector<const ExportedSymbol*> order;
  for (const ExportedSymbol& symbol : symbols.all) {
    table.insert({.symbol = &symbol});
    order.push_back(&symbol);
  }
  std::ranges::shuffle(order, std::mt19937(7));
  for (std::size_t gone = 0; gone < order.size(); ++gone) {
    table.erase(*table.find(order[gone]->hashed_name()));
    EXPECT_EQ(table.find(order[gone]->hashed_name()), nullptr);
    for (std::size_t i = gone + 1; i < order.size(); ++i) {
      ASSERT_NE(table.find(order[i]->hashed_name()), nullptr) << order[i]->name << " after " << gone;
    }
  }
  EXPECT_EQ(table.insert({.symbol = order[0]}), nullptr);
}

TEST(VisibleTable, ASmallerOneHasTheSameNames) {
  Symbols symbols(10'000);
  VisibleTable table;
  table.shrink();
  for (const ExportedSymbol& symbol : symbols.all) table.insert({.symbol = &symbol});
  for (std::size_t i = 0; i < symbols.all.size(); ++i) {
    if (i % 100 != 0) table.erase(*table.find(symbols.all[i].hashed_name()));
  }
  table.shrink();
  for (std::size_t i = 0; i < symbols.all.size(); ++i) {
    EXPECT_EQ(table.find(symbols.all[i].hashed_name()) != nullptr, i % 100 == 0) << i;
  }
}

}  // namespace
}  // namespace enfold::test
