// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "apply/relocate.h"

#include <atomic>
#include <optional>
#include <utility>

#include "apply/addresses.h"
#include "plan/decide.h"
#include "plan/needs.h"
#include "plan/out_of_range.h"

namespace enfold {
namespace {

class SectionRelocator {
 public:
  SectionRelocator(LinkState& link, ObjectIndex object, SectionIndex section, Usage& usage, Diagnostics& diagnostics)
      : link_(link),
        arch_(*link.arch),
        object_(link.object(object)),
        section_index_(section),
        section_(object_.sections[section]),
        out_(working(link, section_.segment, section_.offset)),
        base_(value(address_of(link, section_))),
        got_(value(got_base(link, object_.zone))),
        usage_(usage),
        diagnostics_(diagnostics) {}

  void run() {
    for_each_fixup(object_, section_, [&](std::uint32_t i, const Fixup& fixup) {
      apply(i, fixup);
      return true;
    });
  }

 private:
  void apply(std::uint32_t index, const Fixup& fixup) {
    if (!is_as_scanned(fixup)) return report_change(fixup);
    std::uint64_t offset = fixup.offset;
    if (section_.laid_size != section_.size) {
      const std::optional<std::uint64_t> laid = laid_offset(section_, offset);
      if (!laid) return;
      offset = *laid;
    }
    const FixupDesc* desc = &arch_.fixups[fixup.kind];
    if (desc->expr == Expr::kNone || (object_.facts[fixup.symbol] & kDead) != 0) return;
    const Decision decision = decide(link_, object_, section_, fixup);
    std::byte* field = out_ + offset;
    if (decision.way == Way::kRelaxed) {
      arch_.rewrite(decision.relaxation.form, field);
      ++usage_.relaxed_count;
      offset += static_cast<std::uint64_t>(std::int64_t{decision.relaxation.field_delta});
      field = out_ + offset;
      desc = &arch_.fixups[decision.relaxation.as];
    }
    const auto result = static_cast<std::int64_t>(evaluate(*desc, decision, fixup, base_ + offset));
    if (fits(*desc, result)) {
      arch_.encode(*desc, field, result);
    } else {
      diagnostics_.add(out_of_range(*desc, result, place_of(object_, section_index_, index, fixup)));
    }
  }

  // Scan checked this. Inputs are mapped files or the caller's memory, though, and somebody may have written to them.
  bool is_as_scanned(const Fixup& fixup) const {
    if (!object_.symbols.contains(fixup.symbol) || fixup.kind >= arch_.fixups.size()) return false;
    return fixup.offset <= section_.size && arch_.fixups[fixup.kind].width <= section_.size - fixup.offset;
  }

  void report_change(const Fixup& fixup) {
    Place place;
    place.object = object_.name;
    place.section = section_.name;
    place.offset = fixup.offset;
    diagnostics_.add(Error(ErrorCode::kIo, "the input changed while it was linked", std::move(place)));
  }

  // psABI letters, see fixup.h.
  std::uint64_t evaluate(const FixupDesc& desc, const Decision& decision, const Fixup& fixup, std::uint64_t P) {
    const auto A = static_cast<std::uint64_t>(fixup.addend);
    switch (desc.expr) {
      case Expr::kAbsolute:
        return target(decision, fixup) + A;
      case Expr::kRelative:
      case Expr::kCall:
        return target(decision, fixup) + A - P;
      case Expr::kCallFromGot:
        return target(decision, fixup) + A - got_;
      case Expr::kSlotFromGot:
        return slot(fixup) - got_ + A;
      case Expr::kSlotRelative:
        return slot(fixup) + A - P;
      case Expr::kGotRelative:
        return got_ + A - P;
      case Expr::kFromGot:
        return address(fixup) + A - got_;
      case Expr::kSize:
        return size(fixup.symbol) + A;
      case Expr::kNone:
      case Expr::kThreadLocal:
        break;
    }
    return 0;
  }

  std::uint64_t target(const Decision& decision, const Fixup& fixup) {
    if (decision.way == Way::kStub) return stub(fixup);
    return decision.own ? link_.global(object_.symbols[fixup.symbol].global).value : address(fixup);
  }

  std::uint64_t address(const Fixup& fixup) {
    if ((object_.facts[fixup.symbol] & kAddressAdded) != 0) mark_added(fixup.symbol);
    return object_.addresses[fixup.symbol];
  }

  // The stub, copy or common that stands for the symbol is in use.
  void mark_added(SymbolIndex symbol) {
    for (NeedIndex i = first_need(link_, object_, symbol); i != kNone<NeedIndex>; i = link_.need(i).next) {
      Need& need = link_.need(i);
      if (need.kind == NeedKind::kBoundStub ? need.zone == object_.zone : need.kind != NeedKind::kSlot) {
        if (need.kind != NeedKind::kStub) mark(need);
      }
    }
  }

  // Sections that share a need may be relocated at the same time. Most find it marked, and leave its cache line shared.
  static void mark(Need& need) {
    const std::atomic_ref used(need.used);
    if (!used.load(std::memory_order_relaxed)) used.store(true, std::memory_order_relaxed);
  }

  std::uint64_t slot(const Fixup& fixup) {
    const NeedIndex head = first_need(link_, object_, fixup.symbol);
    return use(find_need(link_, head, NeedKind::kSlot, object_.zone));
  }

  std::uint64_t stub(const Fixup& fixup) {
    return use(find_stub(link_, first_need(link_, object_, fixup.symbol), object_.zone));
  }

  std::uint64_t use(NeedIndex index) {
    if (index == kNone<NeedIndex>) return 0;  // the input changed; the value is as good as any
    mark(link_.need(index));
    return value(address_of(link_, link_.need(index)));
  }

  std::uint64_t size(SymbolIndex symbol) const {
    const Symbol& s = object_.symbols[symbol];
    return s.global == kNone<GlobalIndex> ? s.size : link_.global(s.global).size;
  }

  LinkState& link_;
  const Architecture& arch_;
  const Object& object_;
  const SectionIndex section_index_;
  const Section& section_;
  std::byte* const out_;
  const std::uint64_t base_, got_;
  Usage& usage_;
  Diagnostics& diagnostics_;
};

}  // namespace

void relocate_section(LinkState& link, ObjectIndex object, SectionIndex section, Usage& usage,
                      Diagnostics& diagnostics) {
  SectionRelocator(link, object, section, usage, diagnostics).run();
}

}  // namespace enfold
