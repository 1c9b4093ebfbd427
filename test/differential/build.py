# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles a variant of a program and runs it as the system linker makes it.

Everything it makes lies in one directory per variant, named after a hash of all that went in. The directory is
filled under another name and then renamed, so that several runs can share it. The linked program itself is not kept,
only what it did.
"""
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from program import object_name

FORMAT = "3"  # change it when directories made before are of no more use
RUN_TIMEOUT = 120   # seconds until what hangs is ended; the slowest program takes a second on an idle machine
BUILD_TIMEOUT = 600

DRIVERS = {"gcc": ("gcc", "g++"), "clang": ("clang-19", "clang++-19")}
STANDARDS = {".c": ["-std=gnu17"], ".cc": ["-std=gnu++20"]}
COMPILE = {
    "default": [], "fPIC": ["-fPIC"], "no-pic": ["-fno-pic", "-mcmodel=small"], "no-plt": ["-fno-plt"],
    "medium": ["-mcmodel=medium"], "large": ["-mcmodel=large"],
}
LINK = {"no-pic": ["-no-pie"]}


class BuildError(Exception):
    pass


def identity(driver):
    """What tells one version of a compiler from another."""
    if driver not in identity.known:
        found = subprocess.run([driver, "--version"], capture_output=True, check=True)
        identity.known[driver] = found.stdout.splitlines()[0]
    return identity.known[driver]


identity.known = {}


def run(command, *, stdin=b"", env=None, cwd=None, timeout=RUN_TIMEOUT):
    """{'status', 'out', 'err'} of a command; the status of a signal is 128 + n, of what did not end or start None."""
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, env=env, cwd=cwd, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        return {"status": None, "out": late.stdout or b"", "err": (late.stderr or b"") + b"\n(timed out)"}
    except OSError as error:
        return {"status": None, "out": b"", "err": str(error).encode()}
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return {"status": status, "out": done.stdout, "err": done.stderr}


class Commands:
    """The command lines that make one variant."""

    def __init__(self, program, variant):
        self.program, self.variant = program, variant
        self.cc, self.cxx = DRIVERS[variant.compiler]

    def driver(self):
        return self.cxx if self.program.is_cxx() else self.cc

    def compile(self, source, folder):
        suffix = pathlib.Path(source).suffix
        path = self.program.directory / source
        if not path.exists():
            path = folder / source
        words = [self.cxx if suffix == ".cc" else self.cc, *STANDARDS.get(suffix, []), "-c", str(path),
                 "-o", str(folder / object_name(source))]
        if suffix in STANDARDS:
            words += ["-" + self.variant.opt, *COMPILE[self.variant.model]]
        if self.program.member_of(source) == "shared":
            words += ["-fPIC"]
        elif suffix in STANDARDS:
            words += self.variant.flags
        words += self.program.words("flags") if suffix in STANDARDS else []
        words += self.program.words("flags-" + self.variant.compiler)
        for name, flags in self.program.meta["flags-of"]:
            words += shlex.split(flags) if name == source else []
        return words

    def library(self, kind, name, words, folder):
        members = [object_name(w) if w in self.program.sources() else w for w in words]
        if kind == "shared":
            return [self.driver(), "-shared", "-o", name, *members]
        return ["ar", "rcsDT" if kind == "thin-archive" else "rcsD", name, *members]

    def link(self, output):
        words = [self.driver(), "-o", output, *LINK.get(self.variant.model, []), "-Wl,-rpath,$ORIGIN"]
        words += self.program.words("system-link")
        return words + ["-Wl," + w if w.endswith("whole-archive") else w for w in self.program.inputs()]

    def all(self, folder):
        """Everything but the generators, for a person to repeat."""
        yield from (self.compile(s, folder) for s in self.program.sources())
        yield from (self.library(*lib, folder) for lib in self.program.libraries())


class Case:
    """A program compiled in one way: its objects, and what the system linker makes of them."""

    def __init__(self, program, variant, root):
        self.program, self.variant = program, variant
        self.commands = Commands(program, variant)
        self.folder = root / program.name / f"{variant}-{self._hash()}"

    def __str__(self):
        return f"{self.program.name} {self.variant}"

    def _hash(self):
        h = hashlib.sha256()
        where = pathlib.Path("/x")
        commands = [*self.commands.all(where), self.commands.link("a.out")]
        texts = [FORMAT, identity(self.commands.cc), self.program.get("args"), self.program.get("env"),
                 self.program.get("stdin")]
        root = str(self.program.directory.parent)
        texts += [shlex.join(c).replace(root, "") for c in commands]
        for text in texts:
            h.update((text if isinstance(text, bytes) else text.encode()) + b"\0")
        for name in self.program.files:
            h.update(name.encode() + b"\0" + (self.program.directory / name).read_bytes() + b"\0")
        return h.hexdigest()[:12]

    def environment(self):
        return {**os.environ, "LC_ALL": "C", **dict(w.split("=", 1) for w in self.program.words("env"))}

    def stdin(self):
        return self.program.get("stdin").replace("\\n", "\n").encode()

    def prepare(self):
        """What linking and running by the system did, from the cache if it is there."""
        if not (self.folder / "system.json").exists():
            self._make()
        kept = json.loads((self.folder / "system.json").read_text())
        for field in ("out", "err"):
            kept[field] = bytes.fromhex(kept[field])
        return kept

    def _make(self):
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix="new-") as name:
            folder = pathlib.Path(name) / "case"
            folder.mkdir()
            self._compile(folder)
            result = self._link_and_run(folder)
            for field in ("out", "err"):
                result[field] = result[field].hex()
            (folder / "system.json").write_text(json.dumps(result))
            self._publish(folder)

    def _compile(self, folder):
        for source, script in self.program.meta["generate"]:
            made = self._step([sys.executable, "-B", str(self.program.directory / script)], folder)
            (folder / source).write_bytes(made)
        for command in self.commands.all(folder):
            self._step(command, folder)

    def _link_and_run(self, folder):
        linked = run(self.commands.link("a.out"), cwd=folder, timeout=BUILD_TIMEOUT)
        if linked["status"] != 0:
            return {**linked, "linked": False}
        result = run([str(folder / "a.out"), *self.program.words("args")], stdin=self.stdin(), cwd=folder,
                     env=self.environment())
        (folder / "a.out").unlink()
        if result["status"] is None:  # not to be kept as what the program does
            raise BuildError(f"under the system linker: {result['err'].decode(errors='replace')}")
        return {**result, "linked": True}

    def _step(self, command, folder):
        done = run(command, cwd=folder, timeout=BUILD_TIMEOUT)
        if done["status"] != 0:
            raise BuildError(f"{shlex.join(command)}\n{done['err'].decode(errors='replace')}")
        return done["out"]

    def _publish(self, folder):
        try:
            folder.rename(self.folder)
        except OSError:
            if not (self.folder / "system.json").exists():
                shutil.rmtree(self.folder, ignore_errors=True)
                folder.rename(self.folder)

    def tool_command(self, tool, prefix, options):
        """What to run in the case's folder."""
        args = self.program.words("args")
        return self._tool_words(tool, prefix, ["run", *options]) + (["--", *args] if args else [])

    def plan_command(self, tool, prefix, options):
        """The same to be planned only, told as JSON."""
        return self._tool_words(tool, prefix, ["plan", "--json", *options])

    def _tool_words(self, tool, prefix, words):
        return [*prefix, tool, *words, *self.program.words("tool"), *self.program.inputs()]

    def reproduction(self):
        """Shell lines that make the objects and the system's program again."""
        lines = [shlex.join(c) for c in self.commands.all(self.folder)]
        return [f"cd {shlex.quote(str(self.folder))}", *lines, shlex.join(self.commands.link("/tmp/a.out"))]
