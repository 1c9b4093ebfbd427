#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Runs a package's own tests with its programs run by `enfold run` from their objects, and compares with the system
# linker's programs:
#
#   scripts/check-package.sh [--keep | --again] NAME...     a Debian source package: sed, gawk, hello, ...
#   scripts/check-package.sh all      sed gawk grep coreutils bash tar findutils m4 redis libgc guile d
#
# Sets the machine up, builds enfold, fetches the sources, builds and tests each package; sed takes two minutes on two
# idle cores, all of them most of a day. test/suites/packages.py says how a package is built and what differs;
# what is not named there is built by ./configure and make. Logs are in build/suites/NAME. --keep leaves the build
# there, and --again runs only the tests of what was left.
set -eu
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
  sed -n 's/^# \{0,1\}//; 4,12p' "$0" >&2
  exit 2
fi
scripts/setup.sh
cmake --preset release --log-level=NOTICE
cmake --build --preset release --parallel "$(nproc)" --target enfold_tool
python3 -B test/suites/run.py --enfold build/release/bin/enfold --cache build "$@"
