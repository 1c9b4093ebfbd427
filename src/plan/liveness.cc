// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/liveness.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plan/frames.h"

namespace enfold {
namespace {

struct SectionId {
  ObjectIndex object{};
  SectionIndex section{};
};

// A section that lives when `owner`, of the same object, does: by its unwind record or SHF_LINK_ORDER.
struct Follower {
  SectionIndex owner{};
  SectionIndex section{};
};

struct Reference {
  const Object* object = nullptr;
  SymbolIndex symbol{};
};

class Marker {
 public:
  explicit Marker(LinkState& link) : link_(link), followers_(link.objects.size()) {}

  Expected<void> run() {
    for (Object& object : link_.objects) {
      for (Section& section : object.sections) section.live = section.role == SectionRole::kUnwind;
    }
    for (std::uint32_t i = 0; i < link_.objects.size(); ++i) {
      if (auto done = find_followers(ObjectIndex{i}); !done) return done;
    }
    mark_roots();
    for (const Reference& r : personalities_) mark_symbol(*r.object, r.symbol);
    while (!work_.empty()) {
      const SectionId id = work_.back();
      work_.pop_back();
      mark_company(id);
      mark_references(id);
    }
    for (Object& object : link_.objects) {
      object.has_discards = object.has_discards || std::ranges::any_of(object.sections, [](const Section& s) {
                              return s.role != SectionRole::kIgnored && !s.live;
                            });
    }
    return {};
  }

 private:
  Expected<void> find_followers(ObjectIndex index) {
    Object& object = link_.object(index);
    std::vector<Follower>& followers = followers_[raw(index)];
    for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
      const Section& section = object.sections[SectionIndex{i}];
      if (section.discarded) continue;
      if (raw(section.link_order()) != 0) followers.push_back({section.link_order(), SectionIndex{i}});
      if (section.role != SectionRole::kUnwind) continue;
      if (auto done = follow_frames(object, section, followers); !done) return done;
    }
    std::ranges::stable_sort(followers, {}, &Follower::owner);
    return {};
  }

  // Which function an FDE is for, and what else it refers to.
  Expected<void> follow_frames(const Object& object, const Section& section, std::vector<Follower>& followers) {
    Scratch scratch;
    Frames frames(scratch);
    if (auto done = parse_frames(object, section, frames); !done) return done;
    const std::span<const FrameRecord> records(frames.records);
    std::vector<SectionIndex> owners(records.size());
    const auto record_of = [&](const Fixup& fixup) {
      return std::ranges::upper_bound(records, fixup.offset, {}, &FrameRecord::offset) - records.begin() - 1;
    };
    for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
      const std::ptrdiff_t r = record_of(fixup);
      if (r < 0) return true;
      const FrameRecord& record = records[static_cast<std::size_t>(r)];
      if (!record.is_cie() && fixup.offset == record.offset + kFrameAddressField) {
        owners[static_cast<std::size_t>(r)] = local_section(object, fixup.symbol);
      }
      return true;
    });
    for_each_fixup(object, section, [&](std::uint32_t, const Fixup& fixup) {
      const std::ptrdiff_t r = record_of(fixup);
      if (r < 0) return true;
      const FrameRecord& record = records[static_cast<std::size_t>(r)];
      if (record.is_cie()) {
        personalities_.push_back({&object, fixup.symbol});
      } else if (fixup.offset != record.offset + kFrameAddressField) {
        const SectionIndex target = local_section(object, fixup.symbol);
        if (raw(target) != 0) followers.push_back({owners[static_cast<std::size_t>(r)], target});
      }
      return true;
    });
    return {};
  }

  static SectionIndex local_section(const Object& object, SymbolIndex symbol) {
    if (!object.symbols.contains(symbol)) return SectionIndex{};
    const Symbol& s = object.symbols[symbol];
    return s.place == SymbolPlace::kSection ? s.section : SectionIndex{};
  }

  void mark_roots() {
    for (const Global& global : link_.globals) {
      if (global.root) mark_global(global);
    }
    for (std::uint32_t o = 0; o < link_.objects.size(); ++o) {
      Object& object = link_.objects[o];
      for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
        const Section& section = object.sections[SectionIndex{i}];
        const bool asked_for =
            section.bundle() != kNone<BundleIndex> || object.section_name(section).starts_with(".note");
        const bool root = is_array(section.role) || section.retain || (asked_for && !follows(object, section));
        if (root) mark({ObjectIndex{o}, SectionIndex{i}});
      }
    }
  }

  // Does it live as long as another section of the image does, whoever asks for it?
  static bool follows(const Object& object, const Section& section) {
    const SectionIndex owner = section.link_order();
    return raw(owner) != 0 && object.sections[owner].role != SectionRole::kIgnored;
  }

  // What a section keeps alive is marked when it is taken from the work list: input may nest these as deep as it likes.
  void mark(SectionId id) {
    Section& section = link_.section(id.object, id.section);
    if (section.live || section.discarded || section.role == SectionRole::kIgnored) return;
    section.live = true;
    work_.push_back(id);
  }

  void mark_company(SectionId id) {
    for (SectionIndex i = link_.section(id.object, id.section).next_in_group; raw(i) != 0 && i != id.section;) {
      const Section& member = link_.section(id.object, i);
      mark({id.object, i});
      // That one goes on with the ring, when its turn comes.
      if (member.role != SectionRole::kIgnored && member.role != SectionRole::kUnwind) break;
      i = member.next_in_group;
    }
    for (const Follower& follower :
         std::ranges::equal_range(followers_[raw(id.object)], id.section, {}, &Follower::owner)) {
      mark({id.object, follower.section});
    }
  }

  void mark_global(const Global& global) {
    if (global.origin != Origin::kSet) return;
    const Symbol& symbol = link_.object(global.object).symbols[global.symbol];
    if (symbol.place == SymbolPlace::kSection) mark({global.object, symbol.section});
  }

  void mark_symbol(const Object& object, SymbolIndex index) {
    if (!object.symbols.contains(index)) return;  // scan reports it
    const Symbol& symbol = object.symbols[index];
    if (symbol.global != kNone<GlobalIndex>) return mark_global(link_.global(symbol.global));
    if (symbol.place != SymbolPlace::kSection) return;
    mark({object.index, symbol.section});
  }

  void mark_references(SectionId id) {
    const Object& object = link_.object(id.object);
    for_each_fixup(object, object.sections[id.section], [&](std::uint32_t, const Fixup& fixup) {
      mark_symbol(object, fixup.symbol);
      return true;
    });
  }

  LinkState& link_;
  std::vector<std::vector<Follower>> followers_;  // by object
  std::vector<SectionId> work_;
  std::vector<Reference> personalities_;  // of all CIEs
};

}  // namespace

Expected<void> mark_live(LinkState& link) { return Marker(link).run(); }

}  // namespace enfold
