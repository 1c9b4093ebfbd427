#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sets the machine up, builds enfold, and lets it run a real program from its relocatable objects: SQLite's shell, from
# Debian's source package. Where that package is out of reach, the calculator in examples/ stands in for it.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)

scripts/setup.sh
cmake --preset release --log-level=NOTICE
cmake --build --preset release --target enfold_tool --parallel "$jobs"
enfold=build/release/bin/enfold
objects=build/demo
mkdir -p "$objects"

# Prints a command and runs it.
show() {
  printf '\n$'
  for word; do
    case $word in
      *[!A-Za-z0-9_./:=+-]*) printf ' "%s"' "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  "$@"
}

# Compiles SOURCE to OBJECT unless that is there: compile OBJECT SOURCE COMPILER...
compile() {
  object=$1 source=$2
  shift 2
  if [ ! -e "$object" ]; then
    show "$@" -c "$source" -o "$object"
  fi
}

sqlite() {
  sources=build/sources/sqlite3-amalgamation
  compile "$objects/shell.o" "$sources/shell.c" gcc -O2
  compile "$objects/sqlite3.o" "$sources/sqlite3.c" gcc -O2 -DSQLITE_ENABLE_MATH_FUNCTIONS
  show "$enfold" run "$objects/shell.o" "$objects/sqlite3.o" -lm -- :memory: \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
     SELECT i, i * i, round(sqrt(i), 4) FROM n"
}

calculator() {
  for source in examples/calculator/*.cc; do
    compile "$objects/$(basename "$source" .cc).o" "$source" g++ -std=c++17 -O2
  done
  objects_of_calculator=
  for source in examples/calculator/*.cc; do
    objects_of_calculator="$objects_of_calculator $objects/$(basename "$source" .cc).o"
  done
  # shellcheck disable=SC2086  # a list of words
  show "$enfold" run $objects_of_calculator -lstdc++ -lm -- "2 * (3 + 4) ^ 2" "sqrt(2) * pi" "max(1, 2 ^ 0.5)"
}

if scripts/fetch-sqlite.sh build/sources/sqlite3-amalgamation; then
  sqlite
else
  echo "SQLite's sources are out of reach: running the calculator of examples/ instead."
  calculator
fi
