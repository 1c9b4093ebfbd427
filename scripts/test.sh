#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sets the machine up, builds enfold twice, optimised and with AddressSanitizer and UndefinedBehaviorSanitizer, and the
# stress of many threads with ThreadSanitizer, and runs all tests: scripts/test.sh
#
# The run under AddressSanitizer comes first and leaves out the tests on real programs,
# whose outcome it could not change but for the time they take. A failing run ends the script, so that the last lines
# are ctest's own summary in any case. With CI set in the environment, warnings are errors.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)
werror=OFF
[ -z "${CI-}" ] || werror=ON

scripts/setup.sh --tests
build() {
  cmake --preset "$1" --log-level=NOTICE -DENFOLD_TESTS=ON -DENFOLD_WERROR="$werror"
  shift
  cmake --build --parallel "$jobs" --preset "$@"
}
build asan asan
build release release
build tsan tsan --target enfold-stress enfold-thread-stress

ctest --preset asan --parallel "$jobs" --label-exclude '^real$'
ctest --preset tsan --parallel "$jobs" --tests-regex '^stress[.]'
ctest --preset release --parallel "$jobs"
