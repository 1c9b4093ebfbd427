// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/layout.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "align.h"
#include "diagnostics.h"
#include "image_header.h"
#include "plan/needs.h"
#include "plan/thread_layout.h"
#include "plan/search_table.h"

namespace enfold {
namespace {

// UBSan's function checks and some profilers read the bytes before a function: code never opens a mapping.
constexpr std::uint64_t kCodeLead = 16;
constexpr std::uint64_t kUnwindTerminator = 4;
constexpr std::uint8_t kUnwindP2align = 3;

// A zone's segments to begin with, by SegmentRole.
constexpr std::array<Segment, kSegmentsPerZone> kEmptyZone = {{
    {.protection = Protection::kRead},         // near
    {.protection = Protection::kReadExecute},
    {.protection = Protection::kRelro},
    {.protection = Protection::kReadWrite},
    {.protection = Protection::kRead},         // large
    {.protection = Protection::kReadWrite},
}};

SegmentRole segment_role(SectionRole role, bool large) {
  switch (role) {
    case SectionRole::kCode: return SegmentRole::kCode;
    case SectionRole::kConstant: return large ? SegmentRole::kLargeConstant : SegmentRole::kConstant;
    case SectionRole::kUnwind: return SegmentRole::kConstant;
    case SectionRole::kRelro: return large ? SegmentRole::kLargeData : SegmentRole::kRelro;
    case SectionRole::kPreinitArray:
    case SectionRole::kInitArray:
    case SectionRole::kFiniArray: return SegmentRole::kRelro;
    default: return large ? SegmentRole::kLargeData : SegmentRole::kData;
  }
}

class Layout {
 public:
  explicit Layout(LinkState& link) : link_(link) {}

  void run() {
    make_segments();
    const bool needs = !link_.needs.empty();
    place_unwind();
    if (needs) place_slots();
    place_bundles_of_arrays();
    place_sections(false);
    place_bundles();
    if (needs) place_stubs();
    if (link_.has_names()) place_names();
    place_copies();
    for (Segment& segment : link_.segments) segment.written_size = segment.size;
    place_sections(true);
    place_zero_bundles();
    place_commons();
    place_huge();
    if (is_replaceable(link_)) place_face();
  }

 private:
  void make_segments() {
    const std::size_t own = link_.zones.size() * kSegmentsPerZone;
    link_.segments.clear();
    link_.segments.reserve(own + kFaceSegments);
    for (Zone& zone : link_.zones) {
      link_.segments.insert(link_.segments.end(), kEmptyZone.begin(), kEmptyZone.end());
      zone.tables = {};
    }
    if (is_replaceable(link_)) link_.segments.resize(own + kFaceSegments);
  }

  // Stubs and slots that outlive this version of the set.
  [[gnu::noinline]] void place_face() {
    const std::uint32_t stubs = face_segment(link_, FaceSegment::kStubs);
    const std::uint32_t slots = face_segment(link_, FaceSegment::kSlots);
    link_.segments[stubs].protection = Protection::kReadExecute;
    link_.segments[slots].protection = Protection::kRelro;
    for (Need& need : link_.needs) {
      if (!need.face || need.sharing != 0) continue;
      const bool slot = need.kind == NeedKind::kSlot;
      need.segment = slot ? slots : stubs;
      need.offset = append(need.segment, need.size, slot ? slot_p2align() : link_.stubs->p2align);
    }
    for (const std::uint32_t i : {stubs, slots}) link_.segments[i].written_size = link_.segments[i].size;
  }

  std::uint8_t slot_p2align() const {
    return static_cast<std::uint8_t>(std::countr_zero(unsigned{link_.arch->slot_size}));
  }

  Segment& segment(ZoneIndex zone, SegmentRole role) { return link_.segments[segment_of(zone, role)]; }
  const ZoneTables& tables_of(const Need& need) const { return link_.zones[raw(need.zone)].tables; }

