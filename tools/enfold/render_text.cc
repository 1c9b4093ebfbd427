// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "render_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include <enfold/printable.h>

#include "totals.h"

namespace tool {
namespace {

using enfold::NeedKind;
using enfold::Place;
using enfold::Plan;
using enfold::PlannedNeed;
using enfold::PlannedSection;
using enfold::PlannedSegment;
using enfold::printable;
using enfold::TargetAddr;

template <class... Args>
void line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  out += '\n';
}

// "10 slots", "1 slot"
std::string counted(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// "4.0 KiB"; exact below that.
std::string human(std::uint64_t size) {
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (size < 1024) return counted(size, "byte");
  double scaled = static_cast<double>(size) / 1024;
  std::size_t unit = 0;
  for (; scaled >= 1024; ++unit) scaled /= 1024;
  return fmt::format("{:.1f} {}", scaled, kUnits[unit]);
}

std::uint64_t alignment(unsigned p2align) { return std::uint64_t{1} << p2align; }

// "main.o: .text+0x12 (R_X86_64_PC32)"
std::string describe(const Place& place) {
  std::string out = printable(place.object);
  if (!place.section.empty()) out += (out.empty() ? "" : ": ") + printable(place.section);
  if (place.offset) out += fmt::format("+{:#x}", *place.offset);
  if (!place.relocation.empty()) out += fmt::format(" ({})", place.relocation);
  return out;
}

std::string shown(const std::string& symbol) { return printable(enfold::demangle(symbol)); }

std::string symbol_of(const PlannedNeed& need) {
  std::string plain = shown(need.symbol);
  return need.symbol_object.empty() ? plain : fmt::format("{} [{}]", plain, printable(need.symbol_object));
}

std::string address_of(enfold::TargetAddr address) {
  return value(address) == 0 ? "-" : fmt::format("{:#x}", value(address));
}

void segments_table(std::string& out, const Plan& plan) {
  line(out, "\nsegments");
  line(out, "  {:<6} {:>4} {:>18} {:>12} {:>12} {:>8} {:>8} {:>7} {:>7}", "", "zone", "address", "bytes", "written",
       "align", "sections", "slots", "stubs");
  for (const PlannedSegment& s : plan.segments) {
    line(out, "  {:<6} {:>4} {:>18} {:>12} {:>12} {:>8} {:>8} {:>7} {:>7}", name(s.protection), s.zone,
         address_of(s.base), s.size, s.written_size, alignment(s.p2align), s.section_count, s.slot_count, s.stub_count);
  }
}

void needs_table(std::string& out, const Plan& plan) {
  if (plan.needs.empty()) return;
  line(out, "\nneeds");
  line(out, "  {:<14} {:<18} {:>4} {:>18} {:>6} {:>6}  {}", "kind", "reason", "zone", "address", "bytes", "uses",
       "symbol, first use");
  for (const PlannedNeed& need : plan.needs) {
    std::string whose = need.shared_with.empty() ? "" : fmt::format(", shared with {}", printable(need.shared_with));
    line(out, "  {:<14} {:<18} {:>4} {:>18} {:>6} {:>6}  {}, {}{}", name(need.kind), name(need.reason), need.zone,
         address_of(need.address), need.size, need.use_count, symbol_of(need), describe(need.first_use), whose);
  }
}

void unresolved_list(std::string& out, const Plan& plan) {
  if (plan.unresolved.empty()) return;
  line(out, "\nunresolved");
  for (const enfold::UnresolvedSymbol& symbol : plan.unresolved) {
    line(out, "  {}, {}", shown(symbol.name), counted(symbol.reference_count, "reference"));
    for (const Place& place : symbol.references) line(out, "    {}", describe(place));
  }
}

// What comes from other sets, where anything does.
void borrowed(std::string& out, const Plan& plan) {
  if (plan.shared_slot_count + plan.shared_stub_count != 0) {
    line(out, "  shared       {}, {}", counted(plan.shared_slot_count, "slot"),
         counted(plan.shared_stub_count, "stub"));
  }
  if (plan.kept_section_count + plan.kept_symbol_count != 0) {
    line(out, "  kept         {}, {}", counted(plan.kept_section_count, "section"),
         counted(plan.kept_symbol_count, "symbol"));
  }
}

// What control-flow protection all code of the set is compiled for.
std::string_view marks(const Plan& plan) {
  if (plan.landing_pads) return plan.shadow_stack ? "landing pads, shadow stack" : "landing pads";
  return plan.shadow_stack ? "shadow stack" : "none";
}

void totals(std::string& out, const Plan& plan) {
  const Totals t = totals_of(plan);
  line(out, "\ntotals");
  line(out, "  bytes        {} in {}", t.size, counted(plan.segments.size(), "segment"));
  line(out, "  own pages    {}, {} of them waste", counted(t.own_pages_size, "byte"), t.own_pages_size - t.size);
  line(out, "  slots        {}, {}", t.slot_count, counted(t.slot_size, "byte"));
  line(out, "  stubs        {}, {}", t.stub_count, counted(t.stub_size, "byte"));
  borrowed(out, plan);
  line(out, "  copies       {}", plan.count(NeedKind::kCopy));
  line(out, "  commons      {}", plan.count(NeedKind::kCommon));
  if (plan.threads.size != 0) {
    line(out, "  tls          {} a thread, {}", counted(plan.threads.size, "byte"),
         plan.threads.is_static ? "static" : "dynamic");
  }
  line(out, "  inputs       {}, {}, {}", counted(plan.object_count, "object"), counted(plan.section_count, "section"),
       counted(plan.relocation_count, "relocation"));
  line(out, "  relaxed      {}", plan.relaxed_count);
  line(out, "  control flow {}", marks(plan));
  line(out, "  discarded    {}, {}", counted(plan.discarded_section_count, "section"),
       counted(plan.discarded_size, "byte"));
  line(out, "  unresolved   {}", plan.unresolved.size());
}

void heading(std::string& out, const Plan& plan) {
  line(out, "set {}: {}, {} in {}", printable(plan.set), plan.architecture, counted(plan.object_count, "object"),
       counted(plan.zone_count, "zone"));
  line(out, "window [{:#x}, {:#x}), {}", plan.window.lo, plan.window.hi, human(plan.window.hi - plan.window.lo));
}

void sections_list(std::string& out, const Plan& plan) {
  line(out, "\nsections");
  line(out, "  {:<6} {:>18} {:>12} {:>8}  {}", "", "address", "bytes", "align", "section");
  for (const PlannedSection& s : plan.sections) {
    if (s.segment >= plan.segments.size()) continue;
    const PlannedSegment& segment = plan.segments[s.segment];
    // Offsets where the plan was not linked: "+0x10" from the segment's start.
    std::string where = value(segment.base) == 0 ? fmt::format("+{:#x}", s.offset)
                                                 : fmt::format("{:#x}", value(segment.base + s.offset));
    line(out, "  {:<6} {:>18} {:>12} {:>8}  {}({})", name(segment.protection), where, s.size, alignment(s.p2align),
         printable(s.object), printable(s.name));
  }
}

void symbols_list(std::string& out, const Plan& plan) {
  line(out, "\nsymbols");
  line(out, "  {:>18} {:>12}  {}", "address", "bytes", "symbol, origin");
  for (const enfold::PlannedSymbol& s : plan.symbols) {
    std::string where = value(s.address) == 0 ? "-" : fmt::format("{:#x}", value(s.address));
    line(out, "  {:>18} {:>12}  {}, {}", where, s.size, shown(s.name), printable(s.origin));
  }
}

void inputs_list(std::string& out, const Plan& plan) {
  line(out, "\ninputs");
  for (const std::string& input : plan.inputs) line(out, "  {}", printable(input));
}

// What relocating counted; the totals say what was planned.
void used(std::string& out, const enfold::Usage& usage) {
  line(out, "\nused");
  line(out, "  slots        {}, {}", usage.slot_count, counted(usage.slot_size, "byte"));
  line(out, "  stubs        {}, {}", usage.stub_count, counted(usage.stub_size, "byte"));
  if (usage.shared_slot_count + usage.shared_stub_count != 0) {
    line(out, "  shared       {}, {}", counted(usage.shared_slot_count, "slot"),
         counted(usage.shared_stub_count, "stub"));
  }
  line(out, "  relaxed      {}", usage.relaxed_count);
}

// All that the session holds, by its provider.
void memory_table(std::string& out, const enfold::MemoryUse& use) {
  line(out, "\nmemory");
  for (const enfold::MemoryUse::Window& window : use.windows) {
    line(out, "  window       [{:#x}, {:#x}), {} taken", window.range.lo, window.range.hi,
         counted(window.taken, "byte"));
  }
  line(out, "  mappings     {}", use.mapping_count);
  line(out, "  granted      {} in {}", counted(use.granted, "byte"), counted(use.block_count, "block"));
  line(out, "  committed    {}, {} of them waste", counted(use.committed, "byte"),
       use.committed - std::min(use.granted, use.committed));
}

void passes_table(std::string& out, const Plan& plan) {
  using Microseconds = std::chrono::duration<double, std::micro>;
  line(out, "\npasses");
  std::chrono::nanoseconds total{};
  for (const enfold::PassTime& pass : plan.passes) {
    line(out, "  {:<12} {:>12.1f} us", pass.pass, Microseconds(pass.time).count());
    total += pass.time;
  }
  line(out, "  {:<12} {:>12.1f} us", "all", Microseconds(total).count());
}

}  // namespace

std::string render_plan(const Plan& plan, bool sections) {
  std::string out;
  heading(out, plan);
  segments_table(out, plan);
  needs_table(out, plan);
  if (sections) {
    sections_list(out, plan);
    symbols_list(out, plan);
  }
  unresolved_list(out, plan);
  totals(out, plan);
  return out;
}

std::string render_stats(const enfold::LinkedSet& set, const enfold::MemoryUse& memory) {
  std::string out;
  heading(out, set.plan());
  passes_table(out, set.plan());
  segments_table(out, set.plan());
  totals(out, set.plan());
  used(out, set.usage());
  memory_table(out, memory);
  return out;
}

std::string render_map(const Plan& plan) {
  std::string out;
  heading(out, plan);
  inputs_list(out, plan);
  segments_table(out, plan);
  sections_list(out, plan);
  needs_table(out, plan);
  symbols_list(out, plan);
  unresolved_list(out, plan);
  totals(out, plan);
  return out;
}

}  // namespace tool
