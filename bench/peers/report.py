#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Turns what enfold-bench-peers measured into a page: report.py RESULTS.jsonl DOCS START.json

Writes DOCS/performance.md, DOCS/performance.json (all medians) and the plots DOCS/performance-*.svg. readme.py writes
the README's table from the second. START.json is what bench/start.py measured.
"""

import json
import pathlib
import sys

import plot
from results import NAMES, Results, about, duration, json_text, size, table, times

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
    ("sqlite", "link_us", "jitlink", 8, "W3 SQLite"),
    ("sqlite-sections", "link_us", "jitlink", 8, "W3 SQLite, -ffunction-sections"),
    ("llvm", "link_us", "orc-jitlink", 15, "W4"), ("llvm", "link_us", "mold", 5, "W4"),
    ("llvm", "peak", "jitlink", 5, "W4 memory")]

# Workload, which floor, how many times as much as it enfold should take at most.
FLOORS = [("tiny-live", "floor-sets", "4x", "W1 link"), ("tiny-live", "floor", "-", "W1 link"),
          ("generated", "floor", "2x", "W2"), ("sqlite", "floor", "2x", "W3 SQLite"), ("lua", "floor", "2x", "W3 Lua"),
          ("llvm", "floor", "2x", "W4")]


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


def objects(results):
    yield "## Sets that the process knows\n"
    yield ("What `SetOptions::as_shared_object` adds: the set is an object of the dynamic linker, which dlsym, dladdr, "
           "dl_iterate_phdr and debuggers find. Beside it, a set that is none, and what has to be done without enfold: "
           "a shared library in memory, which dlopen loads. Of the small function, 10 sets are live.\n")
    rows = []
    for workload, label in {"tiny-live": "W1: one small function", "generated": "W2: 1,001 C objects",
                            "sqlite": "W3: SQLite", "lua": "W3: Lua, 33 objects", "llvm": "W4: LLVM"}.items():
        median = lambda peer, metric: results.median(workload, peer, metric)
        if median("enfold-object", "link_us") is None:
            continue
        rows.append([label, *(duration(median(peer, "link_us")) for peer in ("enfold", "enfold-object", "mold")),
                     *(times(results.ratio(workload, peer, "link_us", base="enfold-object"))
                       for peer in ("enfold", "mold")),
                     *(duration(median(peer, "unload_us")) for peer in ("enfold", "enfold-object", "mold"))])
    yield from table(["", "link", "as a shared object", "mold + dlopen", "link, to the object's", "mold's, to it",
                      "unload", "object", "dlclose"], rows)


START_WAYS = {"linked": "linked by the system linker", "run": "enfold run", "plain": "enfold run --no-shared-object"}


def start(measured):
    yield "## What it takes to start a program\n"
    yield ("One that says hello, from its start to its end, each way once a round, as `bench/start.py "
           f"build/release/bin/enfold OUT.json` measures it: medians of {measured['rounds']} rounds. `enfold run` "
           "executes itself once more, and reads and links the object.\n")
    linked = measured["ways"]["linked"]
    rows = []
    for way, label in START_WAYS.items():
        ours = measured["ways"][way]
        rows.append([label, *(cell for metric in ("elapsed_us", "cpu_us")
                              for cell in (duration(ours[metric]), times(ours[metric] / linked[metric])))])
    yield from table(["", "elapsed", "to the linked one", "processor time", "to the linked one"], rows)


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
    rows.append(["bytes a microsecond, memcpy to fresh pages",
                 *(number(rate(median(w, "written"), results.median(w, "copy", "link_us"))) for w in workloads)])
    rows.append(["enfold's time to that memcpy's",
                 *(times(results.ratio(w, "enfold", "link_us", base="copy")) for w in workloads)])
    rows.append(["enfold's time to the floor's",
                 *(times(results.ratio(w, "enfold", "link_us", base="floor")) for w in workloads)])
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


def calls(results):
    yield "## Calls inside of linked code\n"
    yield ("Two objects, -O2 -fPIC, as one set. Each call waits for what the one before returned; a shared library's "
           "calls go through its table of addresses, by way of a stub, unless they are bound when it is made.\n")
    nanoseconds = lambda value: "-" if value is None else f"{value:.2f} ns"
    yield from table(["a function of", "the same object", "to enfold", "another object", "to enfold", "the C library",
                      "to enfold"],
                     rows_of(results, "calls", [("own_ns", nanoseconds), ("own_ns", None), ("other_ns", nanoseconds),
                                                ("other_ns", None), ("library_ns", nanoseconds),
                                                ("library_ns", None)]))


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
    rows.append(["W1 resident, each", "at most 1,024 B", size(resident), "-"])
    yield from table(["peer's cost in enfold's", "aim at least", "elapsed", "processor time"], rows)
    rows = [[f"{label}, {NAMES[floor]}", aim, *(times(results.ratio(workload, "enfold", metric, base=floor))
                                                for metric in ("link_us", "link_cpu_us"))]
            for workload, floor, aim, label in FLOORS]
    yield ("The floor is what the machine takes at least: copying, one hash table, relocations; nothing else. Where "
           "sets are kept, it also does what any linker of many sets has to: no memory is writable and executable, and "
           "later sets find the names of earlier ones.\n")
    yield from table(["enfold's cost in the floor's", "aim at most", "elapsed", "processor time"], rows)


def page(results, about_it, start_measured):
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
    yield f"- {about_it['machine']}; load average before the run: {about_it['load']}"
    yield f"- {about_it['versions']}\n"
    yield from targets(results)
    yield "![Time to link, as a multiple of enfold's](performance-link.svg)\n"
    yield from tiny(results)
    for workload in WHOLE:
        if workload in results.workloads:
            yield from whole(results, workload)
    yield from objects(results)
    yield from start(start_measured)
    yield from profile(results)
    yield from throws(results)
    yield from calls(results)
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


def main():
    results, docs, about_it = Results(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]), about()
    start_measured = json.loads(pathlib.Path(sys.argv[3]).read_text())
    (docs / "performance.md").write_text("\n".join(page(results, about_it, start_measured)))
    (docs / "performance.json").write_text(json_text(about_it, results.medians()))
    plots(results, docs)


if __name__ == "__main__":
    main()
