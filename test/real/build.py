# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fetches sources and compiles them to objects, each once for all builds of the project."""

import concurrent.futures
import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parents[2]


FETCH_OUT_OF_REACH = 69  # a status of scripts/fetch-source.sh


class Failure(Exception):
    """A script that failed, or a compiler that refused a source."""


class OutOfReach(Exception):
    """A source that no mirror has: a test that needs it is skipped."""


def run(command, **options):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    except OSError as error:
        raise Failure(f"{command[0]}: {error}") from error
    if done.returncode == FETCH_OUT_OF_REACH and pathlib.Path(command[0]).parent.name == "scripts":
        raise OutOfReach(done.stderr.strip())
    if done.returncode:
        raise Failure(f"status {done.returncode} from: {' '.join(map(str, command))[:300]}\n"
                      + (done.stdout + done.stderr)[-2000:])
    return done.stdout


@functools.cache
def version(compiler):
    return run([compiler, "--version"])


class Builder:
    def __init__(self, cache, program):
        self.sources = cache / "sources"
        self.objects = cache / "real" / program

    @contextlib.contextmanager
    def lock(self):
        """Held while preparing: tests of two builds may run at the same time."""
        self.objects.mkdir(parents=True, exist_ok=True)
        with open(self.objects / ".lock", "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def fetch(self, package):
        directory = self.sources / package
        run([PROJECT / "scripts/fetch-source.sh", package, directory])
        return directory

    def fetch_sqlite(self):
        directory = self.sources / "sqlite3-amalgamation"
        run([PROJECT / "scripts/fetch-sqlite.sh", directory])
        return directory

    def compile(self, flavour, sources, flags, compiler="gcc"):
        """The objects of `sources`, in their order. Recompiles what has changed; headers in a source's directory
        count as part of it."""
        directory = self.objects / flavour
        directory.mkdir(parents=True, exist_ok=True)
        objects = [directory / (source.stem + ".o") for source in sources]
        if len(set(objects)) != len(objects):
            raise Failure(f"{flavour}: two sources of one name")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda pair: self._compile(*pair, [compiler, *flags]), zip(sources, objects)))
        return objects

    @staticmethod
    def _compile(source, target, command):
        digest = hashlib.sha256(repr((command, version(command[0]))).encode())
        for part in [source, *sorted(source.parent.glob("*.h"))]:
            digest.update(part.read_bytes())
        stamp = target.with_suffix(".stamp")
        if target.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        stamp.unlink(missing_ok=True)
        run([*command, "-c", source, "-o", target])
        stamp.write_text(digest.hexdigest())

    def archive(self, flavour, name, objects):
        target = self.objects / flavour / name
        target.unlink(missing_ok=True)
        run(["ar", "rcs", target, *objects])
        return target

    def join(self, flavour, name, objects):
        """One relocatable object out of several."""
        target = self.objects / flavour / name
        target.parent.mkdir(parents=True, exist_ok=True)
        run(["ld", "-r", *objects, "-o", target])
        return target
