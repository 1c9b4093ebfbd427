// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "image_header.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <elf.h>

#include "apply/addresses.h"
#include "runtime/dynamic_file.h"

namespace enfold {
namespace {

constexpr std::uint64_t kProgramHeadersAt = 104;
constexpr std::uint32_t kStdioVersion = 0x20001;  // of glibc 2.1 and later
constexpr std::size_t kOtherHeaders = 5;          // beside one for each segment

Elf64_Word flags_of(Protection protection) {
  switch (protection) {
    case Protection::kReadExecute: return PF_R | PF_X;
    case Protection::kReadWrite:
    case Protection::kRelro: return PF_R | PF_W;
    case Protection::kRead: break;
  }
  return PF_R;
}

class HeaderWriter {
 public:
  HeaderWriter(const LinkState& link, RuntimeHooks& runtime)
      : link_(link), runtime_(runtime), header_(address(segment_of(ZoneIndex{}, SegmentRole::kConstant))) {
    header_ += link.names.header_at;
  }

  void write() {
    add_segments();
    const std::size_t count = headers_.size();
    put(0, elf_header(count));
    put_dynamic();
    put(kStdinUsedAt, kStdioVersion);
    if (count != 0) std::memcpy(at(kProgramHeadersAt), headers_.data(), count * sizeof(Elf64_Phdr));
  }

 private:
  std::uint64_t address(std::uint32_t segment) const { return value(address_of(link_, segment, 0)); }
  std::byte* at(std::uint64_t offset) const {
    return working(link_, segment_of(ZoneIndex{}, SegmentRole::kConstant), link_.names.header_at + offset);
  }
  template <class T>
  void put(std::uint64_t offset, const T& what) {
    std::memcpy(at(offset), &what, sizeof what);
  }

  void add(Elf64_Word type, Elf64_Word flags, std::uint64_t address, std::uint64_t file_size, std::uint64_t size,
           std::uint64_t alignment) {
    const std::uint64_t offset = address - header_;
    headers_.push_back({.p_type = type, .p_flags = flags, .p_offset = offset, .p_vaddr = offset, .p_paddr = offset,
                        .p_filesz = file_size, .p_memsz = size, .p_align = alignment});
  }

  // As a dynamic linker lists them: what is loaded in the order of addresses, then what lies in it.
  void add_segments() {
    const std::uint64_t page = std::uint64_t{1} << link_.arch->page_p2align;
    for (std::uint32_t i = 0; i < link_.segments.size(); ++i) {
      const Segment& s = link_.segments[i];
      if (s.size != 0) add(PT_LOAD, flags_of(s.protection), address(i), s.written_size, s.size, page);
    }
    std::ranges::stable_sort(headers_, {}, [&](const Elf64_Phdr& h) { return header_ + h.p_vaddr; });
    for (std::uint32_t i = 0; i < link_.segments.size(); ++i) {
      const Segment& s = link_.segments[i];
      if (s.protection == Protection::kRelro && s.size != 0) add(PT_GNU_RELRO, PF_R, address(i), s.size, s.size, 1);
    }
    const std::size_t count = headers_.size() + 3 + (has_search_table() ? 1 : 0);
    add(PT_DYNAMIC, PF_R, header_ + kDynamicAt, 2 * sizeof(Elf64_Dyn), 2 * sizeof(Elf64_Dyn), 8);
    add(PT_GNU_STACK, PF_R | PF_W, header_, 0, 0, 16);
    if (has_search_table()) {
      const ZoneTables& tables = link_.zones.front().tables;
      const std::uint64_t table = address(segment_of(ZoneIndex{}, SegmentRole::kConstant)) + tables.search_at;
      add(PT_GNU_EH_FRAME, PF_R, table, tables.search_size, tables.search_size, 4);
    }
    const std::uint64_t size = count * sizeof(Elf64_Phdr);
    add(PT_PHDR, PF_R, header_ + kProgramHeadersAt, size, size, 8);
    std::ranges::rotate(headers_, headers_.end() - 1);  // it comes first (gABI, "Program Header")
  }
  bool has_search_table() const { return link_.zones.front().tables.search_size != 0; }

  static Elf64_Ehdr elf_header(std::size_t count) {
    Elf64_Ehdr header = runtime::file_header(kProgramHeadersAt, count);
    header.e_shentsize = sizeof(Elf64_Shdr);
    return header;
  }

  void put_dynamic() {
    Elf64_Dyn entries[2] = {};
    if (const auto list = runtime_.find(nullptr, "_r_debug")) {
      entries[0].d_tag = DT_DEBUG;
      entries[0].d_un.d_ptr = value(list->address);
    }
    put(kDynamicAt, entries);
  }

  const LinkState& link_;
  RuntimeHooks& runtime_;
  std::uint64_t header_;
  std::vector<Elf64_Phdr> headers_;
};

void write_empty_function(const LinkState& link) {
  const std::uint32_t segment = segment_of(ZoneIndex{}, SegmentRole::kCode);
  const std::span<const std::byte> prologue = link.arch->fragment_prologue, epilogue = link.arch->fragment_epilogue;
  std::byte* const out = working(link, segment, link.names.function_at);
  std::ranges::copy(prologue, out);
  std::ranges::copy(epilogue, out + prologue.size());
}

}  // namespace

std::uint64_t image_header_size(const LinkState& link) {
  const std::size_t segments = link.zones.size() * kSegmentsPerZone + kFaceSegments;  // with a second one for RELRO
  return kProgramHeadersAt + (2 * segments + kOtherHeaders) * sizeof(Elf64_Phdr);
}

void write_image_header(const LinkState& link, RuntimeHooks& runtime) {
  HeaderWriter(link, runtime).write();
  if (link.defines(Synthetic::kEmptyFunction)) write_empty_function(link);
}

}  // namespace enfold
