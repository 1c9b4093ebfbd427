#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs real programs from their objects with `enfold run` and, linked by the system linker, as a file.

Both must behave the same: standard output, standard error, exit status, and every file left in the working directory.
One line is printed for each comparison, and a count at the end. See programs.py for what is run. A program whose source
no mirror has is skipped; the exit status is then 77.

    run.py --enfold TOOL --cache DIR PROGRAM...

DIR keeps sources and objects between runs.
"""

import argparse
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import build
import programs

STEP_TIMEOUT = 600  # seconds
ARGV0 = "program"   # some programs print it
SKIPPED = 77        # status when nothing failed and a program was left out


@dataclasses.dataclass
class Outcome:
    """What one step of a scenario did."""
    status: int
    stdout: bytes
    stderr: bytes


def execute(command, executable, stdin, directory):
    """Runs `command` in `directory`; `executable` is the file when argv[0] is to be another name."""
    try:
        done = subprocess.run(command, executable=executable, input=stdin, cwd=directory, capture_output=True,
                              timeout=STEP_TIMEOUT, env=environment())
        return Outcome(done.returncode, done.stdout, done.stderr)
    except subprocess.TimeoutExpired as stuck:
        return Outcome(-1, stuck.stdout or b"", (stuck.stderr or b"") + b"\n(timed out)")


def environment():
    result = {name: value for name, value in os.environ.items() if not name.startswith(("LUA_", "ZSTD_", "SQLITE_"))}
    result.update(LC_ALL="C.UTF-8", TZ="UTC", HOME="/nonexistent")
    return result


def files_of(directory):
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in sorted(pathlib.Path(directory).rglob("*")) if path.is_file()}


def play(scenario, command, executable=None):
    """The outcome of each step, `command` with the step's arguments, and the files that are there at the end."""
    with tempfile.TemporaryDirectory(prefix="enfold-real-") as directory:
        for name, content in scenario.files.items():
            target = pathlib.Path(directory, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        outcomes = []
        for step in scenario.steps:
            outcomes.append(execute([*command, *step.args], executable, step.stdin, directory))
        return outcomes, files_of(directory)


def first_difference(name, ours, theirs):
    """One line that says where two byte strings part."""
    ours_lines, theirs_lines = ours.split(b"\n"), theirs.split(b"\n")
    for number, (a, b) in enumerate(zip(ours_lines + [b"(end)"], theirs_lines + [b"(end)"]), 1):
        if a != b:
            return f"{name}, line {number}: enfold {a[:200]!r}, system linker {b[:200]!r}"
    return f"{name}: {len(ours)} bytes by enfold, {len(theirs)} by the system linker"


def differences(scenario, ours, theirs):
    found = []
    for number, (a, b) in enumerate(zip(ours[0], theirs[0]), 1):
        where = f"step {number} ({' '.join(scenario.steps[number - 1].args)[:60]})"
        if a.status != b.status:
            found.append(f"{where}: status {a.status} by enfold, {b.status} by the system linker")
        for name in ("stdout", "stderr"):
            if getattr(a, name) != getattr(b, name):
                found.append(first_difference(f"{where}: {name}", getattr(a, name), getattr(b, name)))
    for name in sorted(ours[1].keys() | theirs[1].keys()):
        a, b = ours[1].get(name), theirs[1].get(name)
        if a is None or b is None:
            found.append(f"file {name} is left by {'the system linker' if a is None else 'enfold'} only")
        elif a != b:
            found.append(first_difference(f"file {name}", a, b))
    return found


class Report:
    def __init__(self):
        self.passed_count = 0
        self.failed_count = 0
        self.skipped_count = 0

    def add(self, name, complaints):
        if complaints:
            self.failed_count += 1
            print(f"FAIL {name}", *complaints, sep="\n  ")
        else:
            self.passed_count += 1
            print(f"pass {name}")
        sys.stdout.flush()

    def skip(self, name, reason):
        self.skipped_count += 1
        print(f"skipped: {name}: {reason}", flush=True)

    def finish(self):
        print(f"{self.passed_count} passed, {self.failed_count} failed, {self.skipped_count} skipped")
        if self.failed_count or not self.passed_count + self.skipped_count:
            return 1
        return SKIPPED if self.skipped_count else 0


def compare(enfold, program, flavour, directory, report):
    """Plays every scenario of a program in every variant of linking one flavour of its objects."""
    executable = directory / "program"
    inputs = [str(path) for path in flavour.inputs]
    build.run([program.driver, *inputs, *program.libraries, "-o", str(executable)])
    libraries = (["-lstdc++", "-lm"] if program.driver == "g++" else []) + program.libraries  # as the driver adds
    for scenario in program.scenarios():
        expected = play(scenario, [ARGV0], str(executable))
        complaint = scenario.expect(expected)
        report.add(f"{program.name} {flavour.name}: {scenario.name}: as expected of the system linker",
                   [complaint] if complaint else [])
        for options in flavour.variants:
            ours = play(scenario, [str(enfold), "run", "--name", ARGV0, *options, *inputs, *libraries, "--"])
            name = f"{program.name} {flavour.name}: {scenario.name}{''.join(' ' + o for o in options)}"
            report.add(name, differences(scenario, ours, expected))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enfold", required=True, type=pathlib.Path, help="the tool to test")
    parser.add_argument("--cache", required=True, type=pathlib.Path, help="where sources and objects are kept")
    parser.add_argument("program", nargs="+", choices=sorted(programs.ALL))
    options = parser.parse_args()

    report = Report()
    for name in options.program:
        builder = build.Builder(options.cache.resolve(), name)
        program = programs.ALL[name](builder)
        try:
            with builder.lock():
                flavours = program.flavours()
            for flavour in flavours:
                with tempfile.TemporaryDirectory(prefix="enfold-link-") as directory:
                    compare(options.enfold.resolve(), program, flavour, pathlib.Path(directory), report)
        except build.OutOfReach as reason:
            report.skip(name, reason)
        except build.Failure as failure:
            report.add(f"{name}: sources and objects", [str(failure)])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
