// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hashed_name.h"

#include <sys/auxv.h>

#include <xxhash.h>

namespace enfold {
namespace {

constexpr std::size_t kRandomSize = 16;  // bytes that the kernel gives each process (AT_RANDOM)

// Of what the kernel gave nothing can be found out by way of it. Where it gave nothing, addresses are random, too.
std::uint64_t make_seed() {
  const std::uint64_t at = getauxval(AT_RANDOM);
  if (at == 0) return XXH3_64bits(&at, sizeof at) ^ reinterpret_cast<std::uintptr_t>(&at);
  return XXH3_64bits(reinterpret_cast<const void*>(at), kRandomSize);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

std::uint64_t wide_hash_of(std::string_view name) {
  static const std::uint64_t seed = make_seed();
  return XXH3_64bits_withSeed(name.data(), name.size(), seed);
}

std::uint32_t hash_of(std::string_view name) { return static_cast<std::uint32_t>(wide_hash_of(name)); }

}  // namespace enfold