  // Takes `size` bytes at the segment's end and says where they begin.
  std::uint64_t append(std::uint32_t index, std::uint64_t size, std::uint8_t p2align) {
    return append(link_.segments[index], size, p2align);
  }
  static std::uint64_t append(Segment& s, std::uint64_t size, std::uint8_t p2align) {
    if (s.size == 0 && s.protection == Protection::kReadExecute) s.size = kCodeLead;
    const std::uint64_t at = align_up_p2(s.size, p2align);
    s.p2align = std::max(s.p2align, p2align);
    s.size = at + size;
    return at;
  }

  [[gnu::noinline]] void place_section(ZoneIndex zone, SegmentRole role, Section& section, std::uint8_t p2align) {
    section.segment = segment_of(zone, role);
    Segment& s = link_.segments[section.segment];
    const std::uint64_t end = s.size;
    section.offset = append(s, section.laid_size(), p2align);
    section.lead = static_cast<std::uint16_t>(std::min<std::uint64_t>(section.offset - end, kMostLead));
    ++s.section_count;
  }

  static void add_frames(ZoneTables& tables, const Section& section) {
    if (section.frame_count() != 0) add_frames(tables, section.frame_count(), section.frame_encoding());
  }
  static void add_frames(ZoneTables& tables, std::uint32_t count, std::uint8_t encoding) {
    const bool same = tables.frame_count == 0 || tables.frame_encoding == encoding;
    tables.frame_encoding = same ? encoding : kMixedEncodings;
    tables.frame_count += count;
  }

  // One run without gaps: a gap's zeros would end the table.
  void place_unwind() {
    for (Object& object : link_.objects) {
      for (const SectionIndex i : object.unwind) {
        Section& section = object.sections[i];
        if (section.role != SectionRole::kUnwind || section.laid_size() == 0) continue;
        const bool first = segment(object.zone, SegmentRole::kConstant).size == 0;
        place_section(object.zone, SegmentRole::kConstant, section, first ? kUnwindP2align : std::uint8_t{0});
        add_frames(link_.zones[raw(object.zone)].tables, section);
      }
    }
    for_each_zone(link_, [&](ZoneIndex i, Zone& zone) {
      Segment& s = segment(i, SegmentRole::kConstant);
      if (link_.options->as_shared_object && zone.stub_count + zone.bound_stub_count != 0) place_stub_frames(s, zone);
      if (s.size == 0) return;
      zone.tables.unwind_size = s.size += kUnwindTerminator;
      zone.tables.search_size = search_table_size(zone.tables.frame_count);
      zone.tables.search_at = append(s, zone.tables.search_size, kSearchTableP2align);
    });
  }

  // Any unwinder finds the table of a shared object. Those of other sets are found by way of the library, which knows
  // all stubs (runtime/stub_frames.h).
  static constexpr std::uint8_t kStubFrameEncoding = 0x1b;  // DW_EH_PE_pcrel | DW_EH_PE_sdata4
  [[gnu::cold, gnu::noinline]] void place_stub_frames(Segment& s, Zone& zone) {
    ZoneTables& tables = zone.tables;
    tables.stub_frames_size = link_.arch->stub_frames.size();
    tables.stub_frames_at = append(s, tables.stub_frames_size, s.size == 0 ? kUnwindP2align : std::uint8_t{0});
    add_frames(tables, 1, kStubFrameEncoding);
  }

  void place_slots() {
    for_each_zone(link_, [&](ZoneIndex i, Zone& zone) {
      if (zone.slot_words == 0) return;
      const std::uint64_t size = std::uint64_t{zone.slot_words} * link_.arch->slot_size;
      zone.tables.slots_at = append(segment(i, SegmentRole::kRelro), size, slot_p2align());
    });
    for (Need& need : link_.needs) {
      if (slot_words(need.kind) == 0 || need.sharing != 0 || need.face) continue;
      need.segment = segment_of(need.zone, SegmentRole::kRelro);
      need.offset = tables_of(need).slots_at + std::uint64_t{need.ordinal} * link_.arch->slot_size;
    }
  }

