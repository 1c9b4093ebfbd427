# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects that a compiler has instrumented, and their twins from the system linker.

A compiler or run time that is not installed leaves its tests out.
"""
import os
import pathlib
import shutil
import subprocess

from harness import PATIENCE

GCC = shutil.which("gcc")
CLANG = shutil.which("clang-19")


def runtime(compiler, name):
    """The path of a compiler's run time library, or None."""
    if not compiler:
        return None
    found = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    path = pathlib.Path(found.stdout.strip())
    return os.path.realpath(path) if path.is_absolute() and path.exists() else None


def build(t, compiler, name, text, *flags):
    t.write(name + ".c", text)
    subprocess.run([compiler, *flags, "-c", name + ".c", "-o", name + ".o"], cwd=t.directory, check=True)
    return name + ".o"


def system_run(t, compiler, target, *flags, **variables):
    """What the object does when the system linker has linked it."""
    subprocess.run([compiler, *flags, target, "-o", "program"], cwd=t.directory, check=True)
    return subprocess.run(["./program"], cwd=t.directory, capture_output=True, check=False,
                          env=t.environment(**variables), timeout=PATIENCE)
