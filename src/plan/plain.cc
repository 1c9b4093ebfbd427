// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/plain.h"

#include <algorithm>

namespace enfold {
namespace {

constexpr unsigned kOrdinary = kInZone | kAddressKnown | kIsFunction;

// Is the address in reach of the whole window, with room to spare?
bool is_near(const LinkState& link, std::uint64_t address) {
  const AddressRange& window = link.window;
  const std::uint64_t lo = std::min(address, window.lo), hi = std::max(address, window.hi);
  return hi - lo <= link.arch->zone_span;
}

// Functions that others know by a stub, data that may be switched, and functions that get a handle are reached in ways
// that decide() knows.
bool is_ordinary(const Global& global) {
  return !global.faced && !global.switchable && global.synthetic != Synthetic::kBoundStub;
}

bool is_plain(const LinkState& link, const Global& global, unsigned facts) {
  if ((facts & ~kOrdinary) != 0 || !is_ordinary(global)) return false;
  if ((facts & kInZone) != 0) return true;
  return (facts & kAddressKnown) != 0 && is_near(link, global.value);
}

}  // namespace

void note_plain_symbols(const LinkState& link, Object& object) {
  std::uint16_t* facts = object.facts.span().data() + raw(object.first_global);
  for (const Symbol& symbol : object.symbols.span().subspan(raw(object.first_global))) {
    *facts &= static_cast<std::uint16_t>(~unsigned{kPlain});
    if (is_plain(link, link.global(symbol.global), *facts)) *facts |= kPlain;
    ++facts;
  }
}

std::size_t PlainFixups::skip(std::span<const Fixup> batch, std::size_t i) const {
  while (i < batch.size() && form_of(batch[i]) != PlainForm::kNone) ++i;
  return i;
}

const Relaxation* PlainRelaxations::find(const Fixup& fixup) const {
  if (bytes_.data() == nullptr) return nullptr;
  if (fixup.kind >= arch_.fixups.size() || raw(fixup.symbol) >= facts_.size()) return nullptr;
  const FixupDesc& desc = arch_.fixups[fixup.kind];
  if (!desc.relaxable || desc.expr != Expr::kSlotRelative || (facts_[raw(fixup.symbol)] & kPlain) == 0) return nullptr;
  if (desc.width > bytes_.size() || fixup.offset > bytes_.size() - desc.width) return nullptr;
  const Relaxation* const relaxation = arch_.relax(bytes_, fixup);
  if (relaxation == nullptr || relaxation->partial) return nullptr;
  return arch_.fixups[relaxation->as].plain == PlainForm::kDistance32 ? relaxation : nullptr;
}

}  // namespace enfold
