// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/describe.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "face.h"
#include "runtime/linked_ranges.h"
#include "runtime/symbol_map.h"

namespace enfold {
namespace {

constexpr std::uint64_t kRunGap = 16;  // between segments that are one run

// A value of the index is the address of a record or, marked, that of stubs: both are aligned.
constexpr std::uint64_t kStubs = 1;

SetRecord* record_of(std::uint64_t value) { return reinterpret_cast<SetRecord*>(value); }
std::uint64_t value_of(SetRecord& set) { return reinterpret_cast<std::uint64_t>(&set); }
FaceStubs* stubs_of(std::uint64_t value) { return reinterpret_cast<FaceStubs*>(value & ~kStubs); }
std::uint64_t value_of(FaceStubs& stubs) { return reinterpret_cast<std::uint64_t>(&stubs) | kStubs; }

// Of a longer run, only so much is described: the index has a node for each MiB.
constexpr std::uint64_t kLongestRun = std::uint64_t{1} << 36;

// What the set has of the address space, in few ranges: in a chunk or block its segments are one run.
template <class Visit>
void for_each_run(const SetRecord& set, Visit&& visit_run) {
  const auto visit = [&](AddressRange run) { visit_run({run.lo, std::min(run.hi, run.lo + kLongestRun)}); };
  AddressRange run;
  for (const Block::Segment& segment : std::span(set.block.segments).subspan(set.tables_alone ? 1 : 0)) {
    if (segment.size == 0) continue;
    const std::uint64_t lo = value(segment.base), hi = lo + segment.size;
    const bool joins = run.hi != 0 && lo >= run.hi && lo - run.hi < kRunGap;
    if (run.hi != 0 && !joins) visit(run);
    run = {joins ? run.lo : lo, hi};
  }
  if (run.hi != 0) visit(run);
}

// The nearest symbol before the address that has it, as far as is known: one without a size goes on to the run's end.
void note_export(const SetRecord& set, std::uint64_t address, AddressNote& note) {
  const ExportedSymbol* nearest = nullptr;
  for (const ExportedSymbol& symbol : set.exports()) {
    const std::uint64_t lo = value(symbol.address);
    if (lo > address || lo < note.range.lo || (symbol.size != 0 && address - lo >= symbol.size)) continue;
    const bool nearer = nearest == nullptr || lo > value(nearest->address);
    if (nearer || (symbol.address == nearest->address && symbol.name < nearest->name)) nearest = &symbol;
  }
  if (nearest == nullptr) return;
  note.symbol = nearest->name;
  note.range.lo = value(nearest->address);
  if (nearest->size != 0) note.range.hi = note.range.lo + nearest->size;
}

void fill(const SetRecord& set, AddressRange run, std::uint64_t address, AddressNote& note) {
  note = {.set = set.name, .object = {}, .section = {}, .symbol = {}, .range = run};
  if (set.report && set.report->symbol_map) {
    note_place(*set.report->symbol_map, address, note);
  } else {
    note_export(set, address, note);
  }
  note.offset = address - note.range.lo;
}

void fill(const FaceStubs& face, std::uint64_t address, AddressNote& note) {
  const auto next = std::ranges::upper_bound(face.stubs, address, {}, &FaceStubs::Stub::lo);
  const std::uint64_t hi = next == face.stubs.end() ? face.range.hi : next->lo;
  const FaceStubs::Stub& stub = *(next - 1);
  note = {.set = face.set, .object = {}, .section = kStubSection, .symbol = stub.symbol, .range = {stub.lo, hi}};
  note.offset = address - stub.lo;
}

// Calls found(note) while the record cannot go.
template <class Found>
bool find(const Session::State& session, TargetAddr address, Found&& found) {
  return runtime::linked_ranges().find(value(address), [&](const AddressRange& run, std::uint64_t known) {
    const bool stub = (known & kStubs) != 0;
    if ((stub ? stubs_of(known)->session : record_of(known)->session.get()) != &session) return false;
    AddressNote note;
    if (stub) {
      fill(*stubs_of(known), value(address), note);
    } else {
      fill(*record_of(known), run, value(address), note);
    }
    found(note);
    return true;
  });
}

// Those that this version has made.
std::unique_ptr<FaceStubs> list_stubs(const SetRecord& set) {
  auto face = std::make_unique<FaceStubs>();
  face->set = set.name;
  face->session = set.session.get();
  for (const auto& [name, entry] : set.versions->face->entries) {
    face->stubs.push_back({.lo = value(entry.stub), .symbol = name});
  }
  std::ranges::sort(face->stubs, {}, &FaceStubs::Stub::lo);
  for (const Block::Segment& segment : set.versions->face_block.segments) {
    if (segment.protection != Protection::kReadExecute || segment.size == 0 || face->stubs.empty()) continue;
    face->range = {face->stubs.front().lo, value(segment.base) + segment.size};
  }
  return face;
}

void show_stubs(SetRecord& set) {
  std::unique_ptr<FaceStubs> face = list_stubs(set);
  if (face->range.hi == 0) return;
  runtime::linked_ranges().insert(face->range, value_of(*face));
  set.versions->face_stubs = face.release();
}

}  // namespace

void show_addresses(SetRecord& set) {
  runtime::linked_ranges().insert_all([&](auto&& visit) { for_each_run(set, visit); }, value_of(set));
  set.described = true;
  if (set.versions && set.versions->face_reserved) show_stubs(set);
}

void hide_stubs(FaceStubs* stubs) noexcept { runtime::linked_ranges().erase(stubs->range, value_of(*stubs)); }

namespace runtime {

void let_go_of_described(std::uint64_t known) noexcept {
  if ((known & kStubs) != 0) {
    delete stubs_of(known);
  } else {
    const std::shared_ptr<SetRecord> last = std::move(record_of(known)->behind);
  }
}

}  // namespace runtime

void hide_addresses(SetRecord& set) noexcept {
  if (!std::exchange(set.described, false)) return;
  set.behind = set.shared_from_this();
  runtime::linked_ranges().erase_all([&](auto&& visit) { for_each_run(set, visit); }, value_of(set));
}

bool describe(const Session::State& session, TargetAddr address, AddressNote& note) noexcept {
  return find(session, address, [&](const AddressNote& found) { note = found; });
}

std::optional<Description> describe(const Session::State& session, TargetAddr address) {
  std::optional<Description> description;
  find(session, address, [&](const AddressNote& note) {
    description = Description{.set = std::string(note.set),
                              .object = std::string(note.object),
                              .section = std::string(note.section),
                              .symbol = std::string(note.symbol),
                              .range = note.range,
                              .offset = note.offset};
  });
  return description;
}

}  // namespace enfold
