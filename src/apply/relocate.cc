// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "apply/relocate.h"

#include <atomic>
#include <bit>
#include <cstring>
#include <utility>

#include "apply/addresses.h"
#include "plan/decide.h"
#include "plan/needs.h"
#include "plan/out_of_range.h"
#include "plan/plain.h"
#include "plan/thread_models.h"

namespace enfold {
namespace {

static_assert(std::endian::native == std::endian::little, "code is linked where it runs");

class SectionRelocator {
 public:
  SectionRelocator(LinkState& link, const Object& object, SectionIndex section, Outcome& outcome)
      : link_(link),
        arch_(*link.arch),
        object_(object),
        section_index_(section),
        section_(object_.sections[section]),
        in_image_(section_.role == SectionRole::kThreadLocal),
        out_(in_image_ ? link.threads.image.data() + section_.offset
                       : working(link, section_.segment, section_.offset)),
        base_(in_image_ ? 0 : value(address_of(link, section_))),
        plain_(arch_, object_, section_),
        relaxations_(link, object_, section_),
        outcome_(outcome) {}

  void run() {
    const bool reshaped = section_.reshaped;
    LaidOffsets laid(section_);
    for_each_batch(object_, section_, [&](std::uint32_t first, std::span<const Fixup> batch) {
      for (std::size_t i = 0;; ++i) {
        if (i < batch.size() && std::exchange(skip_next_, false)) ++i;
        if (!reshaped) i = apply_plain(first, batch, i);
        if (i >= batch.size()) return true;
        if (!is_as_scanned(batch[i])) {
          report_change(batch[i]);
        } else if (const auto offset = reshaped ? laid.find(batch[i].offset) : batch[i].offset) {
          apply(first + static_cast<std::uint32_t>(i), batch[i], *offset);
        }
      }
    });
  }

 private:
  // Applies fixups from `i` on that are plain or become so, to the first that does not or does not fit: apply() says
  // what there is to say. Of a section that is laid out as it is. A function of its own, as it is short of registers.
  [[gnu::noinline]] std::size_t apply_plain(std::uint32_t first, std::span<const Fixup> batch, std::size_t i) {
    const std::span<const std::uint64_t> addresses = object_.addresses.span();
    std::byte* const out = out_;
    const std::uint64_t base = base_;
    for (; i < batch.size(); ++i) {
      const Fixup& fixup = batch[i];
      const PlainForm form = plain_.form_of(fixup);
      if (form == PlainForm::kNone) {
        const Relaxation* const relaxation = relaxations_.find(fixup);
        if (relaxation == nullptr) return i;
        apply_relaxed(first + static_cast<std::uint32_t>(i), fixup, *relaxation);
        continue;
      }
      const std::uint64_t target = addresses[raw(fixup.symbol)] + static_cast<std::uint64_t>(fixup.addend);
      const std::uint64_t distance = target - (base + fixup.offset);
      if (form == PlainForm::kDistance32) {
        const auto word = static_cast<std::int32_t>(distance);
        if (word != static_cast<std::int64_t>(distance)) return i;
        std::memcpy(out + fixup.offset, &word, sizeof word);
      } else {
        const std::uint64_t word = form == PlainForm::kAddress64 ? target : distance;
        std::memcpy(out + fixup.offset, &word, sizeof word);
      }
    }
    return i;
  }

  void apply_relaxed(std::uint32_t index, const Fixup& fixup, const Relaxation& relaxation) {
    arch_.rewrite(relaxation.form, out_ + fixup.offset);
    ++outcome_.relaxed_count;
    const std::uint64_t offset = fixup.offset + static_cast<std::uint64_t>(std::int64_t{relaxation.field_delta});
    const auto addend = static_cast<std::uint64_t>(fixup.addend + relaxation.addend_delta);
    const auto result = static_cast<std::int64_t>(object_.addresses[fixup.symbol] + addend - (base_ + offset));
    const auto word = static_cast<std::int32_t>(result);
    if (word != result) return report_range(arch_.fixups[relaxation.as], index, fixup, result);
    std::memcpy(out_ + offset, &word, sizeof word);
  }

  void report_range(const FixupDesc& desc, std::uint32_t index, const Fixup& fixup, std::int64_t result) {
    outcome_.diagnostics.add(out_of_range(desc, result, place_of(object_, section_index_, index, fixup)));
  }

  // `offset`: where the field is laid out.
  void apply(std::uint32_t index, const Fixup& fixup, std::uint64_t offset) {
    const FixupDesc* desc = &arch_.fixups[fixup.kind];
    if (desc->expr == Expr::kNone || (object_.facts[fixup.symbol] & kDead) != 0) return;
    const Decision decision = decide(link_, object_, section_, index, fixup);
    std::byte* field = out_ + offset;
    if (decision.way == Way::kRelaxed) {
      arch_.rewrite(decision.relaxation.form, field);
      ++outcome_.relaxed_count;
      offset += static_cast<std::uint64_t>(std::int64_t{decision.relaxation.field_delta});
      field = out_ + offset;
      desc = &arch_.fixups[decision.relaxation.as];
      skip_next_ = decision.relaxation.takes_next;
    }
    const auto result = static_cast<std::int64_t>(evaluate(*desc, decision, fixup, base_ + offset));
    if (!fits(*desc, result)) return report_range(*desc, index, fixup, result);
    arch_.encode(*desc, field, result);
  }

