// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "static_tls.h"

#include "start.h"

namespace tool {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;
constexpr std::uint64_t kMargin = 8192;  // for alignment, libraries' own storage, what the C library keeps back

}  // namespace

void restart_with_static_tls(const Arguments& arguments, std::uint64_t size) {
  if (arguments.start.has_more_thread_storage || size > kLimit) return;
  start_anew(arguments.start, {.name = arguments.link.name,
                               .program_arguments = arguments.program_arguments,
                               .static_thread_storage = size + kMargin});
}

}  // namespace tool
