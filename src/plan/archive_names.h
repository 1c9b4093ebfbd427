// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which archive has a name. Sets link hundreds of archives, of which each wants names of others: a name that comes to
// be wanted is looked up in all archives so far in one step.
#ifndef ENFOLD_PLAN_ARCHIVE_NAMES_H_
#define ENFOLD_PLAN_ARCHIVE_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "link_state.h"

namespace enfold {

struct ArchivePlace {
  std::size_t archive = 0;   // index in LinkState::archives
  std::uint64_t offset = 0;  // of the member's header
};

class ArchiveNames {
 public:
  // The first of the link's archives whose index has the name, and what the index says.
  std::optional<ArchivePlace> find(LinkState& link, std::string_view name);

 private:
  static constexpr std::size_t kFew = 4;  // archives that are asked one by one

  void note_archives(LinkState& link);
  static std::optional<ArchivePlace> ask_each(LinkState& link, std::string_view name);

  read::NameIndex names_;  // to an index in places_
  std::vector<ArchivePlace> places_;
  std::size_t noted_count_ = 0;  // archives whose names are in the index
  bool complete_ = true;
};

}  // namespace enfold

#endif  // ENFOLD_PLAN_ARCHIVE_NAMES_H_
