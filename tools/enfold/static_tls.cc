// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "static_tls.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "runtime/thread_carrier.h"
#include "start.h"

namespace tool {
namespace {

constexpr std::uint64_t kDefault = 512;  // what the tunable is without us
constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;
constexpr std::uint8_t kUsualP2align = 6;  // what every process has

// An object that has nothing but thread-local storage of that alignment; -1 where there is no file for it.
int make_aligned_object(std::uint8_t p2align) {
  const auto object = enfold::runtime::make_carrier_file({.image = {.bytes = {}, .size = 1, .p2align = p2align}}, 0);
  int made = memfd_create("enfold-thread-locals", MFD_CLOEXEC);
  int file = made < 0 ? made : fcntl(made, F_DUPFD, STDERR_FILENO + 1);  // it lives until the process is there anew
  if (made >= 0) close(made);
  if (file < 0) return file;
  if (write(file, object.bytes.data(), object.bytes.size()) == static_cast<ssize_t>(object.bytes.size())) return file;
  close(file);
  return -1;
}

}  // namespace

void restart_with_static_tls(const Arguments& arguments, enfold::StaticStorage lack) {
  const std::uint64_t granted = arguments.start.static_thread_storage;
  if (granted >= kLimit || lack.size > kLimit || arguments.link.reads_standard_input()) return;  // it is read
  NewStart next{.name = arguments.link.name,
                .program_arguments = arguments.program_arguments,
                .static_thread_storage = std::max(lack.size + kDefault, 2 * granted)};
  int file = -1;
  if (lack.p2align > kUsualP2align) {
    file = make_aligned_object(lack.p2align);
    if (file < 0) return;
    next.preload = preload_path(file);
  }
  start_anew(arguments.start, next);
  if (file >= 0) close(file);
}

}  // namespace tool
