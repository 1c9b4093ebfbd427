#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Which lines of the readers, of the planner and of the tables of relocations the damaged objects of test/fuzz reach:
# scripts/coverage.sh [FILE]...
#
# Builds with gcc's counters in build/coverage, runs the corpus alone, and prints the share of lines for each room. For
# each FILE, below src/, it lists the lines that were not reached. Fails where a room has less than 95 of 100.
set -eu
cd "$(dirname "$0")/.."
build=build/coverage
cmake -S . -B $build -G Ninja --log-level=NOTICE -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O0 --coverage" -DENFOLD_UNITY=ON -DENFOLD_BENCH=OFF
cmake --build $build --parallel "${JOBS:-$(nproc)}" --target enfold-corpus-test
find $build -name '*.gcda' -delete
$build/bin/enfold-corpus-test --gtest_brief=1 >$build/corpus.log || { cat $build/corpus.log; exit 1; }
exec python3 -B test/fuzz/coverage.py $build "$@"
