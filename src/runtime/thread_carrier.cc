// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A carrier's name is /proc/<pid>/fd/<number>. The C library takes an object that is loaded under the same name for the
// one that is asked for, so the number must not recur while the carrier is loaded: its file stays open, which also lets
// a debugger read it. (/proc/self/fd means another file to the debugger.) Should somebody close all files of the
// process, or the number recur all the same, the serial in the object tells; then it goes under another number.
#include "runtime/thread_carrier.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8U  // Linux 6.3
#endif

namespace enfold::runtime {
namespace {

constexpr std::uint8_t kMaxP2align = 12;  // a carrier's place is a multiple of a page, no more
constexpr int kMaxNames = 16;

std::atomic<std::uint64_t> next_serial{1};

Error file_error(const char* what) {
  const int reason = errno;
  Error error(ErrorCode::kRuntime,
              fmt::format("a carrier of thread-local storage: {}: {}", what, std::generic_category().message(reason)));
  if (reason != EMFILE) return error;
  return std::move(error).with_cure("raise the limit of open files (ulimit -n)");
}

// Where executable memory files are forbidden, a file has to say that it is none; older systems do not know how.
int make_file() {
  const int file = ::memfd_create("enfold-thread-locals", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  return file < 0 && errno == EINVAL ? ::memfd_create("enfold-thread-locals", MFD_CLOEXEC) : file;
}

bool write_all(int file, const std::vector<std::byte>& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(file, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

std::uint64_t load_address(void* handle) {
  const link_map* map = nullptr;
  return ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map->l_addr : 0;
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
  carrier.file_ = make_file();
  if (carrier.file_ < 0) return std::unexpected(file_error("memfd_create"));
  struct stat status {};
  if (::fstat(carrier.file_, &status) != 0) return std::unexpected(file_error("fstat"));
  carrier.device_ = status.st_dev;
  carrier.inode_ = status.st_ino;
  if (!write_all(carrier.file_, file.bytes)) return std::unexpected(file_error("write"));
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

// The number may be another file's by now.
Carrier::~Carrier() {
  unload();
  struct stat status {};
  if (file_ < 0 || ::fstat(file_, &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::close(file_);
}

Expected<void> Carrier::load() {
  for (int i = 0; i < kMaxNames; ++i) {
    const std::string path = fmt::format("/proc/{}/fd/{}", ::getpid(), file_);
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      const char* const reason = ::dlerror();
      return std::unexpected(Error(ErrorCode::kMemory, reason != nullptr ? reason : "dlopen fails"));
    }
    if (is_own(handle)) {
      handle_ = handle;
      return {};
    }
    ::dlclose(handle);
    if (auto done = rename(); !done) return done;
  }
  return std::unexpected(Error(ErrorCode::kRuntime, "carriers of thread-local storage are mistaken for one another"));
}

bool Carrier::is_own(void* handle) {
  CarrierReports reports;
  std::memcpy(&reports, reinterpret_cast<const void*>(load_address(handle) + reports_at_), sizeof reports);
  if (reports.serial != serial_) return false;
  reports_ = reports;
  return true;
}

Expected<void> Carrier::rename() {
  const int other = ::fcntl(file_, F_DUPFD_CLOEXEC, file_ + 1);
  if (other < 0) return std::unexpected(file_error("fcntl"));
  ::close(std::exchange(file_, other));
  return {};
}

void Carrier::unload() noexcept {
  if (handle_ != nullptr) ::dlclose(std::exchange(handle_, nullptr));
}

void Carrier::keep() noexcept {
  handle_ = nullptr;
  file_ = -1;
}

}  // namespace enfold::runtime
