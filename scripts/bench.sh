#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Measures enfold beside other linkers and writes docs/performance.md with its plots and figures, and the README's
# table of them:
#
#   scripts/bench.sh [--docs DIR] [OPTIONS OF enfold-bench-peers: --rounds N --workloads A,B --peers A,B --seconds N]
#
# Sets the machine up (as scripts/setup.sh --bench does), builds, makes the objects, runs, and reports: a quarter of
# an hour the first time, ten minutes from then on. Workloads: tiny, threads, generated, sqlite, sqlite-sections, lua,
# llvm, throws, calls, sections. A machine that does something else meanwhile shows in the figures.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)
docs=docs
if [ "${1-}" = --docs ]; then
  docs=$2
  shift 2
fi

scripts/setup.sh --bench
scripts/fetch-sqlite.sh build/sources/sqlite3-amalgamation
scripts/fetch-source.sh lua5.4 build/sources/lua5.4
cmake --preset release --log-level=NOTICE -DENFOLD_BENCH_PEERS=ON
cmake --build --preset release --parallel "$jobs" --target enfold-bench-peers enfold_tool
python3 -B bench/peers/generate.py build/sources build/bench-objects

ENFOLD_BENCH_LOAD=$(cut -d' ' -f1-3 /proc/loadavg)
export ENFOLD_BENCH_LOAD
build/release/bin/enfold-bench-peers --objects build/bench-objects --out build/bench-results.jsonl "$@"
python3 -B bench/start.py build/release/bin/enfold build/bench-start.json
mkdir -p "$docs"
python3 -B bench/peers/report.py build/bench-results.jsonl "$docs" build/bench-start.json
[ "$docs" != docs ] || python3 -B bench/peers/readme.py README.md docs/performance.json
echo "$docs/performance.md"
