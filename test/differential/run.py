#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Differential tests: the same objects through the system linker and through enfold must behave alike.

Every program under test/programs is compiled by gcc and clang, at -O0 and -O2, in six ways (see build.py), linked by
the system linker and run, and run by `enfold run`. Standard output is compared byte for byte, the exit status (128 + n
for signal n) and standard error likewise, unless the program's metadata (see program.py) says otherwise.

One exception is documented: code compiled with -fno-pic has to lie below 2 GiB and addresses data directly, which a
shared library's data is out of reach of. An error that says so and names -fPIC is right, and then the program must
agree when it is run with --copy-data.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import resource
import shlex
import signal
import sys

import build
import program as programs

OUR_STATUS = 125
REFUSAL = re.compile(rb"(reach|range).*-fPIC", re.DOTALL)
# A tool built with AddressSanitizer: the program's own signals and leaks are the program's business.
SANITIZER = ("detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0:handle_sigbus=0:"
             "use_sigaltstack=0:detect_odr_violation=0:alloc_dealloc_mismatch=0:verify_asan_link_order=0")


class Verdict:
    """What came of one case: 'passed', 'refused' (a documented refusal, then agreement) or 'failed'."""

    def __init__(self, kind, lines=()):
        self.kind, self.lines = kind, list(lines)


def failed(what, detail=b""):
    text = detail if isinstance(detail, str) else detail.decode(errors="replace")
    return Verdict("failed", [what, *text.rstrip().splitlines()[:20]])


def check_system(case, system):
    """A failed verdict when the program does not do under the system linker what its metadata says."""
    meta = case.program
    if meta.get("system-error"):
        if system["linked"] or not re.search(meta.get("system-error").encode(), system["err"]):
            return failed("the system linker did not refuse it as told", system["err"])
        return None
    if not system["linked"]:
        return failed("the system linker refused it", system["err"])
    if system["status"] != int(meta.get("status", "0")):
        return failed(f"status {system['status']} under the system linker", system["out"] + system["err"])
    if meta.get("stderr") == "nonempty" and not system["err"]:
        return failed("nothing on standard error under the system linker")
    return None


def differences(case, system, ours):
    """How a run differs from the system's, in words; empty when it does not."""
    found = []
    if ours["status"] != system["status"]:
        found.append(f"status {ours['status']}, not {system['status']}")
    if ours["out"] != system["out"]:
        found += ["standard output differs", f"  system: {system['out'][:400]!r}", f"  enfold: {ours['out'][:400]!r}"]
    mode = case.program.get("stderr")
    if mode == "nonempty" and not ours["err"]:
        found.append("nothing on standard error")
    if mode == "" and ours["err"] != system["err"]:
        found += ["standard error differs", f"  system: {system['err'][:400]!r}", f"  enfold: {ours['err'][:1500]!r}"]
    return found


STATS = re.compile(rb"^set [^\n]*\n.*?^used\n.*?^  relaxed[^\n]*\n(?:\nmemory\n(?:  [^\n]*\n)*)?", re.DOTALL | re.MULTILINE)


def take_stats(ours):
    """Cuts what --stats printed out of standard error; what was used though not planned, or the other way round."""
    block = STATS.search(ours["err"])
    if not block:
        return ["no statistics"] if ours["status"] != OUR_STATUS else []
    ours["err"] = ours["err"].replace(block.group(), b"")
    planned, used = block.group().split(b"\nmemory\n")[0].split(b"\nused\n")
    lines = [line for line in used.splitlines() if line.strip()]
    return [f"used, not planned: {line.decode()}" for line in lines if line not in planned.splitlines()]


def lasting_plan(text):
    """A plan as JSON, without what is different each time: where the process has room, and how long passes took."""
    plan = json.loads(text)
    window = plan["window"]
    plan["window"] = window["hi"] - window["lo"]
    for one in plan["passes"]:
        one.pop("nanoseconds", None)
    return json.dumps(plan, indent=1).encode() + b"\n"


