// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/loader_lock.h"

#include <utility>

#include "runtime/thread_carrier.h"

namespace enfold::runtime {
namespace {

constinit thread_local const std::function<void()>* pending = nullptr;

void run_pending(int, char**, char**) noexcept { (*std::exchange(pending, nullptr))(); }

}  // namespace

Expected<void> with_loader_lock(const std::function<void()>& function) {
  CarrierSpec spec;
  spec.constructor = run_pending;
  Expected<Carrier> carrier = Carrier::prepare(spec);
  if (!carrier) return std::unexpected(std::move(carrier).error());
  const std::function<void()>* const outer = std::exchange(pending, &function);
  Expected<void> done = carrier->load();
  pending = outer;
  return done;
}

}  // namespace enfold::runtime
