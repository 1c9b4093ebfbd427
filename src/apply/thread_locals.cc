// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "apply/thread_locals.h"

#include <cstring>
#include <utility>

#include "apply/addresses.h"
#include "apply/relocate.h"
#include "diagnostics.h"
#include "plan/needs.h"

namespace enfold {
namespace {

void put_word(const LinkState& link, const Need& need, std::uint64_t index, std::uint64_t word) {
  const FixupDesc& desc = link.arch->fixups[link.arch->absolute_word];
  std::byte* at = working(link, need.segment, need.offset + index * link.arch->slot_size);
  link.arch->encode(desc, at, static_cast<std::int64_t>(word));
}

void put_words(const LinkState& link, const Need& need, std::uint64_t first, std::uint64_t second) {
  put_word(link, need, 0, first);
  put_word(link, need, 1, second);
}

// What a slot speaks of: a place in a module's block.
struct Variable {
  ThreadModule module{};
  std::uint64_t offset = 0;
  bool at_pointer = false;  // or nobody defines it

  std::uint64_t from_pointer() const { return at_pointer ? 0 : offset + static_cast<std::uint64_t>(module.tp_offset); }
};

Variable variable_of(const LinkState& link, const Need& need) {
  if (need.object != kNone<ObjectIndex>) {
    return {.module = link.threads.modules.front(),
            .offset = link.object(need.object).addresses[SymbolIndex{need.symbol}]};
  }
  const Global& global = link.globals[need.symbol];
  const GlobalIndex id{need.symbol};
  if (global.origin == Origin::kNull) return {.at_pointer = true};
  return {.module = link.threads.modules[global.thread_module],
          .offset = id == link.threads.base ? 0 : effective_address(link, global),
          .at_pointer = is_thread_pointer(link, id)};
}

void put_descriptor(const LinkState& link, const Need& need, const Variable& variable) {
  const ThreadFunctions& functions = link.threads.functions;
  if (variable.at_pointer || variable.module.is_static) {
    return put_words(link, need, value(functions.static_descriptor), variable.from_pointer());
  }
  put_words(link, need, value(functions.dynamic_descriptor),
            pack_thread_argument(variable.module.id, static_cast<std::int64_t>(variable.offset)));
}

void write_slot(const LinkState& link, const Need& need) {
  const Variable variable = variable_of(link, need);
  switch (need.kind) {
    case NeedKind::kThreadOffset: return put_word(link, need, 0, variable.from_pointer());
    case NeedKind::kThreadIndex: return put_words(link, need, variable.module.id, variable.offset);
    case NeedKind::kThreadModule: return put_words(link, need, variable.module.id, 0);
    default: return put_descriptor(link, need, variable);
  }
}

void write_sections(LinkState& link, const Object& object, Outcome& outcome) {
  for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
    const Section& section = object.sections[SectionIndex{i}];
    if (section.role != SectionRole::kThreadLocal || !section.in_image() || section.zero || section.size == 0) continue;
    std::memcpy(link.threads.image.data() + section.offset, section.bytes, section.size);
    if (section.relocation_count != 0) relocate_section(link, object, SectionIndex{i}, outcome);
  }
}

}  // namespace

Expected<void> write_thread_image(LinkState& link) {
  link.threads.image.assign(link.threads.image_size, std::byte{0});
  Outcome outcome;
  for (const Object& object : link.objects) {
    if (object.has_thread_locals) write_sections(link, object, outcome);
  }
  return std::move(outcome.diagnostics).result("values do not fit their fields");
}

void write_thread_slots(const LinkState& link) {
  for (const Need& need : link.needs) {
    if (slot_words(need.kind) != 0 && need.kind != NeedKind::kSlot) write_slot(link, need);
  }
}

}  // namespace enfold
