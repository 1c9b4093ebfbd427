// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/static_storage.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "align.h"

namespace enfold::runtime {
namespace {

constinit thread_local std::optional<StorageWant> last_want;

}  // namespace

void StorageWant::add(std::uint64_t more, std::uint8_t its_p2align) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;  // far from overflowing
  constexpr std::uint8_t kMostP2align = 40;
  if (more == 0) return;
  its_p2align = std::min(its_p2align, kMostP2align);
  size = std::min(align_up_p2(size + std::min(more, kMost), its_p2align), kMost);
  p2align = std::max(p2align, its_p2align);
}

std::string storage_cure(const StorageWant& want) {
  constexpr std::uint64_t kGranted = 2048;  // and a little for others
  return fmt::format(
      "compile with -ftls-model=global-dynamic -fPIC, start the process with "
      "GLIBC_TUNABLES=glibc.rtld.optional_static_tls={}, or link the larger pool, enfold::thread_pool, into it",
      std::bit_ceil(want.size + kGranted));
}

void note_storage_want(const StorageWant& want) noexcept { last_want = want; }
std::optional<StorageWant> take_storage_want() noexcept { return std::exchange(last_want, std::nullopt); }

}  // namespace enfold::runtime
