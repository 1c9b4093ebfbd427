#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the tests of packages twice, their programs linked by the system linker and run by `enfold run`, and compares.

    run.py --enfold TOOL --cache DIR NAME...

DIR/sources has the sources, DIR/suites/NAME what was built and the logs. A package is built once, by a compiler whose
linker is the stand-in of linker.py; one file tells its programs which way to run. A test that does not pass in the
first run, with the system linker, does not count. One that then fails in the second is run once more, because some
tests depend on time, and is a failure if it differs again and packages.py does not say why.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1] / "real"))
import build  # noqa: E402  (of test/real)
import packages  # noqa: E402
from linker import Kit  # noqa: E402

SKIPPED_STATUS = 77


class Suite:
    """One package on its way through both runs."""

    def __init__(self, name, options):
        recipe = packages.ALL.get(name, packages.Automake)
        self.name, self.place = name, options.cache / "suites" / name
        self.tool, self.keep = options.enfold, options.keep
        self.kit = Kit(self.place / "kit")
        source = recipe.source if recipe.source is not None else None
        self.sources = options.cache / "sources" / (source or name)
        self.has_source = source is not None
        self.package = recipe(name, self.sources, f"gcc -B {self.kit.path}/bin/", options.jobs)
        self.build_directory = self.place / "build"

    def say(self, text):
        print(f"{self.name}: {text}", flush=True)

    def run(self, log, commands, must_succeed):
        """The output of the commands, which is in a file of that name as well."""
        path = self.place / (log + ".log")
        with open(path, "wb") as file:
            for command in commands:
                words = [str(word) for word in command]
                file.write(f"$ {' '.join(words)}\n".encode())
                file.flush()
                done = self.execute(words, file)
                if must_succeed and done:
                    tail = path.read_text(errors="replace")[-2000:]
                    raise build.Failure(f"{log}: status {done} from {' '.join(words)[:200]}\n{tail}")
        return path.read_text(errors="replace")

    def execute(self, words, file):
        """The status of a command, which is ended with all that it started when it takes too long."""
        env = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        env.pop("MAKEFLAGS", None)
        process = subprocess.Popen(words, cwd=self.build_directory, env=env, stdin=subprocess.DEVNULL, stdout=file,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait(timeout=self.package.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            return "(timed out)"

    def prepare(self):
        if self.has_source:
            build.run([build.PROJECT / "scripts/fetch-source.sh", self.package.source or self.name, self.sources])
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        if self.package.in_source:
            shutil.copytree(self.sources, self.build_directory, symlinks=True)
        else:
            self.build_directory.mkdir()
        self.kit.make(self.tool)

    def build(self):
        off = self.kit.path / "off"
        off.touch()
        self.run("configure", self.package.configure(), True)
        off.unlink()
        self.run("build", self.package.build(), True)

    def check(self, log, by_reference):
        """The results of the package's tests in one way of running."""
        reference = self.kit.path / "reference"
        reference.touch() if by_reference else reference.unlink(missing_ok=True)
        self.run("clean", self.package.clean(), True)
        start = time.monotonic()
        output = self.run(log, self.package.check(), False)
        results = self.package.results(self.build_directory, output)
        counts = {word: list(results.values()).count(word) for word in ("passed", "failed", "skipped")}
        self.say(f"{log}: " + ", ".join(f"{n} {word}" for word, n in counts.items())
                 + f", in {time.monotonic() - start:.0f} s")
        return results

    def judge(self):
        """Whether all that passes with the system linker passes with enfold, as far as packages.py says."""
        theirs = self.check("system-linker", True)
        expected = {name for name, result in theirs.items() if result == packages.PASSED}
        if not expected:
            raise build.Failure("no test passes with the system linker: see the logs")
        lost = self.lost(expected, self.check("enfold", False))
        if lost:
            again = self.lost(expected, self.check("enfold-again", False))
            for name in sorted(lost - again):
                self.say(f"unsteady: {name} failed once")
            lost &= again
        return self.report(expected, lost)

    @staticmethod
    def lost(expected, results):
        return {name for name in expected if results.get(name) != packages.PASSED}

    def report(self, expected, lost):
        good = True
        for name in sorted(lost):
            reason = next((why for pattern, why in self.package.differs.items() if re.fullmatch(pattern, name)), None)
            good &= reason is not None
            self.say(f"differs: {name}: {reason}" if reason else f"FAILED: {name}")
        log = self.kit.path / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        ours = {line for line in lines if line.startswith("enfold ")}
        for line in sorted(set(lines) - ours):
            self.say(f"not run by enfold: {line}")
        self.say(f"{len(expected) - len(lost)} of {len(expected)} tests that pass with the system linker pass with"
                 f" enfold, which ran {len(ours)} programs; logs in {self.place}")
        return good and bool(ours)


def run_one(name, options):
    """The status that one package adds: 0, 1, or SKIPPED_STATUS."""
    suite = Suite(name, options)
    lacking = [n for n in suite.package.needs if not is_installed(n)]
    if lacking:
        print(f"skipped: {name}: not installed: {' '.join(lacking)}")
        return SKIPPED_STATUS
    try:
        if not options.again:
            suite.prepare()
            suite.build()
        good = suite.judge()
    except build.OutOfReach as reason:
        print(f"skipped: {name}: {reason}")
        return SKIPPED_STATUS
    except build.Failure as failure:
        suite.say(f"FAILED: {failure}")
        return 1
    if good and not options.keep:
        shutil.rmtree(suite.build_directory, ignore_errors=True)
        shutil.rmtree(suite.kit.path, ignore_errors=True)
    return 0 if good else 1


def is_installed(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, check=False)
    return done.stdout == b"installed"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enfold", required=True, type=os.path.abspath, help="the tool to test")
    parser.add_argument("--cache", required=True, type=lambda p: pathlib.Path(p).absolute(),
                        help="where sources, builds and logs are kept")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--again", action="store_true", help="run only the tests, of what --keep has left")
    parser.add_argument("--keep", action="store_true", help="keep what was built although all is well")
    parser.add_argument("name", nargs="+", help="packages, or 'all' for those of packages.py")
    options = parser.parse_args()
    names = [n for name in options.name for n in (packages.ALL if name == "all" else [name])]
    statuses = [run_one(name, options) for name in names]
    return 1 if 1 in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
