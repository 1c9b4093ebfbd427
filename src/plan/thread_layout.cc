// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/thread_layout.h"

#include <algorithm>

#include "align.h"

namespace enfold {
namespace {

std::uint64_t append(ThreadLocals& threads, std::uint64_t size, std::uint8_t p2align) {
  const std::uint64_t at = align_up_p2(threads.size, p2align);
  threads.p2align = std::max(threads.p2align, p2align);
  threads.size = at + size;
  return at;
}

void place_sections(LinkState& link, bool zero) {
  for (Object& object : link.objects) {
    if (!object.has_thread_locals) continue;
    for (Section& section : object.sections) {
      if (section.role != SectionRole::kThreadLocal || !section.in_image() || section.zero != zero) continue;
      section.segment = kThreadSegment;
      section.offset = append(link.threads, section.size, section.p2align);
      ++link.threads.section_count;
    }
  }
}

}  // namespace

void lay_out_thread_locals(LinkState& link) {
  ThreadLocals& threads = link.threads;
  threads.size = threads.image_size = threads.section_count = 0;
  threads.p2align = 0;
  place_sections(link, false);
  threads.image_size = threads.size;
  place_sections(link, true);
  for (Need& need : link.needs) {
    if (need.kind != NeedKind::kCommon || link.globals[need.symbol].type != SymbolType::kThreadLocal) continue;
    need.segment = kThreadSegment;
    need.offset = append(threads, need.size, link.globals[need.symbol].common_p2align);
  }
}

}  // namespace enfold
