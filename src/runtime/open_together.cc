// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program that the system linker has made names its libraries, and the dynamic linker gives all of their thread-locals
// room in static storage before any of their code runs. A library that is opened on its own gets room there only where
// something asks for it by a relocation, and for a library whose constructor has touched its thread-locals it is too
// late. So the libraries are opened by way of a carrier that needs them all, and has the relocations that the program
// would have: objects are relocated before any constructor runs. If there is no room for one of them, or for the set's own
// block, for which a block of the carrier stands, nothing was run yet, and the process can be started anew with more.
#include "runtime/open_together.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/thread_carrier.h"

namespace enfold::runtime {
namespace {

bool is_loaded(const std::string& path) {
  void* const loaded = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (loaded != nullptr) ::dlclose(loaded);
  return loaded != nullptr;
}

// Of the file's PT_TLS, if it has one.
void add_thread_locals(StorageWant& want, const std::string& path) {
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
    want.add(segment.p_memsz, static_cast<std::uint8_t>(std::bit_width(alignment) - 1));
  }
  ::close(file);
}

// What the set and those of its libraries that are not loaded take, if all of their thread-locals are static, as in a
// program that was linked with them.
StorageWant want_of(const LibraryRequest& request) {
  StorageWant want;
  want.add(request.own.size, request.own.p2align);
  for (const std::string& path : request.paths) {
    if (!is_loaded(path)) add_thread_locals(want, path);
  }
  return want;
}

// Does the C library have as much left? It is asked for it.
bool has_room(const StorageWant& want) {
  Expected<Carrier> probe =
      Carrier::prepare({.image = {.bytes = {}, .size = want.size, .p2align = want.p2align}, .is_static = true});
  return probe && probe->load();
}

Error explain(const LibraryRequest& request, const Error& reason) {
  // What the loader says of a library that these need in turn; how much that needs is found by trying.
  constexpr std::string_view kWant = "static TLS block";
  constexpr std::uint64_t kGuess = std::uint64_t{1} << 16;
  StorageWant want = want_of(request);
  if (want.size == 0 || has_room(want)) {
    if (reason.message().find(kWant) == std::string::npos) return Error(ErrorCode::kRuntime, reason.message());
    want.size += kGuess;
  }
  note_storage_want(want);
  return Error(ErrorCode::kMemory,
               fmt::format("no static thread-local storage for {} bytes, aligned to {}, of the set and its libraries: {}",
                           want.size, std::uint64_t{1} << want.p2align, reason.message()))
      .with_cure(storage_cure(want));
}

Expected<std::vector<void*>> hold(const LibraryRequest& request) {
  std::vector<void*> handles;
  handles.reserve(request.paths.size());
  for (const std::string& path : request.paths) {
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | (request.global ? RTLD_GLOBAL : RTLD_LOCAL));
    if (handle == nullptr) {
      const char* const reason = ::dlerror();
      for (void* const held : handles) ::dlclose(held);
      return std::unexpected(Error(ErrorCode::kRuntime, reason != nullptr ? reason : path + ": cannot be loaded"));
    }
    handles.push_back(handle);
  }
  return handles;
}

}  // namespace

std::optional<Expected<std::vector<void*>>> open_together(const LibraryRequest& request) {
  const auto absent = std::ranges::count_if(request.paths, [](const std::string& path) { return !is_loaded(path); });
  const bool alone = absent == 1 && request.constants.empty() && request.own.size == 0;
  if (absent == 0) return std::nullopt;
  if (alone) {
    auto handles = hold(request);
    if (!handles) return std::unexpected(explain(request, handles.error()));
    return handles;
  }
  CarrierSpec spec{.image = {.bytes = {}, .size = request.own.size, .p2align = request.own.p2align},
                   .is_static = true,
                   .imports = request.constants,
                   .optional = true,  // what they do not define is told with its name later
                   .libraries = request.paths};
  Expected<Carrier> carrier = Carrier::prepare(spec);
  if (!carrier) return std::nullopt;
  if (auto done = carrier->load(request.global); !done) return std::unexpected(explain(request, done.error()));
  return hold(request);
}

}  // namespace enfold::runtime
