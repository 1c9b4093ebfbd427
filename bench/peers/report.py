#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Turns what enfold-bench-peers measured into a page: report.py RESULTS.jsonl DOCS

Writes DOCS/performance.md, DOCS/performance.json (all medians) and the plots DOCS/performance-*.svg.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys

import plot

NAMES = {
    "enfold": "enfold (alias)", "enfold-forced": "enfold (forced)", "enfold-strict": "enfold (strict)",
    "orc-jitlink": "ORC + JITLink", "orc-jitlink-slab": "ORC + JITLink, slab", "jitlink": "JITLink",
    "jitlink-slab": "JITLink, slab", "orc-rtdyld": "ORC + RuntimeDyld", "rtdyld": "RuntimeDyld",
    "mold": "mold -shared + dlopen", "lld": "ld.lld -shared + dlopen", "tcc": "libtcc", "copy": "memcpy, no linking"}

WHOLE = {
    "generated": ("W2: 1,001 generated C objects as one set",
                  "Compiled with -O2 -fPIC; each calls two others and libc."),
    "sqlite": ("W3: SQLite as one object", "-O2 -fPIC."),
    "sqlite-sections": ("W3: SQLite with -ffunction-sections", "-O2 -fPIC -ffunction-sections."),
    "lua": ("W3: Lua, 33 objects",
            "-O2 -fPIC. Lua's functions of internal visibility are hidden ones here: JITLink refuses the former."),
    "llvm": ("W4: {objects:,.0f} objects of LLVM's archives, {written_mb:.0f} MB written",
             "From Debian's llvm-19-dev. Those that use thread-local storage, which JITLink and RuntimeDyld refuse, "
             "are replaced by empty definitions. enfold and dlopen also run the objects' static constructors; "
             "the others "
             "run none. mold works in a child of the process that is waited for: its processor time and memory are "
             "more than what is seen here."),
}

# Workload, metric, peer, how many times as much the peer should take.
TARGETS = [
    ("tiny-live", "link_us", "orc-jitlink", 20, "W1 link"), ("tiny-live", "unload_us", "orc-jitlink", 10, "W1 unload"),
    ("generated", "link_us", "orc-jitlink", 25, "W2"), ("generated", "link_us", "jitlink", 15, "W2"),
    ("sqlite", "link_us", "jitlink", 8, "W3 SQLite"), ("llvm", "link_us", "orc-jitlink", 15, "W4"),
    ("llvm", "link_us", "mold", 5, "W4"), ("llvm", "peak", "jitlink", 5, "W4 memory")]


class Results:
    """Medians by workload, peer and metric, and the errors."""

    def __init__(self, path):
        self.samples, self.errors, self.workloads = {}, {}, {}
        for line in path.read_text().splitlines():
            row = json.loads(line)
            self.workloads.setdefault(row["workload"], {}).setdefault(row["peer"])
            if "error" in row:
                self.errors[row["workload"], row["peer"]] = row["error"].strip()
            for metric, value in row["metrics"].items():
                self.samples.setdefault((row["workload"], row["peer"], metric), []).append(value)

    def peers(self, workload):
        found = self.workloads.get(workload, {})
        return [name for name in NAMES if name in found]

    def median(self, workload, peer, metric):
        samples = self.samples.get((workload, peer, metric))
        return statistics.median(samples) if samples else None

    def ratio(self, workload, peer, metric, base="enfold"):
        """The median of the ratios round by round: both were measured within the same seconds."""
        mine, theirs = (self.samples.get((workload, name, metric), []) for name in (base, peer))
        ratios = [b / a for a, b in zip(mine, theirs) if a > 0]
        return statistics.median(ratios) if ratios else None

    def medians(self):
        tree = {}
        for (workload, peer, metric), samples in self.samples.items():
            tree.setdefault(workload, {}).setdefault(peer, {})[metric] = {
                "median": float(f"{statistics.median(samples):.5g}"), "least": float(f"{min(samples):.5g}"),
                "rounds": len(samples)}
        for (workload, peer), error in self.errors.items():
            tree.setdefault(workload, {}).setdefault(peer, {})["error"] = error
        return tree


def duration(us):
    if us is None:
        return "-"
    for scale, unit in ((1e6, "s"), (1e3, "ms"), (1, "us")):
        if us >= scale or unit == "us":
            return f"{us / scale:.3g} {unit}" if us / scale < 1000 else f"{us / scale:,.0f} {unit}"


def size(count):
    if count is None:
        return "-"
    if count >= 1e6:
        return f"{count / 1e6:,.1f} MB"
    return f"{count / 1024:.1f} KiB" if count >= 10240 else f"{count:,.0f} B"


def times(ratio):
    return "-" if ratio is None else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:,.0f}x"


def table(header, rows):
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""


