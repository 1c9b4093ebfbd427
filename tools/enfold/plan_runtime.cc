// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan_runtime.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace tool {
namespace {

using enfold::Expected;
using enfold::HostSymbol;
using enfold::TargetAddr;

// Stands for a library that a program would open. Its symbols lie in a stretch of zeroes near the process's libraries,
// as they would in the library: what is never run may hold any address, but distances to it have to fit, and data may
// be copied from it. Mapped before any window is looked for, which would lie there else.
class AbsentLibrary {
 public:
  AbsentLibrary() : address_(::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  AbsentLibrary(const AbsentLibrary&) = delete;
  AbsentLibrary& operator=(const AbsentLibrary&) = delete;
  ~AbsentLibrary() {
    if (address_ != MAP_FAILED) ::munmap(address_, kSize);
  }

  void* handle() const { return address_ == MAP_FAILED ? nullptr : address_; }
  bool is(const void* library) const { return library != nullptr && library == address_; }
  TargetAddr symbol() const { return TargetAddr{reinterpret_cast<std::uint64_t>(address_)}; }

 private:
  static constexpr std::size_t kSize = std::size_t{64} << 20;  // more than any data object that programs copy
  void* address_;
};

class PlanRuntime final : public enfold::RuntimeHooks {
 public:
  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    if (absent_.is(library)) return HostSymbol{.address = absent_.symbol()};
    return process_->find(library, symbol);
  }
  Expected<void*> open_library(const std::string& path, bool) override {
    if (void* loaded = find_loaded_library(path)) return loaded;
    if (void* absent = absent_.handle()) return absent;
    return std::unexpected(enfold::Error(enfold::ErrorCode::kRuntime, path + ": no address space to plan with"));
  }
  void close_library(void* library) noexcept override {
    if (!absent_.is(library)) process_->close_library(library);
  }
  void* find_loaded_library(const std::string& path) override { return process_->find_loaded_library(path); }

  Expected<void> register_frames(const enfold::FrameTables&) override { return {}; }
  void deregister_frames(const enfold::FrameTables&) noexcept override {}
  TargetAddr resolve_indirect(TargetAddr resolver) override { return resolver; }
  Expected<void> at_exit(void (*)(void*), void*, TargetAddr) override { return {}; }
  void finalize(TargetAddr) override {}
  void call_initializer(TargetAddr, int, char**, char**) override {}
  void call_finalizer(TargetAddr) override {}

  Expected<std::uint64_t> object_tables_size(const enfold::ObjectImage& image) override {
    return process_->object_tables_size(image);
  }
  // For the program's base: memory where the dynamic linker would map it, until the process ends.
  Expected<void*> load_object(const enfold::ObjectImage& image,
                              const std::function<bool(const enfold::LoadedObject&)>& fill) override {
    if (!map(image)) {
      return std::unexpected(enfold::Error(enfold::ErrorCode::kInUse, "something lies where the base is planned"));
    }
    const std::vector<enfold::ObjectValue> imports(image.imports.size(),
                                                   {.value = enfold::value(absent_.symbol()), .module = kSomeModule});
    std::vector<std::byte> threads(image.threads.bytes.size());
    const enfold::ThreadModule module = {.id = kSomeModule, .is_static = image.threads_are_static};
    if (fill({.threads = module, .thread_image = threads, .imports = imports})) return nullptr;
    return std::unexpected(enfold::Error(enfold::ErrorCode::kRuntime, "the base cannot be written"));
  }

 private:
  static constexpr std::uint64_t kSomeModule = 1;

  static bool map(const enfold::ObjectImage& image) {
    std::uint64_t end = image.tables.hi;
    for (const enfold::Block::Segment& segment : image.segments) {
      end = std::max(end, enfold::value(segment.base) + segment.size);
    }
    const std::uint64_t start = image.tables.lo;
    constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    return ::mmap(reinterpret_cast<void*>(start), end - start, PROT_READ | PROT_WRITE, kFlags, -1, 0) != MAP_FAILED;
  }

  std::shared_ptr<enfold::RuntimeHooks> process_ = enfold::make_process_runtime();
  AbsentLibrary absent_;
};

}  // namespace

std::shared_ptr<enfold::RuntimeHooks> make_plan_runtime() { return std::make_shared<PlanRuntime>(); }

}  // namespace tool
