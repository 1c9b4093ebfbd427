// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/registration_count.h"

#include <new>
#include <numeric>

#include <dlfcn.h>
#include <link.h>

#include "runtime/loader_call.h"

extern "C" {
int __cxa_atexit(void (*function)(void*), void* argument, void* handle);
void __cxa_finalize(void* handle);
}

namespace enfold::runtime {
namespace {

constexpr int kRounds = 4;
constexpr std::size_t kMostWords = 1 << 17;  // 1 MiB: glibc has some 60 KiB of data
constexpr std::uint64_t kWord = sizeof(std::uint64_t);

struct DataSearch {
  std::uint64_t address = 0;  // of something in the C library
  std::uint64_t begin = 0, end = 0;
};

// What is written at any time: the writable segment, but for what only the dynamic linker writes.
int note_data(dl_phdr_info* info, std::size_t, void* argument) {
  DataSearch& search = *static_cast<DataSearch*>(argument);
  bool holds_address = false;
  std::uint64_t begin = 0, end = 0, relro_end = 0;
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    const std::uint64_t at = info->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_GNU_RELRO) relro_end = at + header.p_memsz;
    if (header.p_type != PT_LOAD) continue;
    if (search.address >= at && search.address < at + header.p_memsz) holds_address = true;
    if ((header.p_flags & PF_W) == 0) continue;
    begin = at;
    end = at + header.p_memsz;
  }
  if (!holds_address) return 0;
  if (relro_end > begin && relro_end < end) begin = relro_end;
  search.begin = (begin + kWord - 1) & ~(kWord - 1);
  search.end = end & ~(kWord - 1);
  return 1;
}

std::span<const std::uint64_t> words_of_c_library() noexcept {
  if (is_loader_lost()) return {};
  const LoaderCall call;
  // A function that nobody interposes.
  DataSearch search{.address = reinterpret_cast<std::uint64_t>(::dlsym(RTLD_DEFAULT, "gnu_get_libc_version"))};
  if (search.address == 0 || ::dl_iterate_phdr(note_data, &search) == 0 || search.end <= search.begin) return {};
  return {reinterpret_cast<const std::uint64_t*>(search.begin), (search.end - search.begin) / kWord};
}

std::uint64_t read(const std::uint64_t& word) { return __atomic_load_n(&word, __ATOMIC_RELAXED); }

void nothing(void*) {}

}  // namespace

RegistrationCount::Search RegistrationCount::prepare() noexcept {
  Search search;
  search.words = words_of_c_library();
  if (search.words.size() > kMostWords) search.words = {};
  search.before.reset(new (std::nothrow) std::uint64_t[search.words.size()]);
  search.candidates.reset(new (std::nothrow) std::uint32_t[search.words.size()]);
  if (!search.before || !search.candidates) search.words = {};
  return search;
}

void RegistrationCount::find(Search& search) noexcept {
  --attempts_;
  const std::span<const std::uint64_t> words = search.words;
  const auto candidates = [&] { return std::span(search.candidates.get(), search.candidate_count); };
  const auto keep_if = [&](const auto& is_good) {
    std::size_t kept = 0;
    for (const std::uint32_t i : candidates()) {
      if (is_good(i)) search.candidates[kept++] = i;
    }
    search.candidate_count = kept;
  };
  search.candidate_count = words.size();
  std::iota(candidates().begin(), candidates().end(), 0u);
  for (int round = 0; round < kRounds && search.candidate_count != 0; ++round) {
    for (const std::uint32_t i : candidates()) search.before[i] = read(words[i]);
    if (__cxa_atexit(nothing, nullptr, &search) != 0) return;
    keep_if([&](std::uint32_t i) { return read(words[i]) == search.before[i] + 1; });
    __cxa_finalize(&search);
    keep_if([&](std::uint32_t i) { return read(words[i]) == search.before[i] + 1; });
  }
  if (search.candidate_count == 1) word_ = &words[search.candidates[0]];
}

}  // namespace enfold::runtime
