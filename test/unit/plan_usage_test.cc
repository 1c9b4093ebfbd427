// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Planned, linked and used must be one, for whatever a compiler emits: programs compiled in many ways, linked into this
// process and never run.
#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

// The process's symbols, and nothing else of it.
class LookUpOnly final : public RuntimeHooks {
 public:
  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    return process_->find(library, symbol);
  }
  Expected<void*> open_library(const std::string& path, bool global) override {
    return process_->open_library(path, global);
  }
  void close_library(void* library) noexcept override { process_->close_library(library); }
  void* find_loaded_library(const std::string& path) override { return process_->find_loaded_library(path); }
  Expected<void> register_frames(const FrameTables&) override { return {}; }
  void deregister_frames(const FrameTables&) noexcept override {}
  TargetAddr resolve_indirect(TargetAddr resolver) override { return resolver; }
  Expected<void> at_exit(void (*)(void*), void*, TargetAddr) override { return {}; }
  void finalize(TargetAddr) override {}
  void call_initializer(TargetAddr, int, char**, char**) override {}
  void call_finalizer(TargetAddr) override {}

 private:
  std::shared_ptr<RuntimeHooks> process_ = make_process_runtime();
};

bool same(const PlannedSegment& a, const PlannedSegment& b) {
  return std::tie(a.protection, a.zone, a.size, a.written_size, a.p2align, a.section_count, a.slot_count, a.stub_count,
                  a.slot_size, a.stub_size) == std::tie(b.protection, b.zone, b.size, b.written_size, b.p2align,
                                                        b.section_count, b.slot_count, b.stub_count, b.slot_size,
                                                        b.stub_size);
}

bool same(const PlannedNeed& a, const PlannedNeed& b) {
  return std::tie(a.kind, a.reason, a.zone, a.symbol, a.symbol_object, a.size, a.use_count) ==
         std::tie(b.kind, b.reason, b.zone, b.symbol, b.symbol_object, b.size, b.use_count);
}

void expect_same(const Plan& planned, const Plan& linked) {
  EXPECT_EQ(planned.zone_count, linked.zone_count);
  EXPECT_EQ(planned.relocation_count, linked.relocation_count);
  EXPECT_EQ(planned.relaxed_count, linked.relaxed_count);
  EXPECT_EQ(planned.size(), linked.size());
  EXPECT_TRUE(std::ranges::equal(planned.segments, linked.segments, [](auto& a, auto& b) { return same(a, b); }));
  EXPECT_TRUE(std::ranges::equal(planned.needs, linked.needs, [](auto& a, auto& b) { return same(a, b); }));
}

struct Totals {
  std::uint64_t slot_count = 0, stub_count = 0, slot_size = 0, stub_size = 0;
};

Totals totals(const Plan& plan) {
  Totals t;
  for (const PlannedSegment& segment : plan.segments) {
    t.slot_count += segment.slot_count;
    t.stub_count += segment.stub_count;
    t.slot_size += segment.slot_size;
    t.stub_size += segment.stub_size;
  }
  return t;
}

void expect_used(const Plan& plan, const Usage& usage) {
  const Totals planned = totals(plan);
  EXPECT_EQ(planned.slot_count, usage.slot_count);
  EXPECT_EQ(planned.stub_count, usage.stub_count);
  EXPECT_EQ(planned.slot_size, usage.slot_size);
  EXPECT_EQ(planned.stub_size, usage.stub_size);
  EXPECT_EQ(plan.relaxed_count, usage.relaxed_count);
}

using Input = std::tuple<const char*, const char*>;

class PlanIsUsage : public testing::TestWithParam<Input> {
 protected:
  static ObjectBytes object() {
    const auto& [program, flags] = GetParam();
    const std::string path = std::string(ENFOLD_TEST_PROGRAMS "/") + program;
    return path.ends_with(".cc") ? cxx_file(path, std::string("-O2 ") + flags)
                                 : c_file(path, std::string("-O2 ") + flags);
  }
};

INSTANTIATE_TEST_SUITE_P(
    Programs, PlanIsUsage,
    testing::Combine(testing::Values("atexit-nested.c", "function-address-library.c", "function-table.c",
                                     "helpers-nonshared.c", "ifunc-static.c", "library-indirect-functions.c",
                                     "pthreads.c", "switch-jump-table.c", "varargs.c", "weak-undefined.c",
                                     "weak-undefined-library.c", "cxx-dynamic-cast.cc", "exception-basic.cc",
                                     "cxx-static-local.cc"),
                     testing::Values("", "-fPIC", "-fno-plt", "-mcmodel=large", "-fno-pic -fno-pie",
                                     "-fcf-protection=full", "-fno-pic -fno-pie -fcf-protection=full")),
    [](const auto& input) {
      std::string name = std::string(std::get<0>(input.param)) + std::get<1>(input.param);
      std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
      return name;
    });

TEST_P(PlanIsUsage, WhatIsPlannedIsLinkedAndUsed) {
  SessionOptions options;
  options.runtime = std::make_shared<LookUpOnly>();
  options.detail = Detail::kSummary;
  const auto session = must(Session::create(options));
  ObjectSet set = set_of(object());
  set.options().copy_data = true;
  const Plan planned = must(session->plan(set));
  const LinkedSet linked = must(session->link(std::move(set)));
  expect_same(planned, linked.plan());
  expect_used(linked.plan(), linked.usage());
}

}  // namespace
}  // namespace enfold::test