class Runner:
    """Judges cases under the options of the command line."""

    def __init__(self, options):
        self.options = options

    def tool_run(self, case, more=()):
        o = self.options
        command = case.tool_command(o.tool, shlex.split(o.tool_prefix), [*o.tool_option, *more])
        env = case.environment()
        env["ASAN_OPTIONS"] = SANITIZER + ":" + env.get("ASAN_OPTIONS", "")
        ours = build.run(command, stdin=case.stdin(), env=env, cwd=case.folder, timeout=o.timeout)
        unplanned = take_stats(ours) if "--stats" in o.tool_option else []
        return ours, unplanned, command

    def judge(self, case):
        try:
            system = case.prepare()
        except build.BuildError as error:
            return failed("it does not build", str(error))
        if self.options.save_plans:
            return self.save_plan(case)
        wrong = check_system(case, system)
        if wrong or self.options.system_only:
            return wrong or Verdict("passed")
        ours, unplanned, command = self.tool_run(case)
        verdict = failed(*unplanned) if unplanned else self.compare(case, system, ours)
        if verdict.kind == "failed":
            self.explain(verdict, case, command)
        return verdict

    def save_plan(self, case):
        """A file for each case: what lasts of the plan, or why there is none."""
        o = self.options
        command = case.plan_command(o.tool, shlex.split(o.tool_prefix), o.tool_option)
        done = build.run(command, env=case.environment(), cwd=case.folder, timeout=o.timeout)
        name = f"{case.program.name}@{case.variant}.json"
        refusal = re.sub(rb"0x[0-9a-f]{9,}", b"(an address)", done["out"] + done["err"])
        text = lasting_plan(done["out"]) if done["status"] == 0 else refusal
        (o.save_plans / name).write_bytes(text)
        return Verdict("passed")

    def compare(self, case, system, ours):
        refused = ours["status"] == OUR_STATUS
        for key in ("expect-error", "may-refuse"):
            pattern = case.program.get(key)
            if pattern and refused and re.search(pattern.encode(), ours["err"]):
                return Verdict("passed")
            if pattern and key == "expect-error":
                return failed(f"status {ours['status']}, not a refusal that matches /{pattern}/", ours["err"])
        found = differences(case, system, ours)
        if not found:
            return Verdict("passed")
        if refused and case.variant.model == "no-pic" and REFUSAL.search(ours["err"]):
            copied, unplanned, _ = self.tool_run(case, ["--copy-data"])
            found = unplanned or differences(case, system, copied)
            return Verdict("failed", ["with --copy-data:", *found]) if found else Verdict("refused")
        return Verdict("failed", found)

    @staticmethod
    def explain(verdict, case, command):
        verdict.lines += ["to reproduce:", *("  " + line for line in case.reproduction())]
        verdict.lines.append("  " + shlex.join(command))


class Report:
    """Prints a program's result when its last case is in, and keeps the counts."""

    def __init__(self, cases, verbose):
        self.left, self.verbose = {}, verbose
        self.counts = {"passed": 0, "refused": 0, "failed": 0}
        self.verdicts = {}
        for case in cases:
            self.left[case.program.name] = self.left.get(case.program.name, 0) + 1

    def add(self, case, verdict):
        name = case.program.name
        self.counts[verdict.kind] += 1
        self.verdicts.setdefault(name, []).append(verdict)
        if verdict.kind == "failed":
            print(f"FAILED {case}")
            print("".join(f"  {line}\n" for line in verdict.lines), end="", flush=True)
        elif self.verbose:
            print(f"{verdict.kind} {case}", flush=True)
        self.left[name] -= 1
        if self.left[name] == 0:
            self.close(name)

    def close(self, name):
        kinds = [v.kind for v in self.verdicts[name]]
        refused, bad = kinds.count("refused"), kinds.count("failed")
        note = f", {refused} of them after a documented refusal" if refused else ""
        print(f"{'FAILED' if bad else 'ok'} {name}: {len(kinds) - bad} of {len(kinds)} variants agree{note}", flush=True)

    def finish(self):
        if self.counts["refused"]:
            print(f"{self.counts['refused']} documented refusal(s) of -fno-pic data, in agreement with --copy-data")
        print(f"{self.counts['passed'] + self.counts['refused']} passed, {self.counts['failed']} failed")
        return 1 if self.counts["failed"] or not sum(self.counts.values()) else 0