  // Plain stubs, then those that bind an argument.
  void place_stubs() {
    for_each_zone(link_, [&](ZoneIndex i, Zone& zone) {
      const std::uint64_t size = std::uint64_t{zone.stub_count} * link_.stubs->size +
                                 std::uint64_t{zone.bound_stub_count} * link_.stubs->bound_size;
      if (size == 0) return;
      Segment& code = segment(i, SegmentRole::kCode);
      const std::uint64_t end = code.size;
      zone.tables.stubs_at = append(code, size, link_.stubs->p2align);
      zone.tables.stubs_lead = zone.tables.stubs_at - end;
    });
    for (Need& need : link_.needs) {
      const bool bound = need.kind == NeedKind::kBoundStub;
      if (!is_stub(need.kind) || need.sharing != 0 || need.face) continue;
      const std::uint64_t before =
          bound ? std::uint64_t{link_.zones[raw(need.zone)].stub_count} * link_.stubs->size : 0;
      need.segment = segment_of(need.zone, SegmentRole::kCode);
      need.offset = tables_of(need).stubs_at + before + std::uint64_t{need.ordinal} * need.size;
    }
  }

  [[gnu::cold, gnu::noinline]] void place_names() {
    link_.names.header_at =
        append(segment_of(ZoneIndex{}, SegmentRole::kConstant), image_header_size(link_), kImageHeaderP2align);
    if (!link_.defines(Synthetic::kEmptyFunction)) return;
    const std::uint64_t size = link_.arch->fragment_prologue.size() + link_.arch->fragment_epilogue.size();
    link_.names.function_at = append(segment_of(ZoneIndex{}, SegmentRole::kCode), size, link_.stubs->p2align);
  }

  // Is it laid out with the other sections of its role?
  static bool has_place_of_its_own(const Section& section) {
    if (section.role == SectionRole::kThreadLocal || section.role == SectionRole::kUnwind) return false;
    return section.bundle() == kNone<BundleIndex> && !(section.zero && section.huge);
  }

  [[gnu::noinline]] void place_sections(bool zero) {
    for (Object& object : link_.objects) {
      for (const SectionIndex i : zero ? object.zeros : object.contents) {
        Section& section = object.sections[i];
        if (!section.plain && !has_place_of_its_own(section)) continue;
        place_section(object.zone, segment_role(section.role, section.large), section, section.p2align);
      }
    }
  }

  void place_huge() {
    if (link_.has_huge) place_huge_sections();
  }

  [[gnu::noinline]] void place_huge_sections() {
    std::vector<std::tuple<Section*, ZoneIndex>> huge;
    for (Object& object : link_.objects) {
      if (!object.has_huge) continue;
      for (const SectionIndex i : object.zeros) {
        Section& section = object.sections[i];
        if (!section.huge || section.bundle() != kNone<BundleIndex> || section.role == SectionRole::kThreadLocal)
          continue;
        huge.emplace_back(&section, object.zone);
      }
    }
    std::ranges::stable_sort(huge, {}, [](const auto& h) { return std::get<0>(h)->size; });
    for (const auto& [section, zone] : huge) {
      place_section(zone, segment_role(section->role, section->large), *section, section->p2align);
    }
  }

  [[gnu::noinline]] void place_bundle(Bundle& bundle) {
    if (bundle.members.empty()) return;
    bool first = true;
    for (const Bundle::Member& member : bundle.members) {
      Section& section = link_.section(member.object, member.section);
      place_section(bundle.zone, segment_role(bundle.role, false), section, section.p2align);
      if (first) bundle.begin = section.offset;
      first = false;
      bundle.segment = section.segment;
      bundle.end = section.offset + section.laid_size();
    }
  }

  void place_bundles_of_arrays() {
    for (Bundle& bundle : link_.bundles) {
      if (is_array(bundle.role)) place_bundle(bundle);
    }
  }

