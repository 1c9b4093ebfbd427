// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections are copied and relocated in input order by one thread, or in parts by several: runs of a few dozen sections.
// A part has its own count and its own findings, which are put together in input order at the end, so that nothing
// depends on how many threads took parts or which took which. What writing a section reads is fixed by then
// (`addresses` was the last to change it); what it writes is the section's own bytes and the padding before it, and
// Need::used.
#include "apply/write.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "apply/addresses.h"
#include "apply/relocate.h"
#include "apply/search_table.h"
#include "apply/thread_locals.h"
#include "diagnostics.h"
#include "large_memory.h"
#include "plan/bound_functions.h"
#include "plan/fragments.h"
#include "plan/frames.h"
#include "plan/needs.h"
#include "workers.h"

namespace enfold {
namespace {

// A gap that alignment left: what runs off the function before it meets a trap. A wide one stays untouched but for its
// first page, as it would take memory.
void fill(LinkState& link, std::uint32_t segment, std::uint64_t end, std::uint64_t size) {
  if (link.segments[segment].protection != Protection::kReadExecute) return;
  const std::uint64_t filled = std::min(size, std::uint64_t{1} << link.arch->page_p2align);
  std::memset(working(link, segment, end - size), std::to_integer<int>(link.arch->code_fill), filled);
}

// Sections that one thread writes in a go.
struct Part {
  ObjectIndex object{};   // its first section: of that object's contents
  std::size_t first = 0;
  Outcome outcome{};
};

constexpr std::size_t kSectionsPerPart = 64;

ScratchVector<Part> cut_into_parts(LinkState& link) {
  ScratchVector<Part> parts(&link.scratch);
  std::size_t room = 0;
  for (std::uint32_t o = 0; o < link.objects.size(); ++o) {
    const std::size_t count = link.objects[o].contents.size();
    for (std::size_t s = 0; s < count;) {
      if (room == 0) {
        parts.push_back({.object = ObjectIndex{o}, .first = s});
        room = kSectionsPerPart;
      }
      const std::size_t taken = std::min(room, count - s);
      s += taken;
      room -= taken;
    }
  }
  return parts;
}

void write_section(LinkState& link, const Object& object, SectionIndex index, Outcome& outcome) {
  const Section& section = object.sections[index];
  if (section.laid_size() == 0) return;
  if (section.lead != 0) fill(link, section.segment, section.offset, section.lead);
  std::byte* out = working(link, section.segment, section.offset);
  if (section.pieces().empty()) {
    std::memcpy(out, section.bytes, section.size);
  } else {
    for (const Piece& piece : section.pieces()) std::memcpy(out + piece.to, section.bytes + piece.from, piece.size);
    if (section.fragment() != Fragment::kNone) {
      write_around_fragment(link, section, out);
    } else {
      mend_frames(section, out);
    }
  }
  outcome.written_size += section.laid_size();
  if (section.relocation_count != 0) relocate_section(link, object, index, outcome);
}

void write_sections(LinkState& link, const Object& object, std::span<const SectionIndex> sections, Outcome& outcome) {
  for (const SectionIndex i : sections) {
    if (object.sections[i].role != SectionRole::kThreadLocal) write_section(link, object, i, outcome);
  }
}

void write_part(LinkState& link, Part& part) {
  std::size_t first = part.first, left = kSectionsPerPart;
  for (std::uint32_t o = raw(part.object); o < link.objects.size() && left != 0; ++o, first = 0) {
    const Object& object = link.objects[o];
    if (first == 0) fetch_next(link, ObjectIndex{o});
    const auto here = object.contents.subspan(first, std::min(left, object.contents.size() - first));
    write_sections(link, object, here, part.outcome);
    left -= here.size();
  }
}

// A thread costs 40 us from its start to its end, and the set's calls of the kernel concern two processors from there
// on. A MiB takes 0.4 ms into fresh pages, as much as 32,000 relocations. Measured, sets that take less than some five
// milliseconds gain nothing from a second thread.
constexpr std::uint64_t kWorthOfThread = std::uint64_t{2} << 20, kWorthOfRelocation = 32;

unsigned threads_worth_starting(const LinkState& link, unsigned wanted) {
  std::uint64_t size = 0;
  for (const Segment& segment : link.segments) size += segment.written_size;
  return threads_worth(size, link.relocation_count, wanted);
}

// Whoever touches a large page first has it cleared, and others that do at that moment clear one each for nothing: where
// several threads write, they touch each page once before. Only an alignment beyond such a page leaves any out.
[[gnu::cold]] std::vector<std::byte*> large_pages(const LinkState& link) {
  std::vector<std::byte*> pages;
  for (std::uint32_t i = 0; i < link.segments.size(); ++i) {
    if (std::uint64_t{1} << link.segments[i].p2align > kLargePage) continue;
    std::byte* const begin = working(link, i, 0);
    const std::size_t lead = -reinterpret_cast<std::uintptr_t>(begin) & (kLargePage - 1);
    for (std::size_t at = lead; at < link.segments[i].written_size; at += kLargePage) pages.push_back(begin + at);
  }
  return pages;
}

[[gnu::cold]] Outcome write_in_parts(LinkState& link, unsigned threads) {
  const std::vector<std::byte*> pages = large_pages(link);
  link.workers.for_each_part(pages.size(), threads, [&](std::size_t i) {
    *static_cast<volatile std::byte*>(pages[i]) = std::byte{0};  // as it is
  });
  ScratchVector<Part> parts = cut_into_parts(link);
  link.workers.for_each_part(parts.size(), threads, [&](std::size_t i) { write_part(link, parts[i]); });
  Outcome all;
  for (Part& part : parts) {
    all.written_size += part.outcome.written_size;
    all.relaxed_count += part.outcome.relaxed_count;
    all.diagnostics.append(std::move(part.outcome.diagnostics));
  }
  return all;
}

Outcome write_contents(LinkState& link, unsigned threads) {
  if (threads > 1) return write_in_parts(link, threads);
  Outcome outcome;
  for (const Object& object : link.objects) {
    fetch_next(link, object.index);
    write_sections(link, object, object.contents, outcome);
  }
  return outcome;
}

void write_stub(LinkState& link, const Need& stub) {
  const TargetAddr at = address_of(link, stub), slot = address_of(link, link.need(stub.slot));
  std::byte* out = working(link, stub.segment, stub.offset);
  if (stub.kind != NeedKind::kBoundStub) return link.stubs->write(out, at, slot);
  const BoundFunction& function = kBoundFunctions[link.globals[stub.symbol].bound_function];
  const TargetAddr handle = address_of(link, segment_of(stub.zone, SegmentRole::kConstant), 0);
  link.stubs->write_bound(out, at, slot, function.handle_argument, handle);
}

bool is_indirect(const LinkState& link, const Need& need) {
  if (need.object != kNone<ObjectIndex>) {
    return link.object(need.object).symbols[SymbolIndex{need.symbol}].type == SymbolType::kIndirectFunction;
  }
  const Global& global = link.globals[need.symbol];
  return global.origin == Origin::kSet && global.type == SymbolType::kIndirectFunction;
}

// Where the symbol itself is, whatever stands for it: of an indirect function, its resolver.
std::uint64_t definition_address(const LinkState& link, const Need& need) {
  if (need.object == kNone<ObjectIndex>) return link.globals[need.symbol].value;
  const Object& object = link.object(need.object);
  return symbol_address(link, object, object.symbols[SymbolIndex{need.symbol}]);
}

// What a slot holds: the symbol's address, or where its stub jumps.
std::uint64_t slot_content(const LinkState& link, const Need& slot) {
  if (slot.object != kNone<ObjectIndex>) {
    if (slot.holds_target) return definition_address(link, slot);
    return link.object(slot.object).addresses[SymbolIndex{slot.symbol}];
  }
  const Global& global = link.globals[slot.symbol];
  if (global.synthetic == Synthetic::kBoundStub && slot.holds_target) return link.global(global.behind).value;
  if (slot.holds_target) return global.value;
  if (global.origin == Origin::kSynthetic) return synthetic_address(link, global, slot.zone);
  return effective_address(link, global);
}

// The stub that is the address of the slot's function for the whole set, if there is one.
NeedIndex canonical_stub_of(const LinkState& link, const Need& slot) {
  const NeedIndex head = slot.object == kNone<ObjectIndex>
                             ? link.globals[slot.symbol].needs
                             : link.object(slot.object).local_needs[SymbolIndex{slot.symbol}];
  return canonical_stub(link, head);
}

bool waits_for_resolver(const LinkState& link, const Need& slot) {
  if (!is_indirect(link, slot)) return false;
  return slot.holds_target || canonical_stub_of(link, slot) == kNone<NeedIndex>;
}

void put_word(const LinkState& link, const Need& need, std::uint64_t word) {
  const FixupDesc& desc = link.arch->fixups[link.arch->absolute_word];
  link.arch->encode(desc, working(link, need.segment, need.offset), static_cast<std::int64_t>(word));
}

void write_needs(LinkState& link) {
  if (link.needs.empty()) return;
  for (const Need& need : link.needs) {
    if (need.sharing != 0) continue;
    if (is_stub(need.kind)) {
      write_stub(link, need);
    } else if (need.kind == NeedKind::kSlot) {
      if (!waits_for_resolver(link, need)) put_word(link, need, slot_content(link, need));
    } else if (need.kind == NeedKind::kCopy) {
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the library's data in this process
      const auto* original = reinterpret_cast<const std::byte*>(link.globals[need.symbol].value);
      std::memcpy(working(link, need.segment, need.offset), original, need.size);
    }
  }
  for_each_zone(link, [&](ZoneIndex i, const Zone& zone) {
    const ZoneTables& tables = zone.tables;
    if (tables.stubs_lead != 0) fill(link, segment_of(i, SegmentRole::kCode), tables.stubs_at, tables.stubs_lead);
  });
  write_thread_slots(link);
}

// Who loads the address of a function from its slot uses the stub that is its address: a canonical one, or, of a
// function like atexit, the one that binds its argument.
void use_stub_in_slot(LinkState& link, const Need& slot) {
  if (slot.holds_target) return;
  NeedIndex stub = canonical_stub_of(link, slot);
  if (slot.object == kNone<ObjectIndex> && link.globals[slot.symbol].synthetic == Synthetic::kBoundStub) {
    stub = find_need(link, link.globals[slot.symbol].needs, NeedKind::kBoundStub, slot.zone);
  }
  if (stub != kNone<NeedIndex>) link.need(stub).used = true;
}

// Others see what the resolver chose, unless a stub is the function's address; a stub that a replaced version has
// already is yet to lead there.
bool is_exported_indirect(const LinkState& link, const Global& global) {
  if (global.origin != Origin::kSet || global.type != SymbolType::kIndirectFunction) return false;
  const Object& object = link.object(global.object);
  const NeedIndex stub = canonical_stub(link, global.needs);
  return object.sections[object.symbols[global.symbol].section].in_image() &&
         (stub == kNone<NeedIndex> || link.need(stub).sharing == kFaceSharing);
}

}  // namespace

unsigned threads_worth(std::uint64_t size, std::uint64_t relocation_count, unsigned wanted) {
  return threads_for(size + relocation_count * kWorthOfRelocation, kWorthOfThread, wanted);
}

Expected<void> write_image(LinkState& link, unsigned thread_count) {
  Outcome outcome = write_contents(link, threads_worth_starting(link, thread_count));
  link.usage.written_size += outcome.written_size;
  link.usage.relaxed_count += outcome.relaxed_count;
  write_needs(link);
  if (outcome.diagnostics.empty()) write_search_tables(link);
  return std::move(outcome.diagnostics).result("values do not fit their fields");
}

bool is_settled(const LinkState& link, const Need& slot) {
  const Global& global = link.globals[slot.symbol];
  if (global.switchable || global.origin == Origin::kNull) return false;
  return !slot.holds_target && !waits_for_resolver(link, slot) &&
         slot_content(link, slot) == global.value;
}

void resolve_indirect_functions(LinkState& link, RuntimeHooks& runtime) {
  for (Need& need : link.needs) {
    if (need.kind != NeedKind::kSlot || !waits_for_resolver(link, need)) continue;
    put_word(link, need, value(runtime.resolve_indirect(TargetAddr{definition_address(link, need)})));
  }
  for (Global& global : link.globals) {
    if (!is_exported_indirect(link, global)) continue;
    global.value = value(runtime.resolve_indirect(TargetAddr{global.value}));
  }
}

void count_usage(LinkState& link) {
  if (link.needs.empty()) return;
  Usage& usage = link.usage;
  for (const Need& need : link.needs) {
    if (need.kind == NeedKind::kSlot && need.used) use_stub_in_slot(link, need);
  }
  for (const Need& need : link.needs) {
    if (is_stub(need.kind) && need.used && need.sharing == 0) link.need(need.slot).used = true;
  }
  for (const Need& need : link.needs) {
    if (!need.used) continue;
    if (need.sharing != 0) {
      ++(is_stub(need.kind) ? usage.shared_stub_count : usage.shared_slot_count);
    } else if (slot_words(need.kind) != 0) {
      ++usage.slot_count;
      usage.slot_size += need.size;
    } else if (is_stub(need.kind)) {
      ++usage.stub_count;
      usage.stub_size += need.size;
    }
  }
  usage.written_size += usage.slot_size + usage.stub_size;
}

}  // namespace enfold