def short_error(text):
    text = " ".join(text.replace("`", "'").split())
    return "fails: " + (text if len(text) <= 110 else text[:107] + "...")


def rows_of(results, workload, columns):
    """A row a peer: columns are (metric, format), or (metric, None) for the ratio to enfold's."""
    for peer in results.peers(workload):
        cells = [NAMES[peer]]
        for metric, form in columns:
            cells.append(times(results.ratio(workload, peer, metric)) if form is None
                         else form(results.median(workload, peer, metric)))
        if (workload, peer) in results.errors:
            cells[1] = short_error(results.errors[workload, peer])
        yield cells


def number(value):
    return "-" if value is None else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def tiny(results):
    yield "## W1: one small function a set\n"
    yield ("Some hundred bytes of code that call one function of the C library, -O2 -fPIC. 10,000 are linked one by "
           "one, each found by name, called, and unloaded in random order; static linkers, which are processes, "
           "link 10.\n")
    calls = {peer: [results.median(f"tiny-{what}-calls", peer, "calls") for what in ("link", "unload")]
             for peer in results.peers("tiny-live")}
    header = ["", "link", "to enfold", "processor time", "unload", "to enfold", "resident, each", "mappings, all",
              "faults, each", "system calls, link", "unload"]
    rows = list(rows_of(results, "tiny-live", [
        ("link_us", duration), ("link_us", None), ("link_cpu_us", duration), ("unload_us", duration),
        ("unload_us", None), ("resident", size), ("mappings", number), ("faults", number)]))
    for row, peer in zip(rows, results.peers("tiny-live")):
        row += ["-" if value is None else f"{value / 200:.2f}" for value in calls[peer]]
    yield from table(header, rows)
    yield "Linked, called and unloaded at once, 2,000 times; and 4,000 times by 8 threads in one session:\n"
    churn = {row[0]: row for row in rows_of(results, "tiny-churn", [
        ("churn_us", duration), ("churn_us", None), ("churn_cpu_us", duration), ("faults", number)])}
    threads = {row[0]: row[1:] for row in rows_of(results, "threads", [("churn_us", duration), ("churn_us", None)])}
    yield from table(["", "each", "to enfold", "processor time", "faults, each", "W7: 8 threads, each", "to enfold"],
                     [row + threads.get(name, ["-", "-"]) for name, row in churn.items()])


def whole(results, workload):
    title, text = WHOLE[workload]
    passes = f"{workload}-passes"
    values = {"objects": results.median(passes, "enfold", "objects") or 0,
              "written_mb": (results.median(passes, "enfold", "written") or 0) / 1e6}
    yield f"## {title.format(**values)}\n"
    yield text + "\n"
    yield from table(
        ["", "link", "to enfold", "processor time", "unload", "link again", "to enfold", "resident", "peak",
         "mappings", "faults"],
        rows_of(results, workload, [
            ("link_us", duration), ("link_us", None), ("link_cpu_us", duration), ("unload_us", duration),
            ("again_us", duration), ("again_us", None), ("resident", size), ("peak", size), ("mappings", number),
            ("faults", number)]))


def profile(results):
    yield "## What enfold's passes take\n"
    workloads = [name for name in WHOLE if f"{name}-passes" in results.workloads]
    passes = {}
    for workload in workloads:
        for name, peer, metric in results.samples:
            if name == f"{workload}-passes" and metric.startswith("pass:"):
                passes.setdefault(metric)
    median = lambda workload, metric: results.median(f"{workload}-passes", "enfold", metric)
    rows = [[metric.removeprefix("pass:"), *(duration(median(w, metric)) for w in workloads)] for metric in passes]
    for metric in ("objects", "sections", "relocations"):
        rows.append([metric, *(number(median(w, metric)) for w in workloads)])
    rows.append(["bytes written", *(size(median(w, "written")) for w in workloads)])
    for amount, label in (("relocations", "relocations a microsecond"), ("written", "bytes a microsecond")):
        rows.append([label, *(number(rate(median(w, amount), median(w, "link_us"))) for w in workloads)])
    rows.append(["memcpy's time to enfold's", *(times(results.ratio(w, "copy", "link_us")) for w in workloads)])
    yield from table(["pass", *workloads], rows)


def rate(amount, us):
    return amount / us if amount and us else None


def throws(results):
    yield "## W5: exceptions and calls among live sets\n"
    yield ("10,000 live sets (static linkers: 10) of a function that throws. Each throw is caught in the program; "
           "`any` goes through all sets at random, `one` calls the same function again and again.\n")
    nanoseconds = lambda value: "-" if value is None else f"{value:.1f} ns"
    yield from table(
        ["", "first throw", "a throw", "to enfold", "a throw of the program's own", "call, any", "call, one"],
        rows_of(results, "throws", [
            ("first_throw_us", duration), ("throw_us", duration), ("throw_us", None), ("native_throw_us", duration),
            ("call_any_ns", nanoseconds), ("call_one_ns", nanoseconds)]))


