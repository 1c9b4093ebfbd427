// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "apply/addresses.h"

#include <algorithm>

#include "by_object.h"
#include "image_header.h"
#include "plan/needs.h"

namespace enfold {
namespace {

// Calls visit(index, segment) for what is not empty of the zones' segments.
template <class Visit>
void for_each_segment(const LinkState& link, Visit&& visit) {
  for (std::uint32_t i = 0; i < link.zones.size() * kSegmentsPerZone; ++i) {
    if (link.segments[i].size != 0) visit(i, link.segments[i]);
  }
}

// The end of the last segment of code in any zone.
std::uint64_t code_end(const LinkState& link) {
  std::uint64_t end = value(address_of(link, 0, 0));
  for_each_segment(link, [&](std::uint32_t i, const Segment& segment) {
    if (segment.protection != Protection::kReadExecute) return;
    end = std::max(end, value(address_of(link, i, segment.size)));
  });
  return end;
}

// The end of all segments: data comes last, and a program without any has its end where that would begin.
std::uint64_t image_end(const LinkState& link, bool written_only) {
  std::uint64_t end = value(address_of(link, 0, 0));
  for_each_segment(link, [&](std::uint32_t i, const Segment& segment) {
    end = std::max(end, value(address_of(link, i, written_only ? segment.written_size : segment.size)));
  });
  return end;
}

std::uint64_t data_start(const LinkState& link) {
  std::uint64_t start = image_end(link, true);
  for_each_segment(link, [&](std::uint32_t i, const Segment& segment) {
    if (segment.protection == Protection::kReadWrite) start = std::min(start, value(address_of(link, i, 0)));
  });
  return start;
}

std::uint64_t header_part(const LinkState& link, std::uint64_t offset) {
  return value(address_of(link, segment_of(ZoneIndex{}, SegmentRole::kConstant), link.names.header_at + offset));
}

std::uint64_t search_table(const LinkState& link) {
  return value(address_of(link, segment_of(ZoneIndex{}, SegmentRole::kConstant), link.zones.front().tables.search_at));
}

std::uint64_t bundle_bound(const LinkState& link, const Global& global) {
  const Bundle& bundle = link.bundles[raw(global.bundle)];
  const bool start = global.synthetic == Synthetic::kBundleStart;
  return value(address_of(link, bundle.segment, start ? bundle.begin : bundle.end));
}

}  // namespace

std::uint64_t symbol_address(const LinkState& link, const Object& object, const Symbol& symbol) {
  if (symbol.place == SymbolPlace::kAbsolute) return symbol.value;
  if (symbol.place != SymbolPlace::kSection) return 0;
  const Section& section = object.sections[symbol.section];
  if (section.plain) return value(address_of(link, section)) + symbol.value;
  if (section.kept) return section.kept_at() + symbol.value;
  if (!section.in_image()) return 0;
  if (section.role == SectionRole::kThreadLocal) return section.offset + symbol.value;
  const std::uint64_t offset = section.pieces().empty() ? symbol.value : laid_offset(section, symbol.value).value_or(0);
  return value(address_of(link, section)) + offset;
}

std::uint64_t synthetic_address(const LinkState& link, const Global& global, ZoneIndex zone) {
  switch (global.synthetic) {
    case Synthetic::kGotBase: return value(got_base(link, zone));
    case Synthetic::kHandle: return value(address_of(link, segment_of(zone, SegmentRole::kConstant), 0));
    case Synthetic::kBundleStart:
    case Synthetic::kBundleStop: return bundle_bound(link, global);
    case Synthetic::kTextEnd: return code_end(link);
    case Synthetic::kDataEnd: return image_end(link, true);
    case Synthetic::kImageEnd: return image_end(link, false);
    case Synthetic::kImageStart: return value(address_of(link, 0, 0));
    case Synthetic::kDataStart: return data_start(link);
    case Synthetic::kHeader: return header_part(link, 0);
    case Synthetic::kDynamic: return header_part(link, kDynamicAt);
    case Synthetic::kStdinUsed: return header_part(link, kStdinUsedAt);
    case Synthetic::kFrameTable: return search_table(link);
    case Synthetic::kEmptyFunction:
      return value(address_of(link, segment_of(ZoneIndex{}, SegmentRole::kCode), link.names.function_at));
    case Synthetic::kBoundStub: {
      const NeedIndex stub = find_need(link, global.needs, NeedKind::kBoundStub, zone);
      return stub == kNone<NeedIndex> ? 0 : value(address_of(link, link.need(stub)));
    }
    case Synthetic::kThreadBase:
    case Synthetic::kNone: break;
  }
  return 0;
}

NeedIndex standing_for(const LinkState& link, NeedIndex head) {
  for (; head != kNone<NeedIndex>; head = link.need(head).next) {
    const NeedKind kind = link.need(head).kind;
    if (kind == NeedKind::kCanonicalStub || kind == NeedKind::kCopy || kind == NeedKind::kCommon) return head;
  }
  return head;
}

namespace {

void assign(const LinkState& link, Global& global) {
  if (global.origin == Origin::kSet) {
    const Object& object = link.object(global.object);
    global.value = symbol_address(link, object, object.symbols[global.symbol]);
  } else if (global.origin == Origin::kCommon) {
    global.value = effective_address(link, global);
  }
}

// Who refers to the symbol has to mark what stands for it as used.
void note_added(std::uint16_t& facts) {
  facts = static_cast<std::uint16_t>((facts | kAddressAdded) & ~unsigned{kPlain});
}

// False: there is no such need.
bool assign_added(const LinkState& link, const Object& object, SymbolIndex index, NeedIndex needs) {
  const NeedIndex added = standing_for(link, needs);
  if (added == kNone<NeedIndex>) return false;
  object.addresses[index] = value(address_of(link, link.need(added)));
  note_added(object.facts[index]);
  return true;
}

void assign_global(const LinkState& link, const Object& object, SymbolIndex index, const Global& global) {
  if (global.needs != kNone<NeedIndex> && assign_added(link, object, index, global.needs)) return;
  if (global.origin != Origin::kSynthetic) {
    object.addresses[index] = global.value;
    return;
  }
  object.addresses[index] = synthetic_address(link, global, object.zone);
  if (global.synthetic == Synthetic::kBoundStub) note_added(object.facts[index]);
}

void assign(const LinkState& link, const Object& object) {
  const auto first_global = std::min<std::size_t>(raw(object.first_global), object.symbols.size());
  for (std::size_t n = 0; n < first_global; ++n) {
    const auto i = index_of<SymbolIndex>(n);
    object.addresses[i] = symbol_address(link, object, object.symbols[i]);
    if (!object.local_needs.empty()) assign_added(link, object, i, object.local_needs[i]);
  }
  for (std::size_t i = first_global; i < object.symbols.size(); ++i) {
    const auto index = index_of<SymbolIndex>(i);
    assign_global(link, object, index, link.global(object.symbols[index].global));
  }
}

}  // namespace

std::uint64_t thread_pointer_offset(const LinkState& link, std::uint32_t module) {
  return static_cast<std::uint64_t>(link.threads.modules[module].tp_offset);
}

bool is_thread_pointer(const LinkState& link, GlobalIndex global) {
  return link.threads.from_pointer && global == link.threads.base;
}

void assign_addresses(LinkState& link) {
  for_each_global_and_object(link, [&](auto& item) { assign(link, item); });
}

void assign_global_addresses(LinkState& link) {
  for (Global& global : link.globals) assign(link, global);
}

}  // namespace enfold