def parse_options():
    here = pathlib.Path(__file__).resolve().parent
    p = argparse.ArgumentParser(description="Compares enfold with the system linker, program by program.")
    p.add_argument("--tool", help="the enfold binary")
    p.add_argument("--system-only", action="store_true", help="only check the programs under the system linker")
    p.add_argument("--programs", type=pathlib.Path, default=here.parent / "programs", help="where the programs are")
    p.add_argument("--build-dir", type=pathlib.Path, required=True, help="where objects and results are kept")
    p.add_argument("--filter", default="", metavar="REGEX", help="only programs whose name matches")
    p.add_argument("--part", default="0/1", metavar="I/N", help="of those, the I-th of N parts, counted from 0")
    p.add_argument("--variants", default="", metavar="REGEX", help="only variants that match, as in gcc-O2-fPIC")
    p.add_argument("--prefer", default="", metavar="REGEX", help="of a program's variants those that match, if any does")
    p.add_argument("--compilers", default="gcc,clang", help="gcc,clang")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--timeout", type=float, default=build.RUN_TIMEOUT, help="seconds a run by the tool may take")
    p.add_argument("--tool-prefix", default="", help="words before the tool, as in 'valgrind -q'")
    p.add_argument("--tool-option", action="append", default=[], help="an option for the tool; may be repeated")
    p.add_argument("--save-plans", type=pathlib.Path, metavar="DIR",
                   help="run nothing, but keep each plan, to be compared with those of another build by diff -r")
    p.add_argument("--keep-going", action=argparse.BooleanOptionalAction, default=True,
                   help="go on after a failure (the default)")
    p.add_argument("--sanitized", action="store_true", help="the tool was built with a sanitizer")
    p.add_argument("--list", action="store_true", help="list the programs and their facts")
    p.add_argument("--verbose", action="store_true", help="a line for every case")
    options = p.parse_args()
    if not (options.tool or options.system_only or options.list):
        p.error("--tool, --system-only or --list")
    if options.tool and "/" in options.tool:
        options.tool = os.path.abspath(options.tool)
    options.build_dir = options.build_dir.absolute()
    if options.save_plans:
        options.save_plans.mkdir(parents=True, exist_ok=True)
    return options


def select(options):
    part, parts = map(int, options.part.split("/"))
    chosen = programs.find_programs(options.programs, options.filter)[part::parts]
    wanted = options.compilers.split(",")
    cases = []
    for p in chosen:
        if options.sanitized and p.get("no-sanitizer"):
            print(f"skipped: {p.get('no-sanitizer')}")
            continue
        variants = [v for v in p.variants() if v.compiler in wanted and re.search(options.variants, str(v))]
        preferred = [v for v in variants if re.search(options.prefer, str(v))]
        cases += [build.Case(p, v, options.build_dir) for v in preferred or variants]
    return chosen, cases


def run_all(options, cases):
    runner, report = Runner(options), Report(cases, options.verbose)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(runner.judge, case): case for case in cases}
        for future in concurrent.futures.as_completed(futures):
            verdict = future.result()
            report.add(futures[future], verdict)
            if verdict.kind == "failed" and not options.keep_going:
                pool.shutdown(cancel_futures=True)
                break
    return report.finish()


def take_default_signals():
    """Programs inherit what is ignored: by nohup, and in the background of a shell."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main():
    options = parse_options()
    take_default_signals()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # programs that abort are part of the plan
    try:
        chosen, cases = select(options)
    except programs.MetadataError as error:
        sys.exit(f"run.py: {error}")
    if options.list:
        for p in chosen:
            print(f"{p.name}: {p.get('fact')} [{sum(1 for _ in p.variants())}]")
        return 0
    return run_all(options, cases)


if __name__ == "__main__":
    sys.exit(main())
