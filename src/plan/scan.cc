// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/scan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "diagnostics.h"
#include "plan/decide.h"
#include "plan/needs.h"
#include "plan/out_of_range.h"
#include "plan/sift.h"
#include "plan/thread_models.h"

namespace enfold {
namespace {

constexpr std::uint32_t kNoRelocation = 0xffff'ffff;
constexpr std::size_t kReferencesShown = 3;
constexpr std::uint64_t kLargestCopy = std::uint64_t{1} << 30;

class Scanner {
 public:
  Scanner(LinkState& link, bool last) : link_(link), last_(last) {}

  Expected<PlaceDemand> run() {
    clear_needs(link_);
    link_.unresolved.clear();
    link_.relocation_count = link_.relaxed_count = 0;
    for (Global& global : link_.globals) {
      global.unresolved = 0;
      global.addressed = false;
    }
    if (is_replaceable(link_)) make_face(link_);
    if (is_shared_object(link_)) stub_exported_resolvers(link_);
    consider_all();
    allot_commons();
    if (may_copy_some(link_) && !link_.needs.empty()) copy_all_names(link_);
    if (auto done = std::move(diagnostics_).result("relocations cannot be applied"); !done) {
      return std::unexpected(std::move(done).error());
    }
    number_needs(link_);
    return demand_;
  }

 private:
  void consider_all() {
    const unsigned threads = threads_to_sift(link_);
    if (threads == 1) {
      SiftedCount count;
      for (Object& object : link_.objects) {
        sift(link_, object, count, [&](const Notable& notable) { consider(notable); });
      }
      return add(count);
    }
    for (const SiftedObjects& run : sift_in_parallel(link_, threads)) {
      add(run.count);
      for (const Notable& notable : run.notables) consider(notable);
    }
  }

  void add(const SiftedCount& count) {
    link_.relocation_count += count.relocations;
    link_.relaxed_count += count.relaxed;
  }

  void consider(const Notable& notable) {
    if (notable.object != object_index_ || notable.section != section_index_) enter(notable.object, notable.section);
    if (notable.relocation == skipped_) return;  // rewritten with the one before
    relocation_ = notable.relocation;
    const Fixup& fixup = notable.fixup;
    if (check(fixup)) scan_fixup(fixup);
  }

  void enter(ObjectIndex object, SectionIndex section) {
    object_index_ = object;
    section_index_ = section;
    object_ = &link_.object(object);
    section_ = &object_->sections[section];
    skipped_ = kNoRelocation;
  }

  [[gnu::cold]] Place place(const Fixup& fixup) const {
    return place_of(*object_, section_index_, relocation_, fixup);
  }
  Use use(const Fixup& fixup) const { return {object_index_, section_index_, relocation_, fixup.offset}; }

  // Everything that applying relies on.
  bool check(const Fixup& fixup) {
    if (!object_->symbols.contains(fixup.symbol)) {
      Place where = place(fixup);
      diagnostics_.add(Error(ErrorCode::kMalformed, fmt::format("there is no symbol {}", raw(fixup.symbol)), where));
      return false;
    }
    if (fixup.kind == kUnknownFixup) return refuse_type(fixup);
    const FixupDesc& desc = link_.arch->fixups[fixup.kind];
    if (fixup.offset > section_->size || desc.width > section_->size - fixup.offset) {
      diagnostics_.add(Error(ErrorCode::kMalformed, "the field lies outside its section", place(fixup)));
      return false;
    }
    if (section_->zero && desc.width != 0) {
      diagnostics_.add(Error(ErrorCode::kMalformed, "a relocation in a zero-filled section", place(fixup)));
      return false;
    }
    return true;
  }

  [[gnu::cold]] bool refuse_type(const Fixup& fixup) {
    const RelocationRow* row = link_.scheme->row(link_.scheme->raw_type(*section_, relocation_));
    std::string why = row != nullptr ? std::string(row->refusal) : "the relocation type is unknown";
    diagnostics_.add(Error(ErrorCode::kUnsupported, std::move(why), place(fixup)));
    return false;
  }

  void scan_fixup(const Fixup& fixup) {
    const FixupDesc& desc = link_.arch->fixups[fixup.kind];
    if (desc.expr == Expr::kNone) return;
    const std::uint16_t facts = object_->facts[fixup.symbol];
    if (section_->role == SectionRole::kThreadLocal && !check_image(fixup, desc)) return;
    if (is_thread_local(desc.expr)) return scan_thread_local(fixup, desc, facts);
    if ((facts & ~(kInZone | kIsFunction | kAddressKnown)) != 0 && !scan_special(fixup, desc, facts)) return;
    note_bound_function(fixup);
    const Decision decision = decide(link_, *object_, *section_, relocation_, fixup);
    switch (decision.way) {
      case Way::kDirect:
        if (decision.own) return;
        note_addressed(fixup);
        seek_face(fixup, desc);
        return scan_direct(fixup, desc, facts);
      case Way::kRelaxed:
        ++link_.relaxed_count;
        if (decision.relaxation.partial) [[unlikely]] scan_partial_read(fixup, facts);
        return;
      case Way::kSlot:
        need(fixup, decision.slot, decision.reason);
        return scan_partial_read(fixup, facts);
      case Way::kStub:
        return need(fixup, NeedKind::kStub, decision.reason);
    }
  }