  // Scan checked this. Inputs are mapped files or the caller's memory, though, and somebody may have written to them.
  bool is_as_scanned(const Fixup& fixup) const {
    if (!object_.symbols.contains(fixup.symbol) || fixup.kind >= arch_.fixups.size()) return false;
    const bool needs_block = is_thread_local(arch_.fixups[fixup.kind].expr);
    if (needs_block && link_.threads.base == kNone<GlobalIndex>) return false;
    return fixup.offset <= section_.size && arch_.fixups[fixup.kind].width <= section_.size - fixup.offset;
  }

  void report_change(const Fixup& fixup) {
    outcome_.diagnostics.add(
        Error(ErrorCode::kIo, "the input changed while it was linked", place_in(object_, section_, fixup.offset)));
  }

  // psABI letters, see fixup.h.
  std::uint64_t evaluate(const FixupDesc& desc, const Decision& decision, const Fixup& fixup, std::uint64_t P) {
    const auto A = static_cast<std::uint64_t>(fixup.addend + decision.relaxation.addend_delta);
    switch (desc.expr) {
      case Expr::kAbsolute:
        return target(decision, fixup) + A;
      case Expr::kRelative:
      case Expr::kCall:
        return target(decision, fixup) + A - P;
      case Expr::kCallFromGot:
        return target(decision, fixup) + A - got();
      case Expr::kSlotFromGot:
        return slot(fixup) - got() + A;
      case Expr::kSlotRelative:
        return slot(fixup) + A - P;
      case Expr::kGotRelative:
        return got() + A - P;
      case Expr::kFromGot:
        return address(fixup.symbol) + A - got();
      case Expr::kSize:
        return size(fixup.symbol) + A;
      case Expr::kThreadIndex:
      case Expr::kThreadModule:
      case Expr::kThreadDescriptor:
      case Expr::kThreadSlot:
        return thread_slot(decision.slot, fixup.symbol) + A - P;
      case Expr::kThreadOffset:
        return thread_offset(fixup.symbol) + A;
      case Expr::kBlockOffset:
        return block_offset(fixup.symbol) + A;
      case Expr::kModuleId:
        return link_.threads.modules[thread_module(link_, object_, fixup.symbol)].id;
      case Expr::kNone:
      case Expr::kThreadCall:
        break;
    }
    return 0;
  }

  std::uint64_t target(const Decision& decision, const Fixup& fixup) {
    if (decision.way == Way::kStub) return stub(fixup);
    return decision.own ? link_.global(object_.symbols[fixup.symbol].global).value : address(fixup.symbol);
  }

  std::uint64_t got() const { return value(got_base(link_, object_.zone)); }

  // S; of a thread-local, S - B.
  std::uint64_t address(SymbolIndex symbol) {
    if ((object_.facts[symbol] & kAddressAdded) != 0) mark_added(symbol);
    return object_.addresses[symbol];
  }

  // The stub, copy or common that stands for the symbol is in use.
  void mark_added(SymbolIndex symbol) {
    for (NeedIndex i = first_need(link_, object_, symbol); i != kNone<NeedIndex>; i = link_.need(i).next) {
      Need& need = link_.need(i);
      if (need.kind == NeedKind::kBoundStub ? need.zone == object_.zone : slot_words(need.kind) == 0) {
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

  std::uint64_t thread_slot(NeedKind kind, SymbolIndex symbol) {
    const NeedIndex head = kind == NeedKind::kThreadModule ? link_.global(link_.threads.base).needs
                                                           : first_need(link_, object_, symbol);
    return use(find_need(link_, head, kind, object_.zone));
  }

  // S - TP, and 0 for what nobody defines.
  std::uint64_t thread_offset(SymbolIndex symbol) {
    if ((object_.facts[symbol] & kNull) != 0 || is_thread_pointer(link_, object_.symbols[symbol].global)) return 0;
    return address(symbol) + thread_pointer_offset(link_, thread_module(link_, object_, symbol));
  }

  // S - B, but what was rewritten to have the thread pointer for B counts from there.
  std::uint64_t block_offset(SymbolIndex symbol) {
    const bool code = section_.role == SectionRole::kCode;
    return code && link_.threads.from_pointer ? thread_offset(symbol) : address(symbol);
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
    const GlobalIndex global = object_.symbols[symbol].global;
    return global == kNone<GlobalIndex> ? object_.size_of(symbol) : link_.global(global).size;
  }

  LinkState& link_;
  const Architecture& arch_;
  const Object& object_;
  const SectionIndex section_index_;
  const Section& section_;
  const bool in_image_;  // of thread-locals
  std::byte* const out_;
  const std::uint64_t base_;
  const PlainFixups plain_;
  const PlainRelaxations relaxations_;
  Outcome& outcome_;
  bool skip_next_ = false;
};

}  // namespace

void relocate_section(LinkState& link, const Object& object, SectionIndex section, Outcome& outcome) {
  SectionRelocator(link, object, section, outcome).run();
}

}  // namespace enfold
