// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A carrier's file has a name only as long as it is open: /proc/<pid>/fd/<number>. Numbers recur, and the C library
// takes an object that was loaded under the same name for the one that is asked for. So each carrier has a spelling of
// that path of its own: "/." and "/" behind the process's number are the ones and zeros of its serial. Then the file can
// be closed, as a program does not expect files of others among its own. A debugger that reads the list of loaded
// objects would then open what has the number now, be it a pipe that never ends: the name is blanked in the list, and
// debuggers pass over objects without a name. (Both hold for glibc, which keeps the spelling to compare beside it.)
#include "runtime/thread_carrier.h"

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/loadable_file.h"
#include "runtime/loader_call.h"

namespace enfold::runtime {
namespace {

constexpr std::uint8_t kMaxP2align = 12;  // a carrier's place is a multiple of a page, no more

std::atomic<std::uint64_t> next_serial{1};

Error file_error(const char* what) {
  const int reason = errno;
  Error error(ErrorCode::kRuntime,
              fmt::format("a carrier of thread-local storage: {}: {}", what, std::generic_category().message(reason)));
  if (reason != EMFILE) return error;
  return std::move(error).with_cure("raise the limit of open files (ulimit -n)");
}

std::string unique_path(std::uint64_t serial, int file) {
  std::string path = fmt::format("/proc/{}", ::getpid());
  for (auto bit = static_cast<int>(std::bit_width(serial)) - 1; bit >= 0; --bit) path += (serial >> bit & 1) != 0 ? "/." : "/";
  return path + fmt::format("/fd/{}", file);
}

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
  carrier.file_ = create_memory_file("enfold-thread-locals");
  if (carrier.file_ < 0) return std::unexpected(file_error("memfd_create"));
  struct stat status {};
  if (::fstat(carrier.file_, &status) != 0) return std::unexpected(file_error("fstat"));
  carrier.device_ = status.st_dev;
  carrier.inode_ = status.st_ino;
  if (const int failure = write_all(carrier.file_, file.bytes); failure != 0) {
    errno = failure;
    return std::unexpected(file_error("write"));
  }
  return carrier;
}

Carrier::Carrier(Carrier&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      file_(std::exchange(other.file_, -1)),
      device_(other.device_),
      inode_(other.inode_),
      serial_(other.serial_),
      reports_at_(other.reports_at_),
      reports_(other.reports_) {}

Carrier::~Carrier() {
  unload();
  close_file();
}

Expected<void> Carrier::load(bool global) {
  const LoaderCall call;
  const std::string path = unique_path(serial_, file_);
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

// The number may be another file's by now.
void Carrier::close_file() noexcept {
  if (file_ < 0) return;
  link_map* const map = handle_ != nullptr ? map_of(handle_) : nullptr;
  if (map != nullptr && map->l_name != nullptr) *map->l_name = '\0';
  struct stat status {};
  const bool own = ::fstat(file_, &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  if (own) ::close(file_);
  file_ = -1;
}

void Carrier::unload() noexcept {
  if (handle_ == nullptr) return;
  const LoaderCall call;
  ::dlclose(std::exchange(handle_, nullptr));
}

void Carrier::keep() noexcept {
  close_file();
  handle_ = nullptr;
}

}  // namespace enfold::runtime