  void need(const Fixup& fixup, NeedKind kind, Reason reason) {
    add_need(link_, object_index_, fixup.symbol, kind, reason, use(fixup));
  }

  // Symbols that have no ordinary address. False when the fixup is done with.
  bool scan_special(const Fixup& fixup, const FixupDesc& desc, std::uint16_t facts) {
    if ((facts & kUnresolved) != 0) {
      note_unresolved(fixup);
    } else if ((facts & kDead) != 0) {
      return scan_dead(fixup);
    } else if ((facts & kIsThreadLocal) != 0 && desc.expr != Expr::kSize) {
      refuse(fixup, ErrorCode::kMalformed, "the symbol is thread-local, but the relocation is for one that is not", "");
      return false;
    }
    return true;
  }

  [[gnu::cold]] void refuse(const Fixup& fixup, ErrorCode code, std::string what, std::string cure) {
    diagnostics_.add(Error(code, std::move(what), place(fixup)).with_cure(std::move(cure)));
  }

  // Each thread's block is a copy of the image, which has no address itself.
  bool check_image(const Fixup& fixup, const FixupDesc& desc) {
    switch (desc.expr) {
      case Expr::kNone:
      case Expr::kAbsolute:
      case Expr::kSize:
      case Expr::kBlockOffset: return true;
      default: break;
    }
    refuse(fixup, ErrorCode::kUnsupported, "a thread-local variable cannot start out with such a value",
           "assign it when the thread begins");
    return false;
  }

  void scan_thread_local(const Fixup& fixup, const FixupDesc& desc, std::uint16_t facts) {
    if ((facts & kUnresolved) != 0) return note_unresolved(fixup);
    if ((facts & kDead) != 0) return static_cast<void>(scan_dead(fixup));
    const SymbolType type = object_->symbols[fixup.symbol].type;
    const bool said = type == SymbolType::kThreadLocal || type == SymbolType::kSection;
    if (!said || (facts & (kIsThreadLocal | kNull)) == 0) {
      return refuse(fixup, ErrorCode::kMalformed, "the relocation is for a thread-local symbol, which this is not", "");
    }
    note_addressed(fixup);
    if (!check_thread_local(fixup, desc, facts)) return;
    const Decision decision = decide(link_, *object_, *section_, relocation_, fixup);
    if (decision.way == Way::kRelaxed && decision.relaxation.takes_next) skipped_ = relocation_ + 1;
    if (decision.way == Way::kRelaxed) ++link_.relaxed_count;
    if (decision.way != Way::kSlot) return;
    if (decision.slot != NeedKind::kThreadModule) return need(fixup, decision.slot, decision.reason);
    add_global_need(link_, link_.threads.base, decision.slot, decision.reason, object_->zone, use(fixup));
  }

  // Code that adds a constant to the thread pointer.
  bool check_thread_local(const Fixup& fixup, const FixupDesc& desc, std::uint16_t facts) {
    const bool constant = desc.expr == Expr::kThreadSlot || desc.expr == Expr::kThreadOffset;
    if (!constant || (facts & kNull) != 0 || has_fixed_offset(link_, *object_, fixup.symbol)) return true;
    refuse(fixup, ErrorCode::kUnsupported,
           "the variable lies in another set, at a distance from the thread pointer that differs from thread to thread",
           "link that set with --static-tls (SetOptions::static_thread_storage), or compile this with -fPIC");
    return false;
  }

  [[gnu::cold]] void note_unresolved(const Fixup& fixup) {
    const Symbol& undefined = object_->symbols[fixup.symbol];
    const bool local = undefined.global == kNone<GlobalIndex>;
    std::uint32_t& number = local ? unresolved_local(fixup.symbol) : link_.global(undefined.global).unresolved;
    if (number == 0) {
      const std::string_view name = local ? object_->symbol_name(undefined) : link_.global(undefined.global).name;
      link_.unresolved.push_back({.name = std::string(name), .references = {}, .reference_count = 0});
      number = static_cast<std::uint32_t>(link_.unresolved.size());
    }
    UnresolvedSymbol& symbol = link_.unresolved[number - 1];
    ++symbol.reference_count;
    if (symbol.references.size() < kReferencesShown) symbol.references.push_back(place(fixup));
  }

