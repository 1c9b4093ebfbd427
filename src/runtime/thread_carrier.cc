// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_carrier.h"

#include <atomic>
#include <cstring>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <link.h>

#include <fmt/format.h>

#include "runtime/loader_call.h"

namespace enfold::runtime {
namespace {

constexpr std::uint8_t kMaxP2align = 12;  // a carrier's place is a multiple of a page, no more

std::atomic<std::uint64_t> next_serial{1};

link_map* map_of(void* handle) {
  link_map* map = nullptr;
  return ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map : nullptr;
}

// What the loader says, without the carrier's path.
std::string loader_message(const std::string& path) {
  const char* const reason = ::dlerror();
  if (reason == nullptr) return "dlopen fails";
  const std::string_view text = reason;
  const std::size_t behind = path.size() + 2;  // ": "
  return std::string(text.starts_with(path) && text.size() > behind ? text.substr(behind) : text);
}

}  // namespace

Expected<Carrier> Carrier::prepare(const CarrierSpec& spec) {
  if (spec.image.p2align > kMaxP2align) {
    return std::unexpected(Error(
        ErrorCode::kMemory, fmt::format("static thread-local storage cannot be aligned to 2^{}", spec.image.p2align)));
  }
  Carrier carrier;
  carrier.serial_ = next_serial.fetch_add(1, std::memory_order_relaxed);
  const CarrierFile file = make_carrier_file(spec, carrier.serial_);
  carrier.reports_at_ = file.reports;
  Expected<LoadableFile> loadable =
      LoadableFile::make(file.bytes, "enfold-thread-locals", "a carrier of thread-local storage");
  if (!loadable) return std::unexpected(std::move(loadable).error());
  carrier.file_.emplace(*std::move(loadable));
  return carrier;
}

Carrier::Carrier(Carrier&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      file_(std::move(other.file_)),
      serial_(other.serial_),
      reports_at_(other.reports_at_),
      reports_(other.reports_) {
  other.file_.reset();
}

Carrier::~Carrier() {
  unload();
  close_file();
}

Expected<void> Carrier::load(bool global) {
  const LoaderCall call;
  const std::string& path = file_->path();
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
  if (handle == nullptr) return std::unexpected(Error(ErrorCode::kMemory, loader_message(path)));
  if (is_own(handle)) {
    handle_ = handle;
    return {};
  }
  ::dlclose(handle);
  return std::unexpected(Error(ErrorCode::kRuntime, "carriers of thread-local storage are mistaken for one another"));
}

// Objects are told apart by their files' inodes as well as by their names: a system may give one twice.
bool Carrier::is_own(void* handle) {
  const link_map* const map = map_of(handle);
  if (map == nullptr) return false;
  CarrierReports reports;
  std::memcpy(&reports, reinterpret_cast<const void*>(map->l_addr + reports_at_), sizeof reports);
  if (reports.serial != serial_) return false;
  reports_ = reports;
  return true;
}

// Debuggers pass over objects without a name. (glibc keeps the path to compare beside it.)
void Carrier::close_file() noexcept {
  if (!file_) return;
  link_map* const map = handle_ != nullptr ? map_of(handle_) : nullptr;
  if (map != nullptr && map->l_name != nullptr) *map->l_name = '\0';
  file_.reset();
}

void Carrier::unload() noexcept {
  if (handle_ == nullptr || is_loader_lost()) return;
  const LoaderCall call;
  ::dlclose(std::exchange(handle_, nullptr));
}

void Carrier::keep() noexcept {
  close_file();
  handle_ = nullptr;
}

}  // namespace enfold::runtime
