#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the Debian packages that are missing: scripts/setup.sh [--tests | --bench]
#
# Without arguments, what building enfold and scripts/demo.sh need; with --tests, what the tests need as well; with
# --bench, what scripts/bench.sh compares enfold with. Does nothing, and asks for no root, when everything is installed.
set -eu

# Those that the demonstration needs for SQLite's sources: ca-certificates dpkg-dev make tcl.
packages="g++ cmake ninja-build pkg-config libfmt-dev libxxhash-dev libcli11-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libbenchmark-dev python3 ca-certificates dpkg-dev make tcl"
# llvm-19-dev's CMake files look for libzstd-dev and zlib1g-dev, which it does not depend on.
bench_packages="llvm-19-dev lld-19 libzstd-dev zlib1g-dev mold libtcc-dev tcc binutils"
test_packages="clang-19 llvm-19 libclang-rt-19-dev libunwind-19-dev binutils valgrind gdb ltrace groff-base"

case "${1-}" in
  '') ;;
  --tests) packages="$packages $test_packages" ;;
  --bench) packages="$packages $bench_packages" ;;
  *) echo "usage: $0 [--tests | --bench]" >&2; exit 2 ;;
esac

# shellcheck disable=SC2086  # lists of words, here and below
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "$0: not a Debian system; needed are the equivalents of these packages:" $packages >&2
  exit 1
fi

missing=
for package in $packages; do
  case "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "$0: run this as root:  apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  as_root=sudo
fi

echo "$0: installing$missing"
apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 -qq "$@"
}
# One entry of the machine's that cannot be refreshed must not stop us: `install` tells whether what it needs is there.
apt update || echo "$0: apt-get update failed; trying with the lists at hand" >&2
# shellcheck disable=SC2086
apt install --yes --no-install-recommends $missing </dev/null