def section_counts(results):
    return sorted(int(name.split("-")[1]) for name in results.workloads if name.startswith("sections-"))


def sections(results):
    counts = section_counts(results)
    yield "## W6: one object of ever more function sections\n"
    yield "Nanoseconds for each section, of linking the object once. A linear cost stays the same along a row.\n"
    rows = []
    for peer in NAMES:
        cells = []
        for count in counts:
            us = results.median(f"sections-{count}", peer, "link_us")
            failed = results.errors.get((f"sections-{count}", peer), "")
            cells.append(f"{us * 1000 / count:,.0f}" if us else failed.split("(")[0].strip()[:40] or "-")
        if any(cell != "-" for cell in cells):
            rows.append([NAMES[peer], *cells])
    yield from table(["", *(f"{count:,}" for count in counts)], rows)
    yield "![Time for each section](performance-sections.svg)\n"


def targets(results):
    yield "## Against what was aimed at\n"
    rows = []
    for workload, metric, peer, aim, label in TARGETS:
        elapsed = results.ratio(workload, peer, metric)
        cpu = results.ratio(workload, peer, metric.replace("_us", "_cpu_us")) if metric.endswith("_us") else None
        rows.append([f"{label}, {NAMES[peer]}", f"{aim}x", times(elapsed), times(cpu)])
    resident = results.median("tiny-live", "enfold", "resident")
    rows.append(["W1 resident, each", "1,024 B", size(resident), "-"])
    yield from table(["peer's cost in enfold's", "aim", "elapsed", "processor time"], rows)


def command_output(*command):
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    load = os.environ.get("ENFOLD_BENCH_LOAD") or "unknown"
    yield f"- {cpu}, {os.cpu_count()} processors, Linux {os.uname().release}; load average before the run: {load}"
    versions = [command_output(*command) for command in (
        ("g++", "--version"), ("llvm-config-19", "--version"), ("mold", "--version"), ("ld.lld-19", "--version"),
        ("tcc", "-v"))]
    versions[1] = versions[1] and f"LLVM {versions[1]}"
    yield "- " + "; ".join(version for version in versions if version) + "\n"


def page(results):
    yield "# Performance\n"
    yield ("What `scripts/bench.sh` measured: enfold beside other ways to get objects running, in one run. Every "
           "linker gets the same objects in memory (static linkers and tcc: as files in memory), and every "
           "result is checked "
           "by calling it. Each measurement is a process of its own that has linked something small before; the "
           "linkers "
           "take turns, and the figures are medians of the rounds. \"To enfold\" is the median of the peer's figure "
           "over enfold's (alias, the default) in the same round. Elapsed time is what others on the machine "
           "left of it; "
           "processor time includes the static linkers' processes and enfold's threads.\n")
    yield from machine()
    yield from targets(results)
    yield "![Time to link, as a multiple of enfold's](performance-link.svg)\n"
    yield from tiny(results)
    for workload in WHOLE:
        if workload in results.workloads:
            yield from whole(results, workload)
    yield from profile(results)
    yield from throws(results)
    yield from sections(results)


def plots(results, docs):
    groups = {"W1": ("tiny-live", "link_us"), "W2": ("generated", "link_us"), "W3 SQLite": ("sqlite", "link_us"),
              "W3 Lua": ("lua", "link_us"), "W4": ("llvm", "link_us")}
    shown = [peer for peer in NAMES if not peer.startswith("enfold")]
    bars = {group: {NAMES[peer]: results.ratio(workload, peer, metric) for peer in shown} for group, (workload, metric)
            in groups.items()}
    (docs / "performance-link.svg").write_text(plot.bars("Time to link, as a multiple of enfold's (log)", bars))
    lines = {NAMES[peer]: [(count, us * 1000 / count) for count in section_counts(results)
                           if (us := results.median(f"sections-{count}", peer, "link_us"))] for peer in NAMES}
    lines = {name: points for name, points in lines.items() if points}
    (docs / "performance-sections.svg").write_text(
        plot.lines("Nanoseconds for each function section (log)", "sections in the object", lines))


def json_text(tree):
    """A line for each linker in each workload, so that a change shows as one."""
    lines = [f' "{workload}": {{\n' + ",\n".join(f'  "{peer}": {json.dumps(peers[peer])}' for peer in peers) + "\n }"
             for workload, peers in tree.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    results, docs = Results(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])
    (docs / "performance.md").write_text("\n".join(page(results)))
    (docs / "performance.json").write_text(json_text(results.medians()))
    plots(results, docs)


if __name__ == "__main__":
    main()
