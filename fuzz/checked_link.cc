// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checked_link.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace enfold::fuzz {
namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool opens_files(std::span<const std::byte> bytes) {
  const std::string_view text = text_of(bytes);
  return !text.starts_with(
             "\x7f"
             "ELF") &&
         !text.starts_with("!<arch>\n");
}

class Checks {
 public:
  explicit Checks(Violations& violations) : violations_(violations) {}

  void that(bool holds, const char* otherwise) {
    if (!holds) violations_.push_back(otherwise);
  }

  void error(const Error& error) {
    that(!error.text().empty(), "an error without a text");
    that(!name(error.code()).empty(), "an error without a code");
    that(!error.message().empty(), "an error without a message");
  }

  void usage(const Plan& plan, const Usage& usage) {
    std::uint64_t slots = 0, stubs = 0, slot_size = 0, stub_size = 0, written = 0;
    for (const PlannedSegment& s : plan.segments) {
      slots += s.slot_count;
      stubs += s.stub_count;
      slot_size += s.slot_size;
      stub_size += s.stub_size;
      written += s.written_size;
      that(s.written_size <= s.size, "a segment is written beyond its size");
    }
    that(usage.slot_count == slots && usage.slot_size == slot_size, "slots used are not the slots planned");
    that(usage.stub_count == stubs && usage.stub_size == stub_size, "stubs used are not the stubs planned");
    that(usage.relaxed_count == plan.relaxed_count, "relaxations made are not those planned");
    that(usage.written_size <= written, "more was written than planned");
  }

  void sections(const Plan& plan) {
    std::uint32_t segment = 0;
    std::uint64_t end = 0;
    for (const PlannedSection& s : plan.sections) {
      that(s.segment < plan.segments.size(), "a section in no segment");
      if (s.segment >= plan.segments.size()) return;
      if (s.segment != segment) end = 0;
      segment = s.segment;
      const PlannedSegment& in = plan.segments[segment];
      that(s.offset >= end, "sections overlap");
      end = s.offset + s.size;
      that(end >= s.offset && end <= in.size, "a section ends outside its segment");
      const bool packed = s.name == ".eh_frame";
      that(packed || (value(in.base) + s.offset) % (std::uint64_t{1} << s.p2align) == 0, "a section is misaligned");
    }
  }

  void same(const Plan& before, const Plan& after) {
    that(before.segments.size() == after.segments.size() && before.needs.size() == after.needs.size() &&
             before.size() == after.size() && before.relaxed_count == after.relaxed_count,
         "what was linked is not what was planned");
  }

 private:
  Violations& violations_;
};

void move_into(Violations& to, Violations from) {
  for (std::string& v : from) to.push_back(std::move(v));
}

ObjectSet make_set(std::span<const InputBytes> inputs, const SetOptions& options) {
  ObjectSet set("fuzz");
  set.options() = options;
  for (const InputBytes& input : inputs) {
    if (!opens_files(input.bytes)) set.add_bytes(input.bytes, input.name);
  }
  return set;
}

}  // namespace

CheckedLinker::CheckedLinker()
    : memory_(std::make_shared<MockMemory>()), runtime_(std::make_shared<MockRuntime>(memory_->host_data())) {}

Outcome CheckedLinker::run(std::span<const InputBytes> inputs, const SetOptions& options) {
  Outcome outcome;
  Checks check(outcome.violations);
  SessionOptions session_options;
  session_options.memory = memory_;
  session_options.runtime = runtime_;
  session_options.detail = Detail::kSections;
  {
    auto session = Session::create(session_options);
    Expected<Plan> planned = (*session)->plan(make_set(inputs, options));
    if (!planned) check.error(planned.error());
    check.that(memory_->granted_count() == 0 && runtime_->held_count() == 0, "a plan changed the process");
    Expected<LinkedSet> linked = (*session)->link(make_set(inputs, options));
    outcome.linked = linked.has_value();
    if (linked) {
      check.that(planned.has_value(), "what cannot be planned was linked");
      check.that(linked->plan().unresolved.empty(), "a set with undefined symbols was linked");
      check.usage(linked->plan(), linked->usage());
      check.sections(linked->plan());
      if (planned) check.same(*planned, linked->plan());
      check.that(memory_->granted_count() == 1, "a live set does not hold one block");
      check.that(linked->unload().has_value(), "a set cannot be unloaded");
    } else {
      outcome.code = linked.error().code();
      outcome.text = linked.error().text();
      check.error(linked.error());
    }
    check.that(memory_->granted_count() == 0, "memory was not given back");
    check.that(runtime_->held_count() == 0, "registrations were not taken back");
  }
  move_into(outcome.violations, memory_->take_violations());
  move_into(outcome.violations, runtime_->take_violations());
  return outcome;
}

SetOptions options_from(std::uint8_t bits) {
  SetOptions options;
  options.relax = (bits & 1) == 0;
  options.gc_sections = (bits & 2) != 0;
  options.copy_data = (bits & 4) != 0;
  options.visibility = (bits & 8) != 0 ? Visibility::kPrivate : Visibility::kSession;
  if (options.gc_sections) options.roots = {"main"};
  return options;
}

std::vector<InputBytes> split_inputs(std::span<const std::byte> data) {
  std::vector<InputBytes> inputs;
  while (!data.empty()) {
    std::uint32_t size = 0;
    const bool whole = !opens_files(data) || data.size() < sizeof size;
    if (!whole) {
      std::memcpy(&size, data.data(), sizeof size);
      data = data.subspan(sizeof size);
    }
    const std::size_t taken = whole ? data.size() : std::min<std::size_t>(size, data.size());
    inputs.push_back({data.first(taken), "input-" + std::to_string(inputs.size())});
    data = data.subspan(taken);
  }
  return inputs;
}

}  // namespace enfold::fuzz