  // As Global::unresolved. No compiler makes a local symbol that is undefined, and nobody else can define it.
  std::uint32_t& unresolved_local(SymbolIndex symbol) {
    if (!unresolved_locals_) unresolved_locals_.emplace();
    return (*unresolved_locals_)[std::uint64_t{raw(object_index_)} << 32 | raw(symbol)];
  }

  // Tables of exception handlers may speak of discarded code: nobody will look there, so the field is null.
  bool scan_dead(const Fixup& fixup) {
    if (section_->role == SectionRole::kUnwind || object_->section_name(*section_).starts_with(".gcc_except_table")) {
      return false;
    }
    const Symbol& symbol = object_->symbols[fixup.symbol];
    const Section& target = object_->sections[symbol.section];
    std::string what = target.discarded
                           ? fmt::format("refers to {}, discarded for another object's copy of its group",
                                        object_->section_name(target))
                           : "refers to what is not loaded";
    diagnostics_.add(Error(ErrorCode::kDiscarded, std::move(what), place(fixup))
                         .with_cure("compile the objects that share the group with the same options"));
    return false;
  }

  void note_bound_function(const Fixup& fixup) {
    const GlobalIndex id = object_->symbols[fixup.symbol].global;
    if (id == kNone<GlobalIndex> || link_.global(id).synthetic != Synthetic::kBoundStub) return;
    add_global_need(link_, id, NeedKind::kBoundStub, Reason::kHandleArgument, object_->zone, use(fixup));
  }

  void scan_direct(const Fixup& fixup, const FixupDesc& desc, std::uint16_t facts) {
    const bool address = desc.expr == Expr::kAbsolute || desc.expr == Expr::kRelative || desc.expr == Expr::kFromGot;
    if (!address) return;
    if ((facts & kIndirect) != 0) {
      need(fixup, NeedKind::kCanonicalStub, Reason::kAddressTaken);
      if (desc.expr == Expr::kAbsolute && !desc.any) demand_low();
      return;
    }
    if (desc.any || desc.width < 4) return;  // holds any address, or none of ours: the final check tells
    if ((facts & kAddressKnown) != 0) return scan_known(fixup, desc, facts);
    const bool null = (facts & (kNull | kUnresolved)) != 0;
    // The distance to null fits its field below 2 GiB only.
    if (desc.expr == Expr::kAbsolute ? !null : (facts & kNull) != 0 && !reaches(link_, *object_, desc, fixup)) {
      demand_low();
    }
    if (is_loaded_later(fixup)) scan_unloaded(fixup, desc, facts);
  }

  // An instruction that reads a part of a slot gets a part of the address, which the address has to fit.
  void scan_partial_read(const Fixup& fixup, std::uint16_t facts) {
    if (section_->role != SectionRole::kCode) return;
    const FixupKind kind = link_.arch->partial_read({section_->bytes, section_->size}, fixup);
    if (kind != kUnknownFixup) [[unlikely]] fit_address(fixup, link_.arch->fixups[kind], facts);
  }

  [[gnu::cold, gnu::noinline]] void fit_address(const Fixup& fixup, const FixupDesc& part, std::uint16_t facts) {
    note_addressed(fixup);
    if (const auto stub = earlier_stub(fixup); stub && !fits(part, static_cast<std::int64_t>(value(*stub)))) {
      return diagnostics_.add(partial_read(value(*stub), place(fixup)));
    }
    const bool was_low = std::exchange(demand_.low, false);
    scan_direct(fixup, part, facts);
    // No final check would tell: the field itself holds a distance.
    if (demand_.low && link_.constraint.kind == Constraint::Kind::kLow) diagnostics_.add(no_low_window(place(fixup)));
    demand_.low = demand_.low || was_low;
  }

  // That others know the function by, in the version that is replaced.
  std::optional<TargetAddr> earlier_stub(const Fixup& fixup) const {
    const GlobalIndex id = object_->symbols[fixup.symbol].global;
    if (link_.face == nullptr || id == kNone<GlobalIndex> || !link_.global(id).faced) return std::nullopt;
    const Face::Entry* entry = link_.face->find(link_.global(id).name);
    return entry == nullptr ? std::nullopt : std::optional(entry->stub);
  }

  bool is_slot(const Fixup& fixup) const { return link_.arch->fixups[fixup.kind].expr == Expr::kSlotRelative; }

  // The stubs of the version that is replaced lie where they are: the set had better lie in their reach.
  void seek_face(const Fixup& fixup, const FixupDesc& desc) {
    if (last_ || desc.expr == Expr::kAbsolute || reaches_face(link_, *object_, desc, fixup)) return;
    demand_far(value(link_.face->find(link_.global(object_->symbols[fixup.symbol].global).name)->stub));
  }

