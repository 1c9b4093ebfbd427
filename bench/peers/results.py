# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What enfold-bench-peers measured, and how figures are written."""

import json
import os
import pathlib
import statistics
import subprocess

NAMES = {
    "enfold": "enfold (alias)", "enfold-forced": "enfold (forced)", "enfold-strict": "enfold (strict)",
    "enfold-object": "enfold (shared object)",
    "orc-jitlink": "ORC + JITLink", "orc-jitlink-slab": "ORC + JITLink, slab", "jitlink": "JITLink",
    "jitlink-slab": "JITLink, slab", "orc-rtdyld": "ORC + RuntimeDyld", "rtdyld": "RuntimeDyld",
    "mold": "mold -shared + dlopen", "lld": "ld.lld -shared + dlopen", "tcc": "libtcc", "copy": "memcpy, no linking",
    "copy-large": "memcpy to large pages, no linking",
    "floor": "the floor", "floor-sets": "the floor, sets kept"}


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
            entry = {"median": rounded(statistics.median(samples)), "least": rounded(min(samples)),
                     "rounds": len(samples)}
            ratio = None if peer == "enfold" else self.ratio(workload, peer, metric)
            if ratio is not None:
                entry["to_enfold"] = rounded(ratio)
            tree.setdefault(workload, {}).setdefault(peer, {})[metric] = entry
        for (workload, peer), error in self.errors.items():
            tree.setdefault(workload, {}).setdefault(peer, {})["error"] = error
        return tree


def rounded(value):
    return float(f"{value:.5g}")


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


def command_output(*command):
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def about():
    """Where it was measured, and with what."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    versions = [command_output(*command) for command in (
        ("g++", "--version"), ("llvm-config-19", "--version"), ("mold", "--version"), ("ld.lld-19", "--version"),
        ("tcc", "-v"))]
    versions[1] = versions[1] and f"LLVM {versions[1]}"
    return {"machine": f"{cpu}, {os.cpu_count()} processors, Linux {os.uname().release}",
            "load": os.environ.get("ENFOLD_BENCH_LOAD") or "unknown",
            "versions": "; ".join(version.split(" (compatible")[0] for version in versions if version)}


def json_text(about_it, tree):
    """A line for each linker in each workload, so that a change shows as one."""
    lines = [f' "about": {json.dumps(about_it)}']
    lines += [f' "{workload}": {{\n' + ",\n".join(f'  "{peer}": {json.dumps(peers[peer])}' for peer in peers) + "\n }"
             for workload, peers in tree.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
