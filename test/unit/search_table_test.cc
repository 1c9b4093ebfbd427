// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Search tables of unwinding against a walk through the records, for every function of sets large and small.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

// Keeps what it is told of.
class FrameNotes final : public RuntimeHooks {
 public:
  std::vector<FrameTables> told;

  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    return process_->find(library, symbol);
  }
  Expected<void*> open_library(const std::string& path, bool global) override {
    return process_->open_library(path, global);
  }
  void close_library(void* library) noexcept override { process_->close_library(library); }
  void* find_loaded_library(const std::string& path) override { return process_->find_loaded_library(path); }
  Expected<void> register_frames(const FrameTables& frames) override {
    told.push_back(frames);
    return process_->register_frames(frames);
  }
  void deregister_frames(const FrameTables& frames) noexcept override { process_->deregister_frames(frames); }
  TargetAddr resolve_indirect(TargetAddr resolver) override { return process_->resolve_indirect(resolver); }
  Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) override {
    return process_->at_exit(function, argument, handle);
  }
  void finalize(TargetAddr handle) override { process_->finalize(handle); }
  void call_initializer(TargetAddr, int, char**, char**) override {}
  void call_finalizer(TargetAddr) override {}

 private:
  std::shared_ptr<RuntimeHooks> process_ = make_process_runtime();
};

template <class T>
T load(TargetAddr address) {
  T v;
  std::memcpy(&v, reinterpret_cast<const void*>(value(address)), sizeof v);
  return v;
}

// The first record of each function of the code, by a walk. gcc's records: addresses relative to themselves, 4 bytes;
// with the large model 8.
std::map<std::uint64_t, std::uint64_t> walk(const FrameTables& frames) {
  std::map<std::uint64_t, std::uint64_t> records;
  for (TargetAddr at = frames.eh_frame; load<std::uint32_t>(at) != 0; at = at + 4 + load<std::uint32_t>(at)) {
    const auto back = load<std::uint32_t>(at + 4);
    if (back == 0) continue;
    const TargetAddr cie{value(at) + 4 - back};
    const std::size_t letters = std::strlen(reinterpret_cast<const char*>(value(cie) + 9));
    const bool plain = letters == 2;                           // "zR"
    const std::uint64_t data = 9 + letters + 1 + 3 + 1;        // factors, column, size
    const std::uint8_t encoding = load<std::uint8_t>(cie + (plain ? data : data + (letters == 4 ? 6u : 5u)));
    const TargetAddr field = at + 8;
    const std::uint64_t distance = (encoding & 0xf) == 0xb ? static_cast<std::uint64_t>(load<std::int32_t>(field))
                                                           : load<std::uint64_t>(field);
    const std::uint64_t function = distance + value(field);
    if (function - value(frames.code) < frames.code_size) records.try_emplace(function, value(at));
  }
  return records;
}

struct Row {
  std::int32_t function, record;
};

std::vector<Row> rows_of(const FrameTables& frames) {
  std::vector<Row> rows(load<std::uint32_t>(frames.search_table + 8));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = load<Row>(frames.search_table + 12 + i * 8);
  return rows;
}

void expect_agreement(const FrameTables& frames, std::size_t at_least) {
  const auto records = walk(frames);
  const std::vector<Row> rows = rows_of(frames);
  ASSERT_GE(rows.size(), at_least);
  EXPECT_EQ(rows.size(), records.size());
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &Row::function));
  const std::uint64_t base = value(frames.search_table);
  for (const Row& row : rows) {
    const auto found = records.find(base + static_cast<std::uint64_t>(std::int64_t{row.function}));
    ASSERT_NE(found, records.end());
    EXPECT_EQ(found->second, base + static_cast<std::uint64_t>(std::int64_t{row.record}));
  }
}

struct SearchTables : testing::Test {
  std::shared_ptr<FrameNotes> notes = std::make_shared<FrameNotes>();
  std::unique_ptr<Session> session;
  SearchTables() {
    SessionOptions options;
    options.detail = Detail::kSummary;
    options.runtime = notes;
    session = must(Session::create(std::move(options)));
  }
  LinkedSet link(ObjectBytes object, bool gc = false, const char* root = nullptr) {
    ObjectSet set = private_set(object);
    set.options().gc_sections = gc;
    if (root != nullptr) set.options().roots.push_back(root);
    return must(session->link(std::move(set)));
  }
};

std::string many_functions(int count) {
  std::string source = "volatile int v;\n";
  for (int i = 0; i < count; ++i) {
    source += "int f" + std::to_string(i) + "(int n) { v = n; return v + " + std::to_string(i) + "; }\n";
  }
  return source;
}

TEST_F(SearchTables, OfOneFunction) {
  const LinkedSet set = link(c_object("int f(void) { return 1; }"));
  ASSERT_EQ(notes->told.size(), 1u);
  EXPECT_EQ(rows_of(notes->told[0]).size(), 1u);
  expect_agreement(notes->told[0], 1);
}

