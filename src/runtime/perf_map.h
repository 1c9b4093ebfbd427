// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// /tmp/perf-PID.map (Linux, tools/perf/Documentation/jit-interface.txt): a line "START SIZE name" for each function,
// numbers in hexadecimal. Nothing can be taken back: where code was unloaded and other code took its place, perf may
// name either.
#ifndef ENFOLD_RUNTIME_PERF_MAP_H_
#define ENFOLD_RUNTIME_PERF_MAP_H_

#include "runtime/profiler.h"

namespace enfold::runtime {

Expected<Profile*> open_perf_map();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_PERF_MAP_H_
