// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/profiler.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/jit_dump.h"
#include "runtime/perf_map.h"

namespace enfold::runtime {
namespace {

// A regular file of this user's that no other name leads to.
bool is_own(int file) {
  struct stat status {};
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() && status.st_nlink == 1;
}

// Only where the file itself is in the way does it help to remove it.
std::string cure_of(std::string_view call, std::string_view path, int number) {
  const bool has_choice = path.substr(path.rfind('/') + 1).starts_with("jit-");
  const std::string_view otherwise = has_choice ? "name another directory in JITDUMPDIR" : "link without a profiler";
  switch (call == "unlink" ? EEXIST : number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return fmt::format("make room for it, or {}", otherwise);
    case ENOENT:
    case ENOTDIR: return fmt::format("make the directory, or {}", otherwise);
    case EACCES:
    case EPERM:
    case EROFS: return fmt::format("allow {} there, or {}", call == "open" ? "writing" : "executing", otherwise);
    case EMFILE:
    case ENFILE: return "allow more open files, or link without a profiler";
    default: return "remove the file, or link without a profiler";
  }
}

}  // namespace

Error profile_error(const char* call, const char* path, int number) {
  return Error(ErrorCode::kIo,
               fmt::format("the profile {}: {}: {} ({})", path, call, std::strerror(number), strerrorname_np(number)))
      .with_cure(cure_of(call, path, number));
}

// O_EXCL follows no link, whatever it leads to.
Expected<int> create_profile_file(const char* path, bool (*kept)(int file)) {
  constexpr int kFlags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  constexpr mode_t kMode = 0644;
  int file = open(path, kFlags | O_CREAT | O_EXCL, kMode);
  if (file >= 0) return file;
  if (errno != EEXIST) return std::unexpected(profile_error("open", path, errno));
  file = open(path, kFlags);
  if (file >= 0 && is_own(file) && kept(file)) return file;
  if (file >= 0) close(file);
  if (unlink(path) != 0) return std::unexpected(profile_error("unlink", path, errno));
  file = open(path, kFlags | O_CREAT | O_EXCL, kMode);
  if (file < 0) return std::unexpected(profile_error("open", path, errno));
  return file;
}

Expected<void> append(int file, std::span<const char> bytes, const char* path) {
  ssize_t written;
  do {
    written = write(file, bytes.data(), bytes.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return std::unexpected(profile_error("write", path, errno));
  if (static_cast<std::size_t>(written) == bytes.size()) return {};
  return std::unexpected(profile_error("write", path, ENOSPC));  // cut short
}

Expected<Profile*> open_profile(Profiler kind) {
  switch (kind) {
    case Profiler::kPerfMap: return open_perf_map();
    case Profiler::kJitDump: return open_jit_dump();
    case Profiler::kNone: break;
  }
  return nullptr;
}

}  // namespace enfold::runtime