TEST_F(SearchTables, OfThousandsOfFunctions) {
  const LinkedSet set = link(c_object(many_functions(3000)));
  expect_agreement(notes->told.at(0), 3000);
}

// Each in a section of its own, in another order than their records.
TEST_F(SearchTables, OfFunctionsWhoseSectionsLieElsewhere) {
  const LinkedSet set = link(c_object(
      "__attribute__((section(\".text.c\"))) int c(void) { return 1; }\n"
      "__attribute__((section(\".text.a\"), cold)) int a(void) { return 2; }\n"
      "int z(void) { return 3; }\n", "-O1 -ffunction-sections"));
  expect_agreement(notes->told.at(0), 3);
}

TEST_F(SearchTables, AreSortedWhereRecordsAreNot) {
  const LinkedSet set = link(assembled(".section .text.b,\"ax\",@progbits\n.type late,@function\n"
                                       ".text\n.skip 64\n"
                                       "early:\n.cfi_startproc\nret\n.cfi_endproc\n"
                                       ".section .text.b\nlate:\n.cfi_startproc\nret\n.cfi_endproc\n"
                                       ".text\n.skip 32\nmiddle:\n.cfi_startproc\nret\n.cfi_endproc\n"));
  expect_agreement(notes->told.at(0), 3);
}

// Records of functions that were dropped are left out, and counted nowhere.
TEST_F(SearchTables, OfWhatIsLiveOnly) {
  const LinkedSet set = link(c_object(many_functions(100), "-O1 -ffunction-sections"), true, "f50");
  ASSERT_EQ(notes->told.size(), 1u);
  EXPECT_EQ(rows_of(notes->told[0]).size(), 1u);
  expect_agreement(notes->told[0], 1);
}

TEST_F(SearchTables, OfTheLargeModel) {
  const LinkedSet set = link(c_object(many_functions(20), "-O1 -mcmodel=large -fPIC"));
  expect_agreement(notes->told.at(0), 20);
}

// As compilers write it for the large model: addresses of 8 bytes.
constexpr char kWideRecords[] =
    ".text\nwide: ret\nend:\n"
    ".section .eh_frame,\"a\",@unwind\n"
    "cie: .long cie_end - cie - 4\n.long 0\n.byte 1\n.string \"zR\"\n.uleb128 1\n.sleb128 -8\n.byte 16\n"
    ".uleb128 1\n.byte 0x1c\n.byte 0x0c, 7, 8, 0x90, 1\n.balign 8, 0\ncie_end:\n"
    ".long fde_end - fde\nfde: .long fde - cie\n.quad wide - .\n.quad end - wide\n.uleb128 0\n.balign 8, 0\nfde_end:\n";

TEST_F(SearchTables, OfAddressesOfBothWidths) {
  const LinkedSet alone = link(assembled(kWideRecords));
  expect_agreement(notes->told.at(0), 1);
  ObjectSet set = private_set(c_object(many_functions(20)));
  const ObjectBytes wide = assembled(kWideRecords), more = c_object("int more(int n) { return n + 1; }");
  set.add_bytes(wide, "wide.o");
  set.add_bytes(more, "more.o");
  const LinkedSet both = must(session->link(std::move(set)));
  expect_agreement(notes->told.at(1), 22);
}

TEST_F(SearchTables, OfFunctionsThatCatch) {
  const LinkedSet set = link(cxx_object("void g(int);\n"
                                        "int f(int n) { try { g(n); } catch (...) { return 1; } return 2; }\n"
                                        "void g(int n) { if (n > 1) throw n; }\n"));
  EXPECT_GE(rows_of(notes->told.at(0)).size(), 2u);
  EXPECT_TRUE(std::ranges::is_sorted(rows_of(notes->told.at(0)), {}, &Row::function));
}

TEST_F(SearchTables, ThereIsNoneWithoutUnwindTables) {
  const LinkedSet set = link(c_object("int f(void) { return 1; }", "-O1 -fno-asynchronous-unwind-tables"));
  EXPECT_TRUE(notes->told.empty());
}

TEST_F(SearchTables, AreCountedAsWritten) {
  const std::string source = many_functions(10);
  const LinkedSet with = link(c_object(source));
  const LinkedSet without = link(c_object(source, "-O1 -fno-asynchronous-unwind-tables"));
  std::uint64_t unwind = 0;
  for (const PlannedSegment& s : with.plan().segments) unwind += s.written_size;
  for (const PlannedSegment& s : without.plan().segments) unwind -= s.written_size;
  const FrameTables& frames = notes->told.at(0);
  const std::uint64_t search_size = 12 + 8 * rows_of(frames).size() + 4;
  EXPECT_EQ(value(frames.search_table) + search_size - value(frames.eh_frame), unwind);
  EXPECT_EQ(with.usage().written_size - without.usage().written_size,
            frames.eh_frame_size - 4 + search_size);
}

}  // namespace
}  // namespace enfold::test
