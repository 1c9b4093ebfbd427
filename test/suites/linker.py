#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stands in for the system linker, so that what a package builds runs by `enfold run`.

    linker.py make KIT --enfold TOOL     makes the directory KIT; then compile with  gcc -B KIT/bin/
    touch KIT/off; rm KIT/off            while it is there, the stand-in is the system linker and nothing more
    touch KIT/reference; rm KIT/reference  while it is there, programs run as the system linker made them
    cat KIT/log                          what became of each program that was linked

`gcc -B KIT/bin/` finds KIT/bin/ld, which is `linker.py link KIT` with the linker's arguments. It runs the system
linker. A dynamically linked executable is then moved into KIT, and a launcher (see launcher.c) takes its place, which
runs the same objects, archives and libraries by `enfold run`, under the same name and with the same arguments. Objects
are kept in KIT, because compilers remove theirs. Shared libraries, relocatable and static outputs stay as they are; so
does a program that was linked with an option which changes its meaning and has no counterpart: the log names it.
"""

import argparse
import hashlib
import mmap
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PLACE, PLACE_SIZE = b"@enfold-record@", 4096  # launcher.c
STAND_IN = """#!/bin/sh
[ ! -e {kit}/off ] || exec {ld} "$@"
exec {python} -B {script} link {kit} "$@"
"""

# What the driver adds to every program, and the tool has by itself.
START_FILES = re.compile(r"S?crt1\.o|crt[in]\.o|crt(begin|end)[ST]?\.o")
OWN_LIBRARIES = {"c", "gcc", "gcc_s", "gcc_eh"}

# Options of the linker that have a value, attached or as the next word.
WITH_VALUE = set("""
    A F G I L O T Tbss Tdata Ttext Y a b c defsym dynamic-linker dynamic-list e entry export-dynamic-symbol
    export-dynamic-symbol-list f fini format h hash-style init l m Map max-cache-size o oformat plugin
    plugin-opt retain-symbols-file rpath rpath-link script section-start soname sort-section sysroot u
    undefined unresolved-symbols version-script wrap y z
""".split())
# Of these, and of those without a value, what says nothing about how the program behaves.
IGNORED = set("""
    ( ) Bdynamic Bsymbolic Bsymbolic-functions E I L M Map O S Wl X a add-needed allow-shlib-undefined
    as-needed build-id c call_shared compress-debug-sections copy-dt-needed-entries cref d dc demangle
    disable-new-dtags discard-all discard-locals dn dp dy dynamic-linker dynamic-list eh-frame-hdr
    enable-new-dtags end-group error-unresolved-symbols export-dynamic export-dynamic-symbol
    export-dynamic-symbol-list f fatal-warnings g h hash-style ld-generated-unwind-info m map-whole-files
    no-add-needed no-allow-shlib-undefined no-as-needed no-copy-dt-needed-entries no-demangle
    no-eh-frame-hdr no-export-dynamic no-fatal-warnings no-gc-sections no-keep-memory
    no-ld-generated-unwind-info no-map-whole-files no-pie no-relax no-undefined no-warn-mismatch
    no-warn-rwx-segments non_shared nostdlib o pic-executable pie plugin plugin-opt pop-state print-map
    push-state reduce-memory-overheads relax rpath rpath-link s soname sort-common sort-section start-group
    stats strip-all strip-debug sysroot t trace verbose version-script warn-common warn-once
    warn-rwx-segments warn-shared-textrel x y z
