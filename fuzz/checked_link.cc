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

CheckedLinker::CheckedLinker(unsigned thread_count)
    : memory_(std::make_shared<MockMemory>()),
      runtime_(std::make_shared<MockRuntime>(memory_->host_data())),
      thread_count_(thread_count) {}

class CheckedLinker::Run {
 public:
  Run(CheckedLinker& linker, Outcome& outcome)
      : memory_(*linker.memory_), runtime_(*linker.runtime_), outcome_(outcome), check_(outcome.violations) {
    SessionOptions options;
    options.memory = linker.memory_;
    options.runtime = linker.runtime_;
    options.detail = Detail::kSections;
    options.thread_count = linker.thread_count_;
    session_ = std::move(*Session::create(options));
  }

  void link(const std::function<ObjectSet()>& make) {
    const std::size_t held = runtime_.held_count();
    const auto make_sharing = [&] {
      ObjectSet set = make();
      for (const LinkedSet& earlier : live_) set.share_with(earlier);
      return set;
    };
    const Expected<Plan> planned = session_->plan(make_sharing());
    if (!planned) check_.error(planned.error());
    check_.that(is_as_before(held), "a plan changed the process");
    ObjectSet set = make_sharing();
    const bool replaceable = set.options().replaceable != Replaceable::kNo;
    Expected<LinkedSet> linked = session_->link(std::move(set));
    if (!linked) {
      check_.that(is_as_before(held), "a failed link changed the process");
      return fail(linked.error());
    }
    check_.that(planned.has_value(), "what cannot be planned was linked");
    check_.that(linked->plan().unresolved.empty(), "a set with undefined symbols was linked");
    check_.usage(linked->plan(), linked->usage());
    check_.sections(linked->plan());
    if (planned) check_.same(*planned, linked->plan());
    live_.push_back(std::move(*linked));
    // A replaceable set has a block for the addresses that it is known by, where it is called from outside.
    const std::size_t fresh = memory_.granted_count() - std::exchange(granted_, memory_.granted_count());
    check_.that(fresh == 1 || (replaceable && fresh == 2), "a live set does not hold one block");
  }

  // A set in use refuses to go; dropped handles go when they can.
  void unload() {
    for (std::size_t i = 0; i + 1 < live_.size(); ++i) {
      const Expected<void> gone = live_[i].unload();
      check_.that(gone || gone.error().code() == ErrorCode::kInUse, "a set cannot be unloaded");
    }
    if (!live_.empty()) check_.that(live_.back().unload().has_value(), "a set cannot be unloaded");
    live_.clear();
    check_.that(memory_.granted_count() == 0, "memory was not given back");
    check_.that(runtime_.held_count() == 0, "registrations were not taken back");
  }

 private:
  bool is_as_before(std::size_t held) const {
    return memory_.granted_count() == granted_ && runtime_.held_count() == held;
  }

  void fail(const Error& error) {
    check_.error(error);
    if (outcome_.code) return;
    outcome_.code = error.code();
    outcome_.text = error.text();
  }

  MockMemory& memory_;
  MockRuntime& runtime_;
  Outcome& outcome_;
  Checks check_;
  std::unique_ptr<Session> session_;
  std::vector<LinkedSet> live_;
  std::size_t granted_ = 0;  // blocks, to those
};

Outcome CheckedLinker::run(std::span<const InputBytes> inputs, const SetOptions& options, Sets sets) {
  Outcome outcome;
  {
    Run run(*this, outcome);
    if (sets == Sets::kOne) {
      run.link([&] { return make_set(inputs, options); });
    } else {
      for (const InputBytes& input : inputs) run.link([&] { return make_set({&input, 1}, options); });
    }
    run.unload();
  }
  return finish(std::move(outcome));
}

Outcome CheckedLinker::run(const std::function<ObjectSet()>& make) {
  Outcome outcome;
  {
    Run run(*this, outcome);
    run.link(make);
    run.unload();
  }
  return finish(std::move(outcome));
}

Outcome CheckedLinker::finish(Outcome outcome) {
  outcome.linked = !outcome.code;
  move_into(outcome.violations, memory_->take_violations());
  move_into(outcome.violations, runtime_->take_violations());
  return outcome;
}

Sets sets_from(std::uint8_t bits) { return (bits & 16) != 0 ? Sets::kOneEach : Sets::kOne; }

SetOptions options_from(std::uint8_t bits) {
  SetOptions options;
  options.relax = (bits & 1) == 0;
  options.gc_sections = (bits & 2) != 0;
  options.copy_data = (bits & 4) != 0;
  options.visibility = (bits & 8) != 0 ? Visibility::kPrivate : Visibility::kSession;
  options.replaceable = (bits & 32) != 0 ? Replaceable::kThroughout : Replaceable::kNo;
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
