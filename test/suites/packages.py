# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The packages whose own tests run under enfold: how each is built and tested, how its results are read, and which
tests are known to differ from the system linker's program, with the reason.

A test counts only if it passes with the system linker on the same machine. A package that is not named here is taken
for one of autoconf and automake: see Automake.
"""

import os
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent

# What a rebuilt manual or a regenerated script would need is not there, and says nothing about a program.
NO_MAINTENANCE = ["ACLOCAL=:", "AUTOCONF=:", "AUTOHEADER=:", "AUTOMAKE=:", "MAKEINFO=:"]
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Package:
    """What runs in the build directory, which is beside the source and empty at first. `self.cc` is the compiler, with
    the stand-in for the linker; `self.jobs` says how many processes may run."""
    name = ""
    source = ""      # the Debian source package, where it is not the name
    needs = []       # Debian packages beyond those of scripts/setup.sh
    timeout = 3600   # seconds for the package's tests
    in_source = False  # builds where the source is: on a copy
    differs = {}     # regular expression of a test's name: why it differs

    def __init__(self, name, source, cc, jobs):
        self.name, self.sources, self.cc, self.jobs = name, source, cc, jobs

    def configure(self):
        """Commands that run before any program of the package does; the stand-in is the system linker meanwhile."""
        return []

    def build(self):
        return []

    def check(self):
        """The commands of the tests; their failure says nothing, and their output goes to results()."""
        return []

    def clean(self):
        """Commands that remove the results, so that the tests run again."""
        return []

    def results(self, directory, output):
        """{name of a test: PASSED, FAILED or SKIPPED}."""
        raise NotImplementedError


class Automake(Package):
    """configure, make, make check; each test leaves a file with its result."""
    options = []
    directories = []  # those that are built, in this order; the tests are those of the last. Without: the whole package
    targets = []      # further arguments of make

    def configure(self):
        script = "./configure" if self.in_source else self.sources / "configure"
        options = ["--disable-dependency-tracking", "--disable-nls", *self.options]
        return [[script, *options, f"CC={self.cc}", "CFLAGS=-O1"]]

    def make(self, *words):
        return ["make", f"-j{self.jobs}", *NO_MAINTENANCE, *self.targets, *words]

    def build(self):
        return [self.make("-C", directory) for directory in self.directories or ["."]]

    def check(self):
        return [self.make("-C", (self.directories or ["."])[-1], "-k", "check")]

    def clean(self):
        return [["find", ".", "-name", "*.trs", "-delete"]]

    def results(self, directory, output):
        found = {}
        for file in sorted(directory.rglob("*.trs")):
            words = re.findall(r"^:test-result: (\w+)", file.read_text(errors="replace"), re.MULTILINE)
            name = str(file.relative_to(directory).with_suffix(""))
            for word in words:
                found[name] = {"PASS": PASSED, "XFAIL": PASSED, "SKIP": SKIPPED}.get(word, FAILED)
        return found


class Sed(Automake):
    targets = ["SUBDIRS=."]  # without the tests of gnulib, which are not sed's


class Grep(Automake):
    directories = ["lib", "src", "tests"]


class Gawk(Automake):
    """Its rules print the name of each test and leave the output of those that fail."""
    timeout = 1800
    differs = {"pma": "its persistent memory holds addresses of the program, which is linked with -no-pie, and so lies"
                      " at the same address in every run; a set lies where there is room"}

    def build(self):
        return [self.make("-C", "support"), self.make("gawk"), self.make("-C", "extension")]

    def check(self):
        return [self.make("-C", "test", "-k", "check")]

    def clean(self):
        return [["sh", "-c", "rm -f test/_*"]]

    def results(self, directory, output):
        known = {file.stem for file in (self.sources / "test").glob("*.ok")}
        ran = known & set(re.findall(r"^(?:make\S*: )?([A-Za-z0-9_-]+)$", output, re.MULTILINE))
        failed = {file.name[1:] for file in (directory / "test").glob("_*")}
        return {name: FAILED if name in failed else PASSED for name in ran | failed & known}


class Coreutils(Automake):
    targets = ["SUBDIRS=."]
    options = ["--enable-no-install-program=stdbuf", "FORCE_UNSAFE_CONFIGURE=1"]
    timeout = 4 * 3600


class Findutils(Automake):
    directories = ["gl", "lib", "find", "xargs", "locate"]

    def check(self):
        return [self.make("-k", "check-am")]


class Autotest(Automake):
    """A suite of one script, which numbers its tests."""

    def clean(self):
        return []

    def results(self, directory, output):
        found = {}
        for number, name, word in re.findall(r"^ *(\d+): (.*?) +(ok|FAILED|skipped|expected failure)\b", output,
                                             re.MULTILINE):
            found[f"{number} {name}"] = {"FAILED": FAILED, "skipped": SKIPPED}.get(word, PASSED)
        return found


class Tar(Autotest):
    directories = ["gnu", "lib", "rmt", "src", "tests"]
    options = ["FORCE_UNSAFE_CONFIGURE=1"]


class M4(Automake):
    """The examples of its manual, which one script checks."""
    directories = ["lib", "src", "checks"]

    def results(self, directory, output):
        ran = re.findall(r"^Checking (\S+)", output, re.MULTILINE)
        failed = re.search(r"^Failed checks were:\n(.*?)(?:^\S|\Z)", output, re.MULTILINE | re.DOTALL)
        names = failed[1].split() if failed else []
        return {name: FAILED if any(f.split(":")[0] in name for f in names) else PASSED for name in ran}


class Bash(Package):
    """Its scripts compare what they print and show the difference."""
    in_source = True

    def configure(self):
        return [["./configure", "--disable-nls", "--without-bash-malloc", f"CC={self.cc}", "CFLAGS=-O1"]]

    def build(self):
        return [["make", f"-j{self.jobs}"]]

    def check(self):
        return [["make", "tests"]]

    def results(self, directory, output):
        parts = re.split(r"^(run-\S+)$", output, flags=re.MULTILINE)[1:]
        failure = re.compile(r"^(?:[<>] |\d+(?:,\d+)?[acd]\d+)", re.MULTILINE)
        return {name: FAILED if failure.search(text) else PASSED for name, text in zip(parts[::2], parts[1::2])}


class Redis(Package):
    needs = ["tcl"]
    in_source = True
    timeout = 2 * 3600

    def build(self):
        return [["make", f"-j{self.jobs}", "MALLOC=libc", f"CC={self.cc}", "OPTIMIZATION=-O1", "USE_SYSTEMD=no"]]

    def check(self):
        return [["./runtest", "--clients", str(self.jobs)]]

    def results(self, directory, output):
        text = re.sub(r"\x1b\[[0-9;]*m", "", output)
        words = {"ok": PASSED, "err": FAILED, "exception": FAILED, "skip": SKIPPED, "ignore": SKIPPED}
        return {name.strip(): words[word] for word, name in
                re.findall(r"^\[(ok|err|exception|skip|ignore)\]: (.*?)(?: \(\d+ ms\)| in tests/.*)?$", text, re.M)}


class Libgc(Automake):
    """A collector, which must know the data of the program."""
    options = ["--with-libatomic-ops=none"]


class Guile(Automake):
    """Builds itself by running itself: hours on a small machine."""
    source = "guile-3.0"
    needs = ["libgmp-dev", "libunistring-dev", "libgc-dev", "libffi-dev", "libltdl-dev"]
    timeout = 8 * 3600


class D(Package):
    """Programs of our own, because no package of D has a suite that uses gdc."""
    source = None
    needs = ["gdc"]

    def programs(self):
        return sorted((HERE / "d").glob("*.d"))

    def build(self):
        compiler = self.cc.replace("gcc", "gdc", 1).split()
        return [[*compiler, "-O1", file, "-o", file.stem] for file in self.programs()]

    def check(self):
        return [["sh", "-c", f"if ./{file.stem}; then echo ok: {file.stem}; else echo failed: {file.stem}; fi"]
                for file in self.programs()]

    def results(self, directory, output):
        words = {"ok": PASSED, "failed": FAILED}
        return {name: words[word] for word, name in re.findall(r"^(ok|failed): (\S+)$", output, re.MULTILINE)}


ALL = {"sed": Sed, "gawk": Gawk, "grep": Grep, "coreutils": Coreutils, "bash": Bash, "tar": Tar,
       "findutils": Findutils, "m4": M4, "redis": Redis, "libgc": Libgc, "guile": Guile, "d": D}