  void place_bundles() {
    for (Bundle& bundle : link_.bundles) {
      if (is_array(bundle.role) || bundle.zero) continue;
      order_by_links(bundle);
      place_bundle(bundle);
    }
  }

  void place_zero_bundles() {
    for (Bundle& bundle : link_.bundles) {
      if (!is_array(bundle.role) && bundle.zero) place_bundle(bundle);
    }
  }

  // SHF_LINK_ORDER: in the order of the sections they speak of, behind those that speak of none. So does GNU ld.
  [[gnu::noinline]] void order_by_links(Bundle& bundle) {
    const auto is_linked = [&](const Bundle::Member& m) {
      return raw(link_.section(m.object, m.section).link_order()) != 0;
    };
    if (std::ranges::none_of(bundle.members, is_linked)) return;
    std::ranges::stable_sort(bundle.members, {}, [&](const Bundle::Member& m) {
      const Object& object = link_.object(m.object);
      const Section& linked = object.sections[object.sections[m.section].link_order()];
      return is_linked(m) ? std::tuple(true, linked.segment, linked.offset) : std::tuple(false, 0u, std::uint64_t{0});
    });
  }

  // An object may have several names, each of which has a need: they get one place.
  void place_copies() {
    if (!may_copy_some(link_)) return;
    std::vector<std::pair<CopySource, Need*>> copies;
    for (Need& need : link_.needs) {
      if (need.kind == NeedKind::kCopy) copies.emplace_back(copy_source(link_, link_.globals[need.symbol]), &need);
    }
    std::ranges::stable_sort(copies, {}, [](const auto& copy) { return copy.first; });
    for (std::size_t i = 0, end = 0; i < copies.size(); i = end) {
      const CopySource source = copies[i].first;
      std::uint64_t size = copies[i].second->size;
      for (end = i + 1; end < copies.size(); ++end) {
        const CopySource& other = copies[end].first;
        const bool inside = other.address == source.address || other.address - source.address < size;
        if (other.library != source.library || !inside) break;
        size = std::max(size, other.address - source.address + copies[end].second->size);
      }
      place_copy(std::span(copies).subspan(i, end - i), size);
    }
  }

  void place_copy(std::span<const std::pair<CopySource, Need*>> names, std::uint64_t size) {
    const auto& [source, first] = names.front();
    const bool read_only = std::ranges::all_of(
        names, [&](const auto& name) { return link_.globals[name.second->symbol].read_only; });
    const std::uint32_t at = segment_of(first->zone, read_only ? SegmentRole::kRelro : SegmentRole::kData);
    const auto p2align = static_cast<std::uint8_t>(std::min(6, std::countr_zero(source.address | 64)));
    const std::uint64_t offset = append(at, size, p2align);
    for (const auto& [name, need] : names) {
      need->segment = at;
      need->offset = offset + (name.address - source.address);
    }
  }

  void place_commons() {
    for (Need& need : link_.needs) {
      if (need.kind != NeedKind::kCommon) continue;
      const Global& global = link_.globals[need.symbol];
      if (global.type == SymbolType::kThreadLocal) continue;
      need.segment = segment_of(need.zone, global.large_common ? SegmentRole::kLargeData : SegmentRole::kData);
      need.offset = append(need.segment, need.size, global.common_p2align);
    }
  }

  LinkState& link_;
};

// Members in the order in which they run: by priority, then as the objects come.
void sort_arrays(LinkState& link, Bundle& bundle) {
  std::ranges::stable_sort(bundle.members, {}, [&](const Bundle::Member& m) {
    return link.section(m.object, m.section).array_priority();
  });
}

std::string_view array_stem(SectionRole role) {
  if (role == SectionRole::kPreinitArray) return ".preinit_array";
  return role == SectionRole::kInitArray ? ".init_array" : ".fini_array";
}

// The one bundle of each kind of array: found by name the first time only.
class ArrayBundles {
 public:
  explicit ArrayBundles(LinkState& link) : link_(link) { found_.fill(kNone<BundleIndex>); }

