#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sets the machine up, builds enfold twice, optimised and with AddressSanitizer and UndefinedBehaviorSanitizer, and the
# stress of many threads with ThreadSanitizer, and runs all tests: scripts/test.sh
#
# The run under AddressSanitizer comes first and leaves out the tests on real programs and their suites,
# whose outcome it could not change but for the time they take. A failing run ends the script, so that the last lines
# are ctest's own summary, and behind it the reason of each test that was skipped. With CI set in the environment,
# warnings are errors.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)
werror=OFF
[ -z "${CI-}" ] || werror=ON

scripts/setup.sh --tests
build() {
  cmake --preset "$1" --log-level=NOTICE -DENFOLD_TESTS=ON -DENFOLD_WERROR="$werror" -DENFOLD_UNITY="$2"
  shift 2
  cmake --build --parallel "$jobs" --preset "$@"
}
build asan ON asan
build release tests release
build tsan ON tsan --target test/stress/all

check() {
  preset=$1
  shift
  ctest --preset "$preset" --parallel "$jobs" "$@"
  python3 -B scripts/skipped.py "build/$preset"
}
check asan --label-exclude '^(real|suites)$'
check tsan --tests-regex '^stress[.]'
check release
