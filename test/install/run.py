#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Installs a build to an empty prefix, builds consumer/ against it, and runs its programs: each prints 42."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer"
PROGRAMS = ("consumer", "c_consumer", "formats_shared", "formats_archive", "formats_header")


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode:
        print(done.stdout)
        sys.exit(f"status {done.returncode} from: {' '.join(map(str, command))}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--build", required=True, help="a finished build of enfold")
    parser.add_argument("--generator", required=True)
    parser.add_argument("--compilers", required=True, nargs=2, metavar=("CC", "CXX"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="enfold-install-") as scratch:
        prefix, build = pathlib.Path(scratch, "prefix"), pathlib.Path(scratch, "build")
        run(options.cmake, "--install", options.build, "--prefix", prefix)
        run(options.cmake, "-G", options.generator, "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_C_COMPILER={options.compilers[0]}", f"-DCMAKE_CXX_COMPILER={options.compilers[1]}")
        run(options.cmake, "--build", build)
        printed = {name: run(build / name, build / "answer.o") for name in PROGRAMS}
    for name, text in printed.items():
        if text != "42\n":
            sys.exit(f"{name} printed {text!r} instead of '42'")
    print("found, built, linked and called")


if __name__ == "__main__":
    main()
