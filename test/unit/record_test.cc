// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a set's record finds by name: its exports lie in the order of their hashes.
#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "compile.h"
#include "runtime/set_record.h"
#include "support.h"

namespace enfold::test {
namespace {

TEST(Record, TellsNamesOfOneHashApart) {
  std::array<ExportedSymbol, 4> symbols = {{{.name = "a", .hash = 3},
                                            {.name = "b", .hash = 5},
                                            {.name = "c", .hash = 5},
                                            {.name = "d", .hash = 9}}};
  SetRecord record;
  std::memcpy(record.make_storage(sizeof symbols), symbols.data(), sizeof symbols);
  record.export_count = symbols.size();
  for (const ExportedSymbol& symbol : symbols) {
    const ExportedSymbol* found = record.find(symbol.hashed_name());
    ASSERT_NE(found, nullptr) << symbol.name;
    EXPECT_EQ(found->name, symbol.name);
  }
  EXPECT_EQ(record.find({"d", 5}), nullptr);
  EXPECT_EQ(record.find({"a", 5}), nullptr);
  EXPECT_EQ(record.find({"a", 10}), nullptr);
}

TEST(Record, FindsEachOfAnyNumberOfNames) {
  for (const int count : {0, 1, 2, 3, 1000}) {
    std::string source = "int none(void) { return 0; }\n";
    for (int i = 0; i < count; ++i) source += "int f" + std::to_string(i) + " = " + std::to_string(i) + ";\n";
    const auto session = new_session();
    const LinkedSet set = must(session->link(private_set(c_object(source))));
    for (int i = 0; i < count; ++i) EXPECT_EQ(*must(set.object<int>("f" + std::to_string(i))), i);
    EXPECT_FALSE(set.address("f" + std::to_string(count)));
  }
}

}  // namespace
}  // namespace enfold::test
