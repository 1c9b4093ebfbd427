// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/fragments.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "align.h"
#include "diagnostics.h"

namespace enfold {
namespace {

// Calls visit(object, section) for each fragment in the image.
template <class Objects, class Visit>
void for_each_fragment(Objects& objects, Visit&& visit) {
  for (auto& object : objects) {
    if (!object.has_fragments) continue;
    for (auto& section : object.sections) {
      if (section.fragment() != Fragment::kNone && section.in_image()) visit(object, section);
    }
  }
}

// Of crti.o: others that call the function by its name want all of it.
bool begins_function(const Object& object, const Section& section) {
  for (const Symbol& symbol : object.symbols) {
    const bool named = symbol.binding != Binding::kLocal && symbol.place == SymbolPlace::kSection;
    if (named && &object.sections[symbol.section] == &section) return true;
  }
  return false;
}

Error beginning(const Object& object, const Section& section) {
  Place place{.object = std::string(object.name), .section = std::string(object.section_name(section))};
  return Error(ErrorCode::kUnsupported, "the beginning of a function that another object ends", std::move(place))
      .with_cure("leave out crti.o and crtn.o: each piece of _init and _fini is a function here");
}

void wrap(LinkState& link, Section& section) {
  SectionDetail& detail = *section.detail;
  const std::uint64_t lead = align_up_p2(link.arch->fragment_prologue.size(), section.p2align);
  const std::span<Piece> piece = link.arena.make<Piece>(1);
  piece.front() = {.from = 0, .to = lead, .size = section.size};
  detail.pieces = piece;
  section.reshaped = true;
  detail.laid_size = lead + section.size + link.arch->fragment_epilogue.size();
}

[[gnu::noinline]] Expected<void> wrap_all(LinkState& link) {
  Diagnostics diagnostics;
  for_each_fragment(link.objects, [&](const Object& object, Section& section) {
    if (begins_function(object, section)) return diagnostics.add(beginning(object, section));
    wrap(link, section);
  });
  return std::move(diagnostics).result("pieces of _init and _fini cannot be used");
}

}  // namespace

Expected<void> wrap_fragments(LinkState& link) {
  if (!link.has_fragments) return {};
  return wrap_all(link);
}

void write_around_fragment(const LinkState& link, const Section& section, std::byte* laid) {
  const Piece& piece = section.pieces().front();
  const std::span<const std::byte> prologue = link.arch->fragment_prologue, epilogue = link.arch->fragment_epilogue;
  const std::uint64_t gap = piece.to - prologue.size();
  std::byte* const begin = laid + gap;
  const std::uint64_t traps = std::min(gap, std::uint64_t{1} << link.arch->page_p2align);
  std::memset(begin - traps, std::to_integer<int>(link.arch->code_fill), traps);
  std::ranges::copy(prologue, begin);
  std::ranges::copy(epilogue, laid + piece.to + piece.size);
}

void append_fragments(const LinkState& link, Fragment kind, std::vector<TargetAddr>& functions) {
  for_each_fragment(link.objects, [&](const Object&, const Section& section) {
    if (section.fragment() != kind) return;
    const std::uint64_t at = section.pieces().front().to - link.arch->fragment_prologue.size();
    functions.push_back(address_of(link, section.segment, section.offset + at));
  });
}

}  // namespace enfold
