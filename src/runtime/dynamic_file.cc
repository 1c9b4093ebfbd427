// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/dynamic_file.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "elf_hash.h"

namespace enfold::runtime {
namespace {

#if defined(__x86_64__)
constexpr ElfW(Half) kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr ElfW(Half) kMachine = EM_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr ElfW(Half) kMachine = EM_RISCV;
#endif

constexpr std::uint32_t kBloomShift = 26, kHeaderWords = 4;

}  // namespace

ElfW(Ehdr) file_header(std::uint64_t segments, std::size_t segment_count) {
  ElfW(Ehdr) header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = kMachine;
  header.e_version = EV_CURRENT;
  header.e_phoff = segments;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(ElfW(Phdr));
  header.e_phnum = static_cast<ElfW(Half)>(segment_count);
#if defined(__riscv)
  header.e_flags = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE;
#endif
  return header;
}

ElfW(Phdr) segment_header(ElfW(Word) type, ElfW(Word) flags, std::uint64_t file_size, std::uint64_t size,
                          std::uint64_t alignment) {
  ElfW(Phdr) header{};
  header.p_type = type;
  header.p_flags = flags;
  header.p_filesz = file_size;
  header.p_memsz = size;
  header.p_align = alignment;
  return header;
}

ElfW(Phdr) segment_in_file(ElfW(Phdr) header, std::uint64_t at, std::uint64_t base) {
  header.p_offset = at;
  header.p_vaddr = header.p_paddr = base + at;
  return header;
}

ElfW(Dyn) dynamic_entry(std::int64_t tag, std::uint64_t value) {
  ElfW(Dyn) entry{};
  entry.d_tag = tag;
  entry.d_un.d_val = value;
  return entry;
}

ElfW(Sym) wanted_symbol(std::uint32_t name, unsigned binding, unsigned type) {
  ElfW(Sym) symbol{};
  symbol.st_name = name;
  symbol.st_info = symbol_info(binding, type);
  return symbol;
}

ElfW(Verneed) wanted_versions(std::size_t count, std::uint32_t file_name) {
  ElfW(Verneed) need{};
  need.vn_version = VER_NEED_CURRENT;
  need.vn_cnt = static_cast<ElfW(Half)>(count);
  need.vn_file = file_name;
  need.vn_aux = sizeof need;
  return need;
}

ElfW(Vernaux) wanted_version(std::string_view version, std::uint32_t name, std::size_t number, bool last) {
  ElfW(Vernaux) wanted{};
  wanted.vna_hash = sysv_hash_of(version);
  wanted.vna_flags = VER_FLG_WEAK;
  wanted.vna_other = static_cast<ElfW(Half)>(number);
  wanted.vna_name = name;
  wanted.vna_next = last ? 0 : sizeof wanted;
  return wanted;
}

HashTable::HashTable(std::size_t exports)
    : exports_(exports),
      bucket_count_(static_cast<std::uint32_t>(std::max<std::size_t>(exports, 1))),
      bloom_count_(static_cast<std::uint32_t>(std::bit_ceil(exports / 6 + 1))) {}

std::vector<std::uint32_t> HashTable::words(std::span<const std::uint32_t> hashes, std::size_t first) const {
  std::vector<std::uint32_t> words(word_count());
  const std::uint32_t header[kHeaderWords] = {bucket_count_, static_cast<std::uint32_t>(first), bloom_count_,
                                              kBloomShift};
  std::ranges::copy(header, words.begin());
  std::vector<std::uint64_t> bloom(bloom_count_);
  const std::span<std::uint32_t> buckets = std::span(words).subspan(kHeaderWords + 2 * bloom.size(), bucket_count_);
  const std::span<std::uint32_t> chain = std::span(words).last(exports_);
  for (std::size_t n = 0; n < hashes.size(); ++n) {
    const std::uint32_t hash = hashes[n];
    const bool last = n + 1 == hashes.size() || bucket_of(hashes[n + 1]) != bucket_of(hash);
    std::uint32_t& bucket = buckets[bucket_of(hash)];
    if (bucket == 0) bucket = static_cast<std::uint32_t>(first + n);
    chain[n] = last ? hash | 1 : hash & ~1u;
    bloom[hash / 64 % bloom_count_] |= std::uint64_t{1} << hash % 64 | std::uint64_t{1} << (hash >> kBloomShift) % 64;
  }
  std::memcpy(words.data() + kHeaderWords, bloom.data(), bloom.size() * sizeof bloom[0]);
  return words;
}

}  // namespace enfold::runtime
