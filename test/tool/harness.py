# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests of the command line: a runner, and what they all need.

A test is a function marked with @test; it states one fact, in a directory of its own, and fails by an exception. What
this machine lacks is a reason to skip(): it is printed.
"""
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import traceback

ENFOLD = os.path.abspath(sys.argv[1])
MAN_PAGE = os.path.abspath(sys.argv[2])
CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))
OWN_ERROR = 125
SKIPPED = 77  # status when no test ran
SANITIZED = os.environ.get("ENFOLD_SANITIZE", "")  # what enfold was built with
PATIENCE = 120  # seconds until what hangs is ended, and its test fails

_tests = []


class Fixture:
    """A fresh directory, and enfold run in it with a TMPDIR of its own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.tmp = self.directory / "tmpdir"
        self.tmp.mkdir()

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name

    def compile(self, name, text, *flags):
        """The object of a source, by the compiler that its suffix asks for."""
        self.write(name, text)
        compiler = CC if name.endswith(".c") else CXX
        target = os.path.splitext(name)[0] + ".o"
        subprocess.run([*compiler, *flags, "-c", "-o", target, name], cwd=self.directory, check=True)
        return target

    def archive(self, name, *members):
        subprocess.run(["ar", "rcs", name, *members], cwd=self.directory, check=True)
        return name

    def shared_library(self, name, *objects):
        subprocess.run([*CC, "-shared", "-o", name, *objects], cwd=self.directory, check=True)
        return "./" + name

    def environment(self, **variables):
        env = {k: v for k, v in os.environ.items() if k not in variables}
        env["TMPDIR"] = str(self.tmp)
        env.update({k: v for k, v in variables.items() if v is not None})
        return env

    def enfold(self, *arguments, stdin=b"", env=None, **popen):
        return subprocess.run([ENFOLD, *arguments], cwd=self.directory, input=stdin, capture_output=True,
                              env=env or self.environment(), timeout=PATIENCE, **popen)


class Skipped(Exception):
    """The reason why a test does not apply here."""


def skip(reason):
    raise Skipped(reason)


def test(function):
    _tests.append(function)
    return function


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(w) for w in what))


def expect_equal(actual, expected, result=None):
    note = "" if result is None else f"\nstdout: {result.stdout!r}\nstderr: {result.stderr!r}"
    expect(actual == expected, f"expected {expected!r}, got {actual!r}{note}")


def expect_own_error(result, *texts):
    expect_equal(result.returncode, OWN_ERROR, result)
    message = result.stderr.decode()
    expect("enfold: error: " in message, "no 'enfold: error:' in", repr(message))
    for text in texts:
        expect(text in message, repr(text), "not in", repr(message))


def take_default_signals():
    """Programs inherit what is ignored: by nohup, and in the background of a shell."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main():
    """Runs all tests, or those whose names are given after the fixed arguments."""
    take_default_signals()
    chosen = sys.argv[3:]
    failed = skipped = 0
    tests = [t for t in _tests if not chosen or t.__name__ in chosen]
    for function in tests:
        with tempfile.TemporaryDirectory(prefix="enfold-test-") as directory:
            try:
                function(Fixture(directory))
            except Skipped as reason:
                skipped += 1
                print(f"skipped: {function.__name__}: {reason}")
            except Exception:  # a test may fail in any way
                failed += 1
                print(f"FAILED {function.__name__}")
                traceback.print_exc(file=sys.stdout)
    passed = len(tests) - failed - skipped
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not tests else 0 if passed else SKIPPED)
