// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Most fixups are plain: a direct reference to what every direct reference of the set reaches, of which nothing else is
// to be said. They need no slot, no stub and no decision; scan passes over them, and apply computes and writes. Nor do
// those that become plain when their instruction is rewritten.
#ifndef ENFOLD_PLAN_PLAIN_H_
#define ENFOLD_PLAN_PLAIN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "arch/arch.h"
#include "fixup.h"
#include "link_state.h"

namespace enfold {

// Sets the fact kPlain of the object's symbols. For the window as it is: each place that is tried has its own.
void note_plain_symbols(const LinkState& link, Object& object);

// Tells the plain fixups of one section. They lie within the section, and their symbols exist.
class PlainFixups {
 public:
  PlainFixups(const Architecture& arch, const Object& object, const Section& section)
      : descs_(arch.fixups),
        facts_(object.facts.span()),
        margin_(arch.reach - arch.zone_span),
        span_(2 * margin_) {
    // What a thread-local starts with has no address, and what is zero-filled no bytes.
    if (section.zero || section.role == SectionRole::kThreadLocal) return;
    for (const PlainForm form : {PlainForm::kDistance32, PlainForm::kDistance64, PlainForm::kAddress64}) {
      const std::uint64_t width = width_of(form);
      ends_[static_cast<std::size_t>(form)] = section.size < width ? 0 : section.size - width + 1;
    }
  }

  PlainForm form_of(const Fixup& fixup) const {
    if (fixup.kind >= descs_.size() || raw(fixup.symbol) >= facts_.size()) return PlainForm::kNone;
    const PlainForm form = descs_[fixup.kind].plain;
    const bool inside = fixup.offset < ends_[static_cast<std::size_t>(form)];
    if (!inside || (facts_[raw(fixup.symbol)] & kPlain) == 0) return PlainForm::kNone;
    // As far beside its symbol as a zone is shorter than the field's reach.
    const bool near = static_cast<std::uint64_t>(fixup.addend) + margin_ < span_;
    return near ? form : PlainForm::kNone;
  }
  // The first fixup from `i` on that is not plain, or the batch's size.
  std::size_t skip(std::span<const Fixup> batch, std::size_t i) const;

 private:
  std::span<const FixupDesc> descs_;
  std::span<const std::uint16_t> facts_;
  std::uint64_t margin_, span_;
  std::array<std::uint64_t, kPlainForms> ends_{};  // by form: where a field begins at most, and one more; 0: nowhere
};

// Tells the instructions of one section that go through a slot, and need not, as the symbol is plain: what decide() would
// have rewritten, too.
class PlainRelaxations {
 public:
  PlainRelaxations(const LinkState& link, const Object& object, const Section& section)
      : arch_(*link.arch),
        facts_(object.facts.span()),
        bytes_(section.zero || !link.options->relax ? nullptr : section.bytes, section.size) {}

  // Null: there is none. The fixup after rewriting has the form kDistance32, and lies within the section.
  const Relaxation* find(const Fixup& fixup) const;

 private:
  const Architecture& arch_;
  std::span<const std::uint16_t> facts_;
  std::span<const std::byte> bytes_;  // null where none is to be rewritten
};

}  // namespace enfold

#endif  // ENFOLD_PLAN_PLAIN_H_