  BundleIndex of(SectionRole role) {
    BundleIndex& index = found_[static_cast<std::size_t>(role) - static_cast<std::size_t>(SectionRole::kPreinitArray)];
    if (index == kNone<BundleIndex>) index = find(role);
    return index;
  }

 private:
  BundleIndex find(SectionRole role) {
    const std::string_view stem = array_stem(role);
    auto found = std::ranges::find(link_.bundles, stem, &Bundle::name);
    if (found == link_.bundles.end()) found = link_.bundles.insert(found, Bundle{.name = stem});
    found->role = role;
    return index_of<BundleIndex>(static_cast<std::size_t>(found - link_.bundles.begin()));
  }

  LinkState& link_;
  std::array<BundleIndex, 3> found_;
};

// A bundle is as writable as its most writable member.
SectionRole stronger(SectionRole a, SectionRole b) {
  constexpr std::array kOrder = {SectionRole::kConstant, SectionRole::kRelro, SectionRole::kCode, SectionRole::kData};
  return std::ranges::find(kOrder, a) < std::ranges::find(kOrder, b) ? b : a;
}

// Whether the first one has bytes in the file, even if none, says whether the others have: GNU ld makes an output
// section of each sort, and the bounds are those of the first.
void add_member(LinkState& link, ObjectIndex object, SectionIndex index, Section& section) {
  Bundle& bundle = link.bundles[raw(section.bundle())];
  if (!bundle.members.empty() && bundle.zero != section.zero) {
    section.detail->bundle = kNone<BundleIndex>;
    return;
  }
  if (bundle.members.empty()) bundle.zone = link.object(object).zone;
  if (!is_array(section.role)) {
    bundle.role = bundle.members.empty() ? section.role : stronger(bundle.role, section.role);
  }
  bundle.zero = section.zero;
  bundle.members.push_back({object, index});
}

// Its bounds are asked for, so it has to be one run; a run has one protection.
bool mixes_code_and_data(const LinkState& link, const Bundle& bundle) {
  bool code = false, data = false;
  for (const Bundle::Member& m : bundle.members) {
    const SectionRole role = link.object(m.object).sections[m.section].role;
    code = code || role == SectionRole::kCode;
    data = data || role == SectionRole::kData || role == SectionRole::kRelro;
  }
  return code && data;
}

Error mixed_bundle(const LinkState& link, const Bundle& bundle) {
  Place place;
  place.object = link.object(bundle.members.back().object).name;
  place.section = bundle.name;
  return Error(ErrorCode::kUnsupported, "sections of this name hold code in one object and writable data in another",
               std::move(place))
      .with_cure("name them differently");
}

[[gnu::noinline]] Expected<void> gather(LinkState& link) {
  Diagnostics diagnostics;
  ArrayBundles arrays(link);
  for (std::uint32_t o = 0; o < link.objects.size(); ++o) {
    Object& object = link.objects[o];
    for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
      Section& section = object.sections[SectionIndex{i}];
      if (!section.in_image()) continue;
      if (is_array(section.role)) detail_of(link.arena, section).bundle = arrays.of(section.role);
      if (section.bundle() != kNone<BundleIndex>) add_member(link, ObjectIndex{o}, SectionIndex{i}, section);
    }
  }
  for (Bundle& bundle : link.bundles) {
    if (is_array(bundle.role)) sort_arrays(link, bundle);
    if (mixes_code_and_data(link, bundle)) diagnostics.add(mixed_bundle(link, bundle));
  }
  return std::move(diagnostics).result("sections cannot be joined");
}

}  // namespace

Expected<void> gather_bundles(LinkState& link) {
  if (link.bundles.empty() && !link.has_arrays) return {};
  return gather(link);
}

void lay_out(LinkState& link) {
  Layout(link).run();
  lay_out_thread_locals(link);
}

}  // namespace enfold
