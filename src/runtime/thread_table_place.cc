// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// In the executable, which is module 1 of the C library, a variable of this file is in static storage. In a shared
// library it may or may not be: there, eight bytes of a carrier serve, which stays for good.
#include "runtime/thread_table_place.h"

#include <bit>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "runtime/host_object.h"
#include "runtime/thread_carrier.h"

namespace enfold::runtime {
namespace {

constexpr std::uint64_t kExecutable = 1;

constinit TableWord empty_table[1]{};
constinit thread_local TableWord* own_table = empty_table;

bool is_of_executable(std::uint64_t thread_local_address) {
  const std::optional<HostObject> object = find_host_object(thread_local_address);
  return object && object->thread_local_block && object->thread_module == kExecutable;
}

// Two threads that come here at once both load a carrier; no lock is held meanwhile, since whoever holds the loader's
// may wait for it.
Expected<void> carry_table() {
  const TableWord* const initial = empty_table;
  const CarrierSpec spec{
      .image = {.bytes = std::as_bytes(std::span(&initial, 1)), .size = sizeof initial, .p2align = 3},
      .is_static = true};
  Expected<Carrier> carrier = Carrier::prepare(spec);
  if (!carrier) return std::unexpected(std::move(carrier).error());
  if (auto done = carrier->load(); !done) return done;
  std::int64_t unplaced = 0;
  if (enfold_thread_table_offset.compare_exchange_strong(unplaced, carrier->tp_offset())) carrier->keep();
  return {};
}

}  // namespace

TableWord* empty_thread_table() { return empty_table; }

Expected<void> place_thread_table() {
  if (enfold_thread_table_offset.load(std::memory_order_relaxed) != 0) return {};
  const auto own = reinterpret_cast<std::uint64_t>(&own_table);
  if (!is_of_executable(own)) return carry_table();
  enfold_thread_table_offset.store(distance_from_thread_pointer(own), std::memory_order_relaxed);
  return {};
}

}  // namespace enfold::runtime
