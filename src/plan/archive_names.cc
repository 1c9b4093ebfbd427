// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/archive_names.h"

namespace enfold {

std::optional<ArchivePlace> ArchiveNames::find(LinkState& link, std::string_view name) {
  if (link.archives.size() <= kFew) return ask_each(link, name);
  note_archives(link);
  if (!complete_) return ask_each(link, name);
  ++link.lookup_count;
  const std::optional<std::uint32_t> number = names_.find(name);
  return number ? std::optional(places_[*number]) : std::nullopt;
}

// The first place of a name stays.
void ArchiveNames::note_archives(LinkState& link) {
  for (; noted_count_ < link.archives.size() && complete_; ++noted_count_) {
    const read::Archive& archive = link.archives[noted_count_].archive;
    link.lookup_count += archive.symbol_count();
    archive.for_each_symbol([&](std::string_view name, std::uint64_t offset) {
      complete_ = complete_ && names_.add(name, static_cast<std::uint32_t>(places_.size()));
      if (names_.size() > places_.size()) places_.push_back({noted_count_, offset});
    });
  }
}

std::optional<ArchivePlace> ArchiveNames::ask_each(LinkState& link, std::string_view name) {
  for (std::size_t i = 0; i < link.archives.size(); ++i) {
    ++link.lookup_count;
    if (const auto offset = link.archives[i].archive.find(name)) return ArchivePlace{i, *offset};
  }
  return std::nullopt;
}

}  // namespace enfold
