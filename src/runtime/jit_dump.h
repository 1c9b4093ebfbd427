// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// jit-PID.dump (Linux, tools/perf/Documentation/jitdump-specification.txt): records of functions with their code and
// the time at which they came to be, from which `perf inject --jit` makes object files. Since records have times, code
// that took the place of other code is told from it. perf learns of the file by a mapping of it that may be executed,
// and compares times by CLOCK_MONOTONIC (`perf record -k mono`).
#ifndef ENFOLD_RUNTIME_JIT_DUMP_H_
#define ENFOLD_RUNTIME_JIT_DUMP_H_

#include "runtime/profiler.h"

namespace enfold::runtime {

Expected<Profile*> open_jit_dump();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_JIT_DUMP_H_
