#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The files that perf reads: what they say, whose they are, and what perf makes of them where it may run."""
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import time

from harness import ENFOLD, PATIENCE, expect, expect_equal, expect_own_error, main, skip, test

SCRIPT = os.environ["ENFOLD_SET_SCRIPT"]
PAIR = """
__attribute__((noinline)) static int local_one(int x) { __asm__ volatile("" : "+r"(x)); return x + %d; }
int %s(int x) { return local_one(x) + 1; }
"""
SPIN = r"""
#include <unistd.h>
__attribute__((noinline)) static unsigned busy_loop(unsigned n) {
  unsigned sum = 0;
  for (unsigned i = 0; i < n; ++i) { sum += i * i; __asm__ volatile("" : "+r"(sum)); }
  return sum;
}
int main(void) { return busy_loop(300000000) == 1; }
"""


class Run:
    """A script run to its end, and the files of its process."""

    def __init__(self, fixture, *words, env=None):
        self.process = subprocess.Popen([SCRIPT, *words], cwd=fixture.directory, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=env or dump_to(fixture))
        self.pid = self.process.pid
        self.map = perf_map(self.pid)
        self.dump = fixture.directory / f"jit-{self.pid}.dump"

    def finish(self):
        self.out, self.errors = self.process.communicate(timeout=PATIENCE)
        expect_equal(self.process.returncode, 0, None) if not self.errors else expect(False, self.errors)
        return self


def dump_to(fixture):
    return fixture.environment(JITDUMPDIR=str(fixture.directory))


def perf_map(pid):
    return pathlib.Path(f"/tmp/perf-{pid}.map")


def take_map(path):
    lines = path.read_text().splitlines()
    path.unlink()
    rows = [line.split(" ", 2) for line in lines]
    return [(name, int(start, 16), int(size, 16)) for start, size, name in rows]


def names(rows):
    return [row[0] for row in rows]


def records(data):
    """(kind, time, payload) of each record of a jitdump, whose header is checked."""
    magic, version, size, machine, _, pid, when, flags = struct.unpack_from("<IIIIIIQQ", data)
    expect_equal((magic, version, size, machine, flags), (0x4A695444, 1, 40, 62, 0))
    expect(pid > 0 and when > 0)
    found, at = [], size
    while at < len(data):
        kind, length, stamp = struct.unpack_from("<IIQ", data, at)
        expect(16 <= length <= len(data) - at, "a record of", length)
        found.append((kind, stamp, data[at + 16:at + length]))
        at += length
    return found


def loads(data):
    found = {}
    for kind, _, payload in records(data):
        if kind != 0:
            continue
        _, _, vma, address, size, index = struct.unpack_from("<IIQQQQ", payload)
        name, code = payload[40:].split(b"\0", 1)
        expect_equal((address, len(code)), (vma, size))
        found[index] = (name.decode(), address, code)
    return found


@test
def map_names_local_and_global_functions(fixture):
    fixture.compile("a.c", PAIR % (1, "outer"))
    run = Run(fixture, "profiler=map", "link:a:a.o", "call:a:outer:1").finish()
    rows = take_map(run.map)
    expect_equal(sorted(names(rows)), ["local_one", "outer"])
    (_, first, size), (_, second, _) = sorted(rows, key=lambda row: row[1])
    expect(0 < size <= second - first, rows)


@test
def map_of_a_child_begins_with_its_parents_functions(fixture):
    fixture.compile("a.c", PAIR % (1, "outer"))
    fixture.compile("b.c", PAIR % (2, "inner"))
    run = Run(fixture, "profiler=map", "link:a:a.o", "fork", "link:b:b.o", "call:b:inner:1").finish()
    child = int(run.out.split("child ")[1].split()[0])
    expect("inner" not in names(take_map(run.map)))
    expect_equal(set(names(take_map(perf_map(child)))), {"outer", "inner", "local_one"})


