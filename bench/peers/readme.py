#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the README's table of figures from those of a run: readme.py README PERFORMANCE.json [--check]

What lies between the two markers is replaced. With --check, nothing is written, and a README that says something else
is an error.
"""

import json
import pathlib
import sys

from results import NAMES, duration, size, table, times

BEGIN = "<!-- figures: written by scripts/bench.sh -->\n"
END = "<!-- figures: end -->\n"

PEERS = ["enfold", "orc-jitlink", "jitlink", "mold", "floor"]

# What a row says, its workload and metric, how it is written.
ROWS = [
    ("one small function, 10,000 live (W1): link, each", "tiny-live", "link_us", duration),
    ("the same: unload, each", "tiny-live", "unload_us", duration),
    ("the same: resident memory, each, with a handle", "tiny-live", "resident", size),
    ("1,001 C objects as one set (W2): link", "generated", "link_us", duration),
    ("SQLite as one object (W3): link", "sqlite", "link_us", duration),
    ("Lua, 33 objects (W3): link", "lua", "link_us", duration),
    ("LLVM, {objects:,.0f} objects, {written:.0f} MB (W4): link", "llvm", "link_us", duration),
    ("the same: peak memory", "llvm", "peak", size)]


def cell(entry, form):
    if entry is None:
        return "-"
    ratio = entry.get("to_enfold")
    return form(entry["median"]) + (f" ({times(ratio)})" if ratio else "")


def measured(figures):
    """Those of the peers that the run had."""
    return [peer for peer in PEERS if any(metric in figures.get(workload, {}).get(peer, {})
                                          for _, workload, metric, _ in ROWS)]


def rows(figures, shown):
    counts = figures.get("llvm-passes", {}).get("enfold", {})
    known = {"objects": counts.get("objects", {}).get("median", 0),
             "written": counts.get("written", {}).get("median", 0) / 1e6}
    for text, workload, metric, form in ROWS:
        peers = figures.get(workload, {})
        if metric in peers.get("enfold", {}):
            # The floor gives nothing back: what it takes to unload says nothing.
            says_nothing = {"floor"} if metric == "unload_us" else set()
            yield [text.format(**known), *("-" if peer in says_nothing else cell(peers.get(peer, {}).get(metric), form)
                                           for peer in shown)]


def block(figures):
    """The lines between the markers."""
    about, shown = figures["about"], measured(figures)
    lines = [
        "Medians of what each took for the same objects in memory, in one run, with the multiple of enfold's beside",
        "it. mold links to a file in memory, which `dlopen` then loads."]
    if "floor" in shown:
        lines[-1] += " The floor is no linker but the least that any has to"
        lines.append("do: copy, keep one hash table, apply relocations; no errors, no unloading, no unwind tables.")
    header = ["", *("enfold" if peer == "enfold" else NAMES[peer] for peer in shown)]
    lines += ["", *table(header, rows(figures, shown)),
              f"- {about['machine']}; load average before the run: {about['load']}", f"- {about['versions']}", ""]
    return "\n".join(lines)


def rewritten(readme, figures):
    """The README with the figures in it."""
    before, found_begin, rest = readme.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found_begin or not found_end:
        raise SystemExit(f"readme.py: error: no markers {BEGIN.strip()} and {END.strip()}")
    return before + BEGIN + block(figures) + END + after


def main():
    path, figures = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    readme = path.read_text()
    wanted = rewritten(readme, figures)
    if "--check" not in sys.argv:
        path.write_text(wanted)
    elif wanted != readme:
        print(f"{path} does not say what {sys.argv[2]} does: run bench/peers/readme.py {path.name} {sys.argv[2]}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
