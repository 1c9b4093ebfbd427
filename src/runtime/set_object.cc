// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// glibc maps an object at the address that its first program header names where nobody has it. Should something have
// come to lie there since it was chosen, the object is given up before anything of it is used.
//
// Which scope the set and its libraries have: as in a program that was linked with -rdynamic, the set comes first, then
// what was preloaded, then its libraries, and the C library last. RTLD_DEEPBIND gives them that scope before the
// process's. It is left out where it would split the process in two: with a sanitizer, which refuses it, and where
// the allocator is the executable's, or a library's that is neither preloaded nor the C library.
#include "runtime/set_object.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/allocator.h"
#include "runtime/host_object.h"
#include "runtime/loadable_file.h"
#include "runtime/loader_call.h"
#include "runtime/object_file.h"
#include "runtime/static_storage.h"
#include "runtime/thread_access.h"
#include "runtime/versioned_name.h"

namespace enfold::runtime {
namespace {

// What the resolver works on: the load under way in this thread, within which there may be others.
struct Loading {
  const ObjectImage& image;
  const ObjectFile& file;
  const std::function<bool(const LoadedObject&)>& fill;
  const std::string& path;
  const link_map* near;  // any object of the list
  bool filled = false;
  bool elsewhere = false;  // it was mapped where it does not belong
};
constinit thread_local Loading* loading = nullptr;

const link_map* first_object() {
  const link_map* map = nullptr;
  void* const program = ::dlopen(nullptr, RTLD_LAZY | RTLD_NOLOAD);
  if (program == nullptr) return nullptr;
  if (::dlinfo(program, RTLD_DI_LINKMAP, &map) != 0) map = nullptr;
  ::dlclose(program);
  return map;
}

// The object that is being loaded comes late in the list.
link_map* find_object(const link_map* near, const std::string& path) {
  while (near != nullptr && near->l_next != nullptr) near = near->l_next;
  for (; near != nullptr; near = near->l_prev) {
    if (near->l_name != nullptr && path == near->l_name) return const_cast<link_map*>(near);
  }
  return nullptr;
}

// The dynamic linker gives up an object that refers to what nobody defines.
void veto(const link_map& map, const Loading& load) {
  auto* const symbol = reinterpret_cast<ElfW(Sym)*>(map.l_addr + load.image.tables.lo + load.file.veto);
  symbol->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
}

LoadedObject loaded(const Loading& load) {
  const std::uint64_t start = load.image.tables.lo;
  const auto* const values = reinterpret_cast<const ObjectValue*>(start + load.file.values);
  const std::size_t count = load.image.imports.size();
  LoadedObject object{.imports = {values, count}};
  const ThreadImage& threads = load.image.threads;
  if (threads.size == 0) return object;
  object.threads = {.id = values[count].module,
                    .tp_offset = static_cast<std::int64_t>(values[count].value),
                    .is_static = load.image.threads_are_static};
  object.thread_image = {reinterpret_cast<std::byte*>(start + load.file.thread_image), threads.bytes.size()};
  return object;
}

// What a library has under a name that the set has, too: in the order in which they were loaded, from the set on first.
void find_copied(const link_map& map, const Loading& load) {
  auto* const values = reinterpret_cast<ObjectValue*>(load.image.tables.lo + load.file.values);
  for (std::size_t i = 0; i < load.image.imports.size(); ++i) {
    const ObjectImport& import = load.image.imports[i];
    if (import.kind != ObjectImport::Kind::kCopied) continue;
    const std::string_view name = split(import.name).name;
    for (const link_map* library = map.l_next; library != nullptr; library = library->l_next) {
      const HostObject object{.bias = library->l_addr, .dynamic = library->l_ld};
      const std::optional<DynamicSymbol> found = find_dynamic_symbol(object, name);
      if (!found) continue;
      values[i].value = library->l_addr + found->st_value;
      break;
    }
  }
}

// The name under which the object is known from here on lies where its path did, which is longer.
void rename(link_map& map, std::string_view name) {
  const std::size_t size = std::min(name.size(), std::strlen(map.l_name));
  std::memcpy(map.l_name, name.data(), size);
  map.l_name[size] = '\0';
}

// Called by the dynamic linker, in the midst of its work.
std::uint64_t resolve() {
  Loading& load = *loading;
  link_map* const map = find_object(load.near, load.path);
  if (map == nullptr) return 0;
  load.elsewhere = map->l_addr != 0;
  if (!load.elsewhere) find_copied(*map, load);
  load.filled = !load.elsewhere && load.fill(loaded(load));
  if (load.filled) {
    rename(*map, load.image.name);
  } else {
    veto(*map, load);
  }
  return 0;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

const char* name_in(const link_map& map, std::int64_t wanted) {
  const char* names = nullptr;
  std::uint64_t offset = ~std::uint64_t{0};
  for (const ElfW(Dyn)* entry = map.l_ld; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_STRTAB) {
      names = reinterpret_cast<const char*>(entry->d_un.d_ptr < map.l_addr ? entry->d_un.d_ptr + map.l_addr
                                                                           : entry->d_un.d_ptr);
    } else if (entry->d_tag == wanted && offset == ~std::uint64_t{0}) {
      offset = entry->d_un.d_val;
    }
  }
  return names != nullptr && offset != ~std::uint64_t{0} ? names + offset : nullptr;
}

bool is_named(const link_map& map, std::string_view name) {
  if (base_name(map.l_name) == base_name(name)) return true;
  const char* const own = name_in(map, DT_SONAME);
  return own != nullptr && name == own;
}

// Objects that were preloaded stand between the executable and the first that it needs. The kernel's own has no file.
std::vector<std::string> preloaded(const link_map* program) {
  std::vector<std::string> names;
  const char* const first_needed = program != nullptr ? name_in(*program, DT_NEEDED) : nullptr;
  if (first_needed == nullptr) return names;
  for (const link_map* map = program->l_next; map != nullptr; map = map->l_next) {
    if (map->l_name == nullptr || *map->l_name == '\0' || std::strchr(map->l_name, '/') == nullptr) continue;
    if (is_named(*map, first_needed)) return names;
    names.emplace_back(map->l_name);
  }
  return {};
}

bool may_bind_deeply(const std::vector<std::string>& before) {
  for (const char* const sanitizer : {"__asan_init", "__tsan_init", "__hwasan_init"}) {
    if (::dlsym(RTLD_DEFAULT, sanitizer) != nullptr) return false;
  }
  void* const allocator = ::dlsym(RTLD_DEFAULT, "malloc");
  Dl_info owner{}, c_library{};
  if (allocator == nullptr || ::dladdr(allocator, &owner) == 0) return false;
  if (::dladdr(reinterpret_cast<void*>(&::gnu_get_libc_version), &c_library) == 0) return false;
  if (owner.dli_fbase == c_library.dli_fbase || is_replaceable_allocator(allocator)) return true;
  return std::ranges::find(before, std::string_view(owner.dli_fname)) != before.end();
}

// A debugger that finds a program of the name that the set has would take it for the set's own file.
std::string name_of_no_program(const std::string& name) {
  const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return name;
  char magic[SELFMAG] = {};
  const bool program = ::read(file, magic, SELFMAG) == SELFMAG && std::memcmp(magic, ELFMAG, SELFMAG) == 0;
  ::close(file);
  return program ? name + " (linked at run time)" : name;
}

ObjectImage completed(const ObjectImage& image, const std::vector<std::string>& before) {
  ObjectImage complete = image;
  complete.name = name_of_no_program(image.name);
  complete.libraries.insert(complete.libraries.begin(), before.begin(), before.end());
  complete.libraries.emplace_back("libc.so.6");
  return complete;
}

Error refusal(const Loading& load, const char* reason) {
  if (load.elsewhere) {
    return Error(ErrorCode::kInUse, fmt::format("the set '{}' was to be mapped at {:#x}, and is not: something lies "
                                                "there, or the C library maps objects where it likes",
                                                load.image.name, load.image.tables.lo))
        .with_cure("link it without SetOptions::as_shared_object, or run the program with --no-shared-object");
  }
  std::string text = reason != nullptr ? reason : "dlopen fails";  // the next call of the loader frees it
  if (text.starts_with(load.path)) text.erase(0, load.path.size() + 2);
  const ThreadImage& threads = load.image.threads;
  const StaticStorage own = load.image.threads_are_static ? StaticStorage{threads.size, threads.p2align} : StaticStorage{};
  return opening_failed(own, load.image.libraries, text,
                        Error(ErrorCode::kRuntime, fmt::format("the set '{}' cannot be opened as a shared object: {}",
                                                               load.image.name, text)));
}

}  // namespace

std::uint64_t set_object_size(const ObjectImage& image) {
  const LoaderCall call;
  return object_file_size(completed(image, preloaded(first_object())));
}

Expected<void*> load_set_object(const ObjectImage& image, const std::function<bool(const LoadedObject&)>& fill) {
  const LoaderCall call;
  const link_map* const first = first_object();
  const std::vector<std::string> before = preloaded(first);
  const ObjectImage complete = completed(image, before);
  ObjectFile file = make_object_file(complete, resolve);
  if (file.bytes.size() > image.tables.hi - image.tables.lo) {
    return std::unexpected(Error(ErrorCode::kRuntime, "objects were loaded meanwhile: the set's tables have no room"));
  }
  append_section_headers(file.bytes);  // which are not loaded
  Expected<LoadableFile> loadable = LoadableFile::make(file.bytes, "enfold", "the set's object", complete.name.size());
  if (!loadable) return std::unexpected(std::move(loadable).error());
  Loading load{.image = complete, .file = file, .fill = fill, .path = loadable->path(), .near = first};
  const int flags =
      RTLD_NOW | (image.global ? RTLD_GLOBAL : RTLD_LOCAL) | (may_bind_deeply(before) ? RTLD_DEEPBIND : 0);
  Loading* const outer = std::exchange(loading, &load);
  void* const handle = ::dlopen(loadable->path().c_str(), flags);
  loading = outer;
  if (handle == nullptr) return std::unexpected(refusal(load, ::dlerror()));
  if (load.filled) {
    // A program's first thread knows where its static block is from the start (dl_iterate_phdr tells).
    if (image.threads_are_static && image.threads.size != 0) thread_local_address(loaded(load).threads.id, 0);
    return handle;
  }
  ::dlclose(handle);
  return std::unexpected(
      Error(ErrorCode::kUnsupported, "this C library's dynamic linker loads no sets as shared objects")
          .with_cure("link without SetOptions::as_shared_object, or run the program with --no-shared-object"));
}

}  // namespace enfold::runtime