""".split())
MEANINGFUL_Z = {"muldefs", "interpose", "initfirst", "execstack"}


class Unsupported(Exception):
    """What keeps a program with the system linker."""


def options_of(words):
    """(name, value) of each option, and ("", path) of each input; names are without their dashes."""
    rest = iter(words)
    for word in rest:
        if word in ("-(", "-)"):
            yield word[1], None
        elif not word.startswith("-") or word == "-":
            yield "", word
        elif "=" in word and (word.startswith("--") or word[1:].split("=")[0] in WITH_VALUE):
            yield tuple(word.lstrip("-").split("=", 1))
        elif word.lstrip("-") in WITH_VALUE:
            yield word.lstrip("-"), next(rest, "")
        elif not word.startswith("--") and word[1] in WITH_VALUE and word[1:] not in IGNORED:
            yield word[1], word[2:]
        else:
            yield word.lstrip("-"), None


def expand(words):
    """The words, with response files in the place of their names."""
    for word in words:
        if word.startswith("@") and os.path.exists(word[1:]):
            yield from expand(shlex.split(pathlib.Path(word[1:]).read_text()))
        else:
            yield word


class Translation:
    """The words of `enfold run` for a command line of the linker."""

    def __init__(self, keep):
        self.keep = keep          # makes a path of an input that stays
        self.words = []
        self.static = False       # -Bstatic: libraries are archives from here on
        self.states = []          # of --push-state

    def take(self, name, value):
        if name == "":
            self.take_input(value)
        elif name == "l":
            self.take_library(value)
        elif name == "L":
            self.words.append("-L" + os.path.abspath(value))
        elif name in ("whole-archive", "no-whole-archive", "gc-sections"):
            self.words.append("--" + name)
        elif name in ("Bstatic", "dn", "non_shared", "Bdynamic", "dy", "call_shared"):
            self.static = name in ("Bstatic", "dn", "non_shared")
        elif name == "push-state":
            self.states.append((self.static, len(self.words)))
        elif name == "pop-state" and self.states:
            self.static = self.states.pop()[0]
        elif name == "defsym" and re.fullmatch(r"[^=]+=(0[xX][0-9a-fA-F]+|[0-9]+)", value):
            self.words += ["--define", value]
        elif name not in IGNORED or name == "z" and value.split("=")[0] in MEANINGFUL_Z:
            raise Unsupported(f"-{name}" + (f" {value}" if value else ""))

    def take_input(self, path):
        if os.path.basename(path) == "gcrt1.o":
            raise Unsupported("-pg")
        if not START_FILES.fullmatch(os.path.basename(path)):
            self.words.append(self.keep(path))

    def take_library(self, name):
        if name in OWN_LIBRARIES:
            return
        self.words.append(f"-l:lib{name}.a" if self.static and not name.startswith(":") else "-l" + name)


def head_of(path):
    with open(path, "rb") as file:
        return file.read(64)


def is_object(path):
    head = head_of(path)
    return head[:4] == b"\x7fELF" and head[16] == 1


def is_optimised_at_link_time(path):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b".gnu.lto_") >= 0


def is_dynamic_program(path):
    """Whether the file names an interpreter, as dynamically linked executables do."""
    head = head_of(path)
    if head[:4] != b"\x7fELF" or head[16] not in (2, 3):
        return False
    header = subprocess.run(["readelf", "-lW", path], capture_output=True, text=True, check=True).stdout
    return "INTERP" in header


class Kit:
    """The directory with the stand-in, the launcher and a record of each program."""

    def __init__(self, path):
        self.path = pathlib.Path(path).absolute()
        self.launcher = self.path / "launcher"
        self.tool = self.path / "enfold"
        self.ld = self.path / "ld"

    def make(self, tool):
        """A kit whose programs run by `tool`. One that is there goes on with its records."""
        (self.path / "bin").mkdir(parents=True, exist_ok=True)
        (self.path / "records").mkdir(exist_ok=True)
        for link, target in ((self.tool, os.path.abspath(tool)), (self.ld, shutil.which("ld"))):
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        subprocess.run(["gcc", "-O1", HERE / "launcher.c", "-o", self.launcher], check=True)
        stand_in = self.path / "bin/ld"
        quoted = {"kit": self.path, "ld": self.ld, "python": sys.executable, "script": HERE / "linker.py"}
        stand_in.write_text(STAND_IN.format(**{name: shlex.quote(str(path)) for name, path in quoted.items()}))
        stand_in.chmod(0o755)

    def log(self, *words):
        with open(self.path / "log", "a", encoding="utf-8") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def link(self, words):
        """The status of the linker; its output is replaced by a launcher where it can be."""
        done = subprocess.run([self.ld, *words], check=False)
        if done.returncode:
            return done.returncode
        options = list(options_of(expand(words)))
        output = pathlib.Path(dict(options).get("o", "a.out")).absolute()
        if "" not in dict(options) or not output.is_file() or not is_dynamic_program(output):
            return 0
        try:
            self.replace(output, options)
            self.log("enfold", output)
        except Unsupported as reason:
            self.log("system linker", f"{output}: {reason}")
        return 0

    def replace(self, output, options):
        record = self.path / "records" / hashlib.sha256(str(output).encode()).hexdigest()[:16]
        shutil.rmtree(record, ignore_errors=True)
        record.mkdir()
        translation = Translation(lambda path: self.keep(path, record))
        for name, value in options:
            translation.take(name, value)
        position_dependent = head_of(output)[16] == 2
        words = [self.path / "reference", record / "program", self.tool, "run",
                 *(["--copy-data"] if position_dependent else []), *translation.words, "--name"]
        (record / "words").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in words))
        self.put_launcher(output, record)

    def keep(self, path, record):
        """A name of the input that stays. Objects are kept; all else is where it is."""
        path = os.path.abspath(path)
        if not is_object(path):
            return path
        if is_optimised_at_link_time(path):
            raise Unsupported(f"{path} is compiled for optimisation at link time")
        kept = record / f"{len(list(record.iterdir())):03d}-{os.path.basename(path)}"
        try:
            os.link(path, kept)
        except OSError:  # another file system
            shutil.copyfile(path, kept)
        return str(kept)

    def put_launcher(self, output, record):
        text = self.launcher.read_bytes()
        at = text.index(PLACE)
        name = os.fsencode(record / "words").ljust(PLACE_SIZE, b"\0")
        mode = output.stat().st_mode
        shutil.move(output, record / "program")
        output.write_bytes(text[:at] + name + text[at + PLACE_SIZE:])
        output.chmod(mode)


def main():
    if sys.argv[1:2] == ["link"]:
        return Kit(sys.argv[2]).link(sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["make"])
    parser.add_argument("kit", help="the directory to make")
    parser.add_argument("--enfold", required=True, metavar="TOOL", help="the tool that runs the programs")
    options = parser.parse_args()
    Kit(options.kit).make(options.enfold)
    return 0


if __name__ == "__main__":
    sys.exit(main())