def with_a_map_there(fixture, prepare):
    """The script starts when `prepare` has seen to the file of its process."""
    fixture.compile("a.c", PAIR % (1, "outer"))
    shell = 'read go; exec "$0" profiler=map link:a:a.o'
    process = subprocess.Popen(["sh", "-c", shell, SCRIPT], cwd=fixture.directory, stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    path = perf_map(process.pid)
    prepare(path)
    _, errors = process.communicate("go\n", timeout=PATIENCE)
    return path, process.returncode, errors


@test
def map_replaces_a_link_and_leaves_what_it_led_to(fixture):
    victim = fixture.directory / "victim"
    victim.write_text("precious")
    path, status, errors = with_a_map_there(fixture, lambda path: path.symlink_to(victim))
    expect_equal(status, 0, None)
    expect(not path.is_symlink(), errors)
    expect_equal(victim.read_text(), "precious")
    expect("outer" in names(take_map(path)))


@test
def map_of_an_earlier_process_is_replaced(fixture):
    def old(path):
        path.write_text("1000 10 stale\n")
        os.utime(path, (1, 1))
    path, status, errors = with_a_map_there(fixture, old)
    expect_equal(status, 0, None)
    expect_equal(sorted(names(take_map(path))), ["local_one", "outer"])


@test
def map_that_cannot_be_made_is_an_error(fixture):
    path, status, errors = with_a_map_there(fixture, lambda path: path.mkdir())
    path.rmdir()
    expect(status == 1 and "perf-" in errors and "unlink" in errors, status, errors)


@test
def dump_holds_the_code_of_each_function(fixture):
    fixture.compile("a.c", PAIR % (1, "outer"), "-O1")
    fixture.compile("b.c", PAIR % (2, "inner"), "-O1")
    run = Run(fixture, "profiler=jitdump", "link:a:a.o", "unload:a", "link:b:b.o").finish()
    data = run.dump.read_bytes()
    found = loads(data)
    expect_equal(sorted(found), [1, 2, 3, 4])
    expect_equal(sorted(name for name, _, _ in found.values()), ["inner", "local_one", "local_one", "outer"])
    stamps = [stamp for _, stamp, _ in records(data)]
    expect(stamps == sorted(stamps) and stamps[-1] <= time.monotonic_ns(), stamps)
    expect_equal(records(data)[-1][0], 3)
    text = fixture.directory / "text"
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", "a.o", text], cwd=fixture.directory, check=True)
    local = next(code for name, _, code in found.values() if name == "local_one")
    expect(local in text.read_bytes(), local)


@test
def dump_of_a_child_is_its_own(fixture):
    fixture.compile("a.c", PAIR % (1, "outer"))
    fixture.compile("b.c", PAIR % (2, "inner"))
    run = Run(fixture, "profiler=jitdump", "link:a:a.o", "fork", "link:b:b.o").finish()
    child = int(run.out.split("child ")[1].split()[0])
    own = loads((fixture.directory / f"jit-{child}.dump").read_bytes())
    expect_equal(sorted(name for name, _, _ in own.values()), ["inner", "local_one"])
    expect("inner" not in [name for name, _, _ in loads(run.dump.read_bytes()).values()])


@test
def directory_that_is_not_there_is_an_error(fixture):
    fixture.compile("p.c", "int main(void) { return 0; }")
    env = fixture.environment(JITDUMPDIR="/nonexistent")
    expect_own_error(fixture.enfold("run", "--perf=jitdump", "p.o", env=env), "/nonexistent/jit-", "ENOENT",
                     "make the directory, or name another directory in JITDUMPDIR")
    env = fixture.environment(JITDUMPDIR="/proc/self")
    expect_own_error(fixture.enfold("run", "--perf=jitdump", "p.o", env=env), "name another directory in JITDUMPDIR")
    expect_own_error(fixture.enfold("run", "--perf=what", "p.o"), "expected map or jitdump")
    expect_own_error(fixture.enfold("run", "--gdb=what", "p.o"), "expected none, debug or all")


@test
def room_that_lacks_is_to_be_made(fixture):
    fixture.compile("p.c", "int main(void) { return 0; }")

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    for kind, cure in (("map", "make room for it, or link without a profiler"),
                       ("jitdump", "make room for it, or name another directory in JITDUMPDIR")):
        result = fixture.enfold("run", f"--perf={kind}", "p.o", env=dump_to(fixture), preexec_fn=limit)
        expect_own_error(result, "EFBIG", cure)


@test
def file_that_took_the_descriptor_is_not_written(fixture):
    fixture.compile("a.c", PAIR % (1, "outer"))
    for kind in ("map", "jitdump"):
        done = subprocess.run([SCRIPT, f"profiler={kind}", "take:mine", "link:a:a.o"], cwd=fixture.directory,
                              capture_output=True, text=True, env=dump_to(fixture), timeout=PATIENCE)
        expect(done.returncode == 1 and "EBADF" in done.stderr, kind, done)
        expect_equal((fixture.directory / "mine").read_bytes(), b"")


def perf(fixture, *words):
    return subprocess.run(["perf", *words], cwd=fixture.directory, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, env=dump_to(fixture), timeout=PATIENCE)


def records_something(fixture):
    if shutil.which("perf") is None:
        return False
    return perf(fixture, "record", "-e", "cpu-clock", "-o", "try.data", "true").returncode == 0


@test
def perf_names_functions_by_the_map(fixture):
    if not records_something(fixture):
        skip("perf is not installed or may not record")
    fixture.compile("p.c", SPIN, "-O1")
    for memory in ((), ("--memory=strict",)):
        done = perf(fixture, "record", "-e", "cpu-clock", "-o", "m.data", ENFOLD, "run", "--perf=map", *memory, "p.o")
        expect_equal(done.returncode, 0, done)
        report = perf(fixture, "report", "-i", "m.data", "--stdio", "--sort", "symbol").stdout
        expect("busy_loop" in report, memory, report)
        samples = perf(fixture, "script", "-i", "m.data", "-F", "pid,ip,sym").stdout.splitlines()
        perf_map(next(s.split()[0] for s in samples if "busy_loop" in s)).unlink()


@test
def perf_names_functions_by_the_dump(fixture):
    if not records_something(fixture):
        skip("perf is not installed or may not record")
    fixture.compile("p.c", SPIN, "-O1")
    done = perf(fixture, "record", "-k", "mono", "-e", "cpu-clock", "-o", "j.data", ENFOLD, "run", "--perf=jitdump",
                "--memory=alias", "p.o")
    expect_equal(done.returncode, 0, done)
    done = perf(fixture, "inject", "--jit", "-i", "j.data", "-o", "i.data")
    expect_equal(done.returncode, 0, done)
    report = perf(fixture, "report", "-i", "i.data", "--stdio", "--sort", "symbol").stdout
    expect("busy_loop" in report, report)


main()
