// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A signal every 300 us, in whatever thread it finds, that describes addresses of sets which come and go meanwhile.
#ifndef ENFOLD_TEST_STRESS_STORM_SIGNALS_H_
#define ENFOLD_TEST_STRESS_STORM_SIGNALS_H_

#include <cstdint>

#include "world.h"

namespace enfold::storm {

// Addresses in `lasting`, whose base function is `function`, have to be found.
void start_signals(World& world, std::uint64_t function);
void stop_signals();

// That the signal may ask for from now on, whatever becomes of the set.
void remember(std::uint64_t address);

std::uint64_t signals_seen();
std::uint64_t addresses_found();

}  // namespace enfold::storm

#endif  // ENFOLD_TEST_STRESS_STORM_SIGNALS_H_
