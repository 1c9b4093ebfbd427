// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/static_storage.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <fmt/format.h>

#include "align.h"
#include "runtime/thread_carrier.h"

namespace enfold::runtime {
namespace {

// One block more, in whatever order they are placed.
void add(StaticStorage& lack, std::uint64_t size, std::uint8_t p2align) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;  // far from overflowing
  constexpr std::uint8_t kMostP2align = 40;
  if (size == 0) return;
  p2align = std::min(p2align, kMostP2align);
  lack.size = std::min(align_up_p2(lack.size + std::min(size, kMost), p2align), kMost);
  lack.p2align = std::max(lack.p2align, p2align);
}

// Of the file's PT_TLS, if it has one.
void add_thread_locals(StaticStorage& lack, const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return;
  ElfW(Ehdr) header{};
  const auto read = [&](void* to, std::size_t size, std::uint64_t at) {
    return ::pread(file, to, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
  };
  const bool known = read(&header, sizeof header, 0) && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0;
  for (std::uint64_t i = 0; known && i < header.e_phnum; ++i) {
    ElfW(Phdr) segment{};
    if (!read(&segment, sizeof segment, header.e_phoff + i * sizeof segment)) break;
    if (segment.p_type != PT_TLS) continue;
    const auto alignment = std::max<std::uint64_t>(segment.p_align, 1);
    add(lack, segment.p_memsz, static_cast<std::uint8_t>(std::bit_width(alignment) - 1));
  }
  ::close(file);
}

// What the set and those of its libraries that are not loaded take, if all of their thread-locals are static, as in a
// program that was linked with them.
StaticStorage all_of(const StaticStorage& own, std::span<const std::string> libraries) {
  StaticStorage all;
  add(all, own.size, own.p2align);
  for (const std::string& path : libraries) {
    if (!is_loaded(path)) add_thread_locals(all, path);
  }
  return all;
}

// Does the C library have as much left? It is asked for it.
bool has_room(const StaticStorage& wanted) {
  Expected<Carrier> probe =
      Carrier::prepare({.image = {.bytes = {}, .size = wanted.size, .p2align = wanted.p2align}, .is_static = true});
  return probe && probe->load();
}

}  // namespace

std::string storage_cure(const StaticStorage& lack) {
  constexpr std::uint64_t kGranted = 2048;  // and a little for others
  return fmt::format(
      "compile with -ftls-model=global-dynamic -fPIC, start the process with "
      "GLIBC_TUNABLES=glibc.rtld.optional_static_tls={}, or link the larger pool, enfold::thread_pool, into it",
      std::bit_ceil(lack.size + kGranted));
}

bool is_loaded(const std::string& path) {
  void* const loaded = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (loaded != nullptr) ::dlclose(loaded);
  return loaded != nullptr;
}

Error opening_failed(const StaticStorage& own, std::span<const std::string> libraries, const std::string& reason,
                     Error otherwise) {
  constexpr std::string_view kNotLater = ": shared object cannot be dlopen()ed";
  if (const std::size_t at = reason.find(kNotLater); at != std::string::npos) {
    return Error(ErrorCode::kUnsupported, reason)
        .with_cure("start the process with that library: link the program with it, or preload it (LD_PRELOAD)")
        .with_lack({.libraries = {reason.substr(0, at)}});
  }
  // What the loader says of a library that these need in turn; how much that needs is found by trying.
  constexpr const char* kLack = "static TLS block";
  constexpr std::uint64_t kGuess = std::uint64_t{1} << 16;
  StaticStorage lack = all_of(own, libraries);
  if (lack.size == 0 || has_room(lack)) {
    if (reason.find(kLack) == std::string::npos) return otherwise;
    lack.size += kGuess;
  }
  return Error(ErrorCode::kMemory,
               fmt::format("no static thread-local storage for {} bytes, aligned to {}, of the set and its libraries: {}",
                           lack.size, std::uint64_t{1} << lack.p2align, reason))
      .with_cure(storage_cure(lack))
      .with_lack({.static_storage = lack});
}

}  // namespace enfold::runtime
