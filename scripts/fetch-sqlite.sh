#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Makes SQLite's amalgamation, sqlite3.c with its headers and shell.c, from Debian's source package, in DIR:
# scripts/fetch-sqlite.sh DIR
#
# Debian carries SQLite's repository, in which the amalgamation is built by a Tcl script.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: $0 DIR" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$(dirname "$1")"
target=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
[ -e "$target/.complete" ] && exit 0

source=$(dirname "$target")/sqlite3
"$here/fetch-source.sh" sqlite3 "$source"

exec 9>"$target.lock"
flock 9
[ -e "$target/.complete" ] && exit 0
work=$target.partial
rm -rf "$work" "$target"
mkdir -p "$work"
if ! (cd "$work" && "$source/configure" --disable-tcl --disable-readline --disable-shared && make sqlite3.c shell.c) \
    >"$target.log" 2>&1; then
  echo "$0: building the amalgamation failed:" >&2
  tail -n 20 "$target.log" >&2
  exit 1
fi
mkdir "$target"
mv "$work/sqlite3.c" "$work/sqlite3.h" "$work/sqlite3ext.h" "$work/shell.c" "$target"
rm -rf "$work"
: >"$target/.complete"
