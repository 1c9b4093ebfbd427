// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "render_json.h"

#include <fmt/format.h>

#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <enfold/printable.h>
#include <nlohmann/json.hpp>

#include "totals.h"

namespace tool {
namespace {

using Json = nlohmann::ordered_json;  // members in the documented order

constexpr int kVersion = 1;

std::uint64_t alignment(unsigned p2align) { return std::uint64_t{1} << p2align; }

// Strings that are empty because unknown are null, so that "" is never a name.
Json text(const std::string& s) { return s.empty() ? Json(nullptr) : Json(s); }

Json place(const enfold::Place& p) {
  return {{"object", text(p.object)},
          {"section", text(p.section)},
          {"offset", p.offset ? Json(*p.offset) : Json(nullptr)},
          {"relocation", text(p.relocation)}};
}

Json segment(const enfold::PlannedSegment& s) {
  return {{"protection", name(s.protection)},
          {"zone", s.zone},
          {"size", s.size},
          {"written_size", s.written_size},
          {"alignment", alignment(s.p2align)},
          {"section_count", s.section_count},
          {"slot_count", s.slot_count},
          {"slot_size", s.slot_size},
          {"stub_count", s.stub_count},
          {"stub_size", s.stub_size}};
}

Json need(const enfold::PlannedNeed& n) {
  return {{"kind", name(n.kind)},
          {"reason", name(n.reason)},
          {"zone", n.zone},
          {"symbol", n.symbol},
          {"demangled", enfold::demangle(n.symbol)},
          {"symbol_object", text(n.symbol_object)},
          {"shared_with", text(n.shared_with)},
          {"size", n.size},
          {"use_count", n.use_count},
          {"first_use", place(n.first_use)}};
}

Json unresolved(const enfold::UnresolvedSymbol& u) {
  Json references = Json::array();
  for (const enfold::Place& p : u.references) references.push_back(place(p));
  return {{"symbol", u.name},
          {"demangled", enfold::demangle(u.name)},
          {"reference_count", u.reference_count},
          {"references", std::move(references)}};
}

Json section(const enfold::PlannedSection& s) {
  return {{"object", s.object}, {"section", s.name}, {"segment", s.segment},
          {"offset", s.offset}, {"size", s.size},    {"alignment", alignment(s.p2align)}};
}

Json symbol(const enfold::PlannedSymbol& s) {
  return {{"symbol", s.name}, {"demangled", enfold::demangle(s.name)}, {"origin", text(s.origin)}, {"size", s.size}};
}

Json pass(const enfold::PassTime& p) { return {{"pass", p.pass}, {"nanoseconds", p.time.count()}}; }

Json thread_storage(const enfold::PlannedThreadStorage& t) {
  return {{"size", t.size},
          {"image_size", t.image_size},
          {"alignment", alignment(t.p2align)},
          {"section_count", t.section_count},
          {"static", t.is_static}};
}

template <class T>
Json list(const std::vector<T>& items, Json (*make)(const T&)) {
  Json array = Json::array();
  for (const T& item : items) array.push_back(make(item));
  return array;
}

Json totals(const enfold::Plan& plan) {
  const Totals t = totals_of(plan);
  return {{"size", t.size},
          {"written_size", t.written_size},
          {"own_pages_size", t.own_pages_size},
          {"waste_size", t.own_pages_size - t.size},
          {"slot_count", t.slot_count},
          {"slot_size", t.slot_size},
          {"stub_count", t.stub_count},
          {"stub_size", t.stub_size},
          {"shared_slot_count", plan.shared_slot_count},
          {"shared_stub_count", plan.shared_stub_count},
          {"copy_count", plan.count(enfold::NeedKind::kCopy)},
          {"common_count", plan.count(enfold::NeedKind::kCommon)},
          {"object_count", plan.object_count},
          {"section_count", plan.section_count},
          {"relocation_count", plan.relocation_count},
          {"relaxed_count", plan.relaxed_count},
          {"discarded_section_count", plan.discarded_section_count},
          {"discarded_size", plan.discarded_size},
          {"unresolved_count", plan.unresolved.size()}};
}

std::string hexadecimal(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(byte));
  return text;
}

// Each once.
void collect_not_utf8(const Json& json, Json& found, std::set<std::string>& seen) {
  if (json.is_structured()) {
    for (const Json& item : json) collect_not_utf8(item, found, seen);
  } else if (json.is_string()) {
    const auto& name = json.get_ref<const std::string&>();
    if (enfold::is_utf8(name) || !seen.insert(name).second) return;
    found.push_back({{"text", name}, {"bytes", hexadecimal(name)}});
  }
}

}  // namespace

std::string render_json(const enfold::Plan& plan, bool sections) {
  Json json = {{"version", kVersion},
               {"set", plan.set},
               {"architecture", plan.architecture},
               {"window", {{"lo", plan.window.lo}, {"hi", plan.window.hi}}},
               {"zone_count", plan.zone_count},
               {"control_flow", {{"landing_pads", plan.landing_pads}, {"shadow_stack", plan.shadow_stack}}},
               {"inputs", plan.inputs},
               {"segments", list(plan.segments, segment)},
               {"needs", list(plan.needs, need)},
               {"unresolved", list(plan.unresolved, unresolved)}};
  if (plan.threads.size != 0) json["thread_storage"] = thread_storage(plan.threads);
  if (sections) {
    json["sections"] = list(plan.sections, section);
    json["symbols"] = list(plan.symbols, symbol);
  }
  json["totals"] = totals(plan);
  json["passes"] = list(plan.passes, pass);
  // Names come from object files and need not be UTF-8: what is not is replaced, and the bytes are told apart from it.
  Json others = Json::array();
  std::set<std::string> seen;
  collect_not_utf8(json, others, seen);
  if (!others.empty()) json["not_utf8"] = std::move(others);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tool