  // A new version of that set will have to keep the data where it is.
  void note_addressed(const Fixup& fixup) {
    const GlobalIndex id = object_->symbols[fixup.symbol].global;
    if (id != kNone<GlobalIndex> && link_.global(id).switchable) link_.global(id).addressed = true;
  }

  // A symbol of a library that is loaded only when the plan is made: near the others, and so never below 2 GiB.
  void scan_unloaded(const Fixup& fixup, const FixupDesc& desc, std::uint16_t facts) {
    if (desc.expr != Expr::kAbsolute && reaches(link_, *object_, desc, fixup)) return;
    if ((facts & kIsFunction) != 0) return need(fixup, NeedKind::kCanonicalStub, Reason::kAddressTaken);
    if (link_.constraint.kind != Constraint::Kind::kLow || copy(fixup)) return;
    if (!report_once(fixup)) return;
    diagnostics_.add(is_slot(fixup) ? partial_read({}, place(fixup)) : out_of_reach_of_library(desc, place(fixup)));
  }

  bool is_loaded_later(const Fixup& fixup) const {
    const GlobalIndex id = object_->symbols[fixup.symbol].global;
    return id != kNone<GlobalIndex> && link_.global(id).loaded_later;
  }

  void demand_low() { demand_.low = demand_.low || link_.window.hi > (std::uint64_t{1} << 31); }

  // A 32-bit address of, or distance to, what lies outside the set.
  void scan_known(const Fixup& fixup, const FixupDesc& desc, std::uint16_t facts) {
    const std::uint64_t target = known_address(link_, *object_, fixup.symbol);
    const auto value = static_cast<std::int64_t>(target + static_cast<std::uint64_t>(fixup.addend));
    const bool absolute = desc.expr == Expr::kAbsolute;
    if (absolute ? fits(desc, value) : reaches(link_, *object_, desc, fixup)) return;
    if ((facts & kIsFunction) != 0) {
      need(fixup, NeedKind::kCanonicalStub, Reason::kAddressTaken);
      if (absolute) demand_low();
      return;
    }
    if (!last_ && !absolute) return demand_far(target);
    if (copy(fixup)) {
      if (absolute) demand_low();
      return;
    }
    if (!last_) return demand_low();  // so that a copy or an error is about the final place
    if (!report_once(fixup)) return;
    diagnostics_.add(is_slot(fixup) ? partial_read(target, place(fixup))
                                    : out_of_reach(link_, desc, target, place(fixup)));
  }

  // One finding for each symbol of an object tells enough.
  bool report_once(const Fixup& fixup) {
    if (!reported_) reported_.emplace();
    return reported_->insert(std::uint64_t{raw(object_index_)} << 32 | raw(fixup.symbol)).second;
  }

  void demand_far(std::uint64_t target) {
    if (!demand_.far) demand_.far = AddressRange{target, target + 1};
    demand_.far->lo = std::min(demand_.far->lo, target);
    demand_.far->hi = std::max(demand_.far->hi, target + 1);
  }

  bool copy(const Fixup& fixup) {
    const GlobalIndex id = object_->symbols[fixup.symbol].global;
    if (id == kNone<GlobalIndex> || !may_copy(link_, link_.global(id))) return false;
    const Global& global = link_.global(id);
    const bool host = global.origin == Origin::kProcess || global.origin == Origin::kLibrary;
    if (!host || global.size == 0 || global.size > kLargestCopy) return false;
    const NeedIndex index = add_global_need(link_, id, NeedKind::kCopy, Reason::kOutOfReach, ZoneIndex{}, use(fixup));
    link_.need(index).size = global.size;
    return true;
  }

  void allot_commons() {
    std::uint32_t i = 0;
    for (const Global& global : link_.globals) {
      const GlobalIndex id{i++};
      if (global.origin != Origin::kCommon) continue;
      const Object& object = link_.object(global.object);
      const NeedIndex index = add_global_need(link_, id, NeedKind::kCommon, Reason::kTentative, object.zone,
                                              {.object = global.object});
      link_.need(index).size = global.size;
    }
  }

  LinkState& link_;
  const bool last_;
  PlaceDemand demand_;
  Diagnostics diagnostics_;
  std::optional<std::unordered_set<std::uint64_t>> reported_;  // object and symbol
  std::optional<std::unordered_map<std::uint64_t, std::uint32_t>> unresolved_locals_;
  ObjectIndex object_index_ = kNone<ObjectIndex>;
  SectionIndex section_index_ = kNone<SectionIndex>;
  const Object* object_ = nullptr;
  const Section* section_ = nullptr;
  std::uint32_t relocation_ = 0;
  std::uint32_t skipped_ = kNoRelocation;
};

}  // namespace

Expected<PlaceDemand> scan(LinkState& link, bool last) { return Scanner(link, last).run(); }

}  // namespace enfold
