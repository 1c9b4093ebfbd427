# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a test program says about itself.

A program is a source file under test/programs, or a directory of them with one called main.*. Comment lines at the
head of that file are metadata, "key: value". The keys:

  fact         what the program shows, in one sentence (required)
  compilers    restrict to these: gcc clang
  opts         restrict to these: O0 O2
  models       restrict to these: default fPIC no-pic no-plt medium large
  matrix       the variants are the cells of a matrix of matrix.py, in place of opts and models
  why          the reason for a restriction (required with one)
  flags        compile options for every file; flags-gcc and flags-clang for one compiler's
  flags-of     FILE = options for one file; may be repeated
  generate     FILE = SCRIPT.py, whose standard output is the source FILE; may be repeated
  archive      LIB.a = FILES; thin-archive likewise; may be repeated
  shared       LIB.so = FILES, compiled with -fPIC and linked with the options in FILES; may be repeated
  inputs       the link line, where order matters: objects, libraries and linker options
  link         more of it, at its end: -lm
  tool         options for the tool alone
  system-link  options for the system linker alone: -rdynamic
  args, env, stdin  what the program is started with; stdin knows \\n
  status       the exit status, where it is not 0; 128 + n for signal n
  stderr       "ignore", or "nonempty" where only that counts
  system-error a regular expression: the system linker refuses the program with such a message
  expect-error a regular expression: the tool refuses the program with such a message
  no-sanitizer why the program cannot be run by a tool that was built with a sanitizer
  may-refuse   a regular expression: the tool either agrees with the system linker or refuses so
"""
import pathlib
import re
import shlex

from matrix import MATRICES, cells

SINGLE = {"fact", "compilers", "opts", "models", "matrix", "why", "flags", "flags-gcc", "flags-clang", "inputs", "link",
          "tool", "system-link",
          "no-sanitizer", "args", "env", "stdin", "status", "stderr", "system-error", "expect-error", "may-refuse"}
REPEATED = {"flags-of", "generate", "archive", "thin-archive", "shared"}
SOURCES = {".c", ".cc", ".s", ".S"}
COMPILERS = ("gcc", "clang")
OPTS = ("O0", "O2")
MODELS = ("default", "fPIC", "no-pic", "no-plt", "medium", "large")


class MetadataError(Exception):
    pass


def parse_header(text, where):
    """The metadata at the head of a source, as {key: value or list of values}."""
    meta = {key: [] for key in REPEATED}
    for line in text.splitlines():
        comment = re.match(r"(?://|#)(.*)", line)
        if not comment:
            break
        pair = re.match(r" ([a-z][a-z-]*): +(.*\S)\s*$", comment.group(1))
        if not pair:
            continue
        key, value = pair.groups()
        if key in REPEATED:
            name, _, rest = value.partition("=")
            meta[key].append((name.strip(), rest.strip()))
        elif key in SINGLE and key not in meta:
            meta[key] = value
        else:
            raise MetadataError(f"{where}: unknown or repeated key '{key}'")
    return meta


class Program:
    """One program and its metadata."""

    def __init__(self, path):
        self.name = path.stem if path.is_file() else path.name
        self.directory = path if path.is_dir() else path.parent
        if path.is_dir():
            self.files = sorted(p.name for p in path.iterdir() if p.is_file())
            mains = [f for f in self.files if f.startswith("main.") and pathlib.Path(f).suffix in SOURCES]
        else:
            self.files = mains = [path.name]
        if len(mains) != 1:
            raise MetadataError(f"{path}: no main source, or more than one")
        self.meta = parse_header((self.directory / mains[0]).read_text(), path)
        self._check()

    def _check(self):
        if "fact" not in self.meta:
            raise MetadataError(f"{self.name}: no fact")
        if "why" not in self.meta and {"compilers", "opts", "models"} & set(self.meta):
            raise MetadataError(f"{self.name}: a restriction without a reason ('why')")
        for key, known in (("compilers", COMPILERS), ("opts", OPTS), ("models", MODELS)):
            unknown = set(self.get(key, " ".join(known)).split()) - set(known)
            if unknown:
                raise MetadataError(f"{self.name}: {key}: {unknown}")
        if "matrix" in self.meta and (self.get("matrix") not in MATRICES or {"opts", "models"} & set(self.meta)):
            raise MetadataError(f"{self.name}: no such matrix, or one with opts or models")

    def get(self, key, default=""):
        return self.meta.get(key, default)

    def words(self, key):
        return shlex.split(self.get(key))

    def sources(self):
        generated = [name for name, _ in self.meta["generate"]]
        return sorted(f for f in self.files + generated if pathlib.Path(f).suffix in SOURCES)

    def libraries(self):
        """(kind, name, words) of each archive and shared library, in order of appearance by kind."""
        for kind in ("archive", "thin-archive", "shared"):
            for name, rest in self.meta[kind]:
                yield kind, name, shlex.split(rest)

    def member_of(self, source):
        """The kind of library that a source goes into, or None."""
        for kind, _, words in self.libraries():
            if source in words:
                return kind
        return None

    def is_cxx(self):
        return any(f.endswith(".cc") for f in self.sources())

    def inputs(self):
        """The link line, after the compiler's name: objects, libraries, options."""
        if "inputs" in self.meta:
            line = self.words("inputs")
        else:
            line = [object_name(s) for s in self.sources() if not self.member_of(s)]
            line += [name for _, name, _ in self.libraries()]
        return line + self.words("link")

    def variants(self):
        compilers = self.get("compilers", " ".join(COMPILERS)).split()
        if "matrix" in self.meta:
            for cell, compiler, opt, model, flags in cells(self.get("matrix")):
                if compiler in compilers:
                    yield Variant(compiler, opt, model, cell, flags)
            return
        for compiler in compilers:
            for opt in self.get("opts", " ".join(OPTS)).split():
                for model in self.get("models", " ".join(MODELS)).split():
                    yield Variant(compiler, opt, model)


class Variant:
    """One way to compile a program."""

    def __init__(self, compiler, opt, model, cell="", flags=()):
        self.compiler, self.opt, self.model = compiler, opt, model
        self.cell, self.flags = cell, list(flags)

    def __str__(self):
        return "-".join(filter(None, (self.compiler, self.opt, self.model, self.cell)))


def object_name(source):
    return pathlib.Path(source).stem + ".o"


def find_programs(root, pattern=""):
    """The programs under `root` whose name matches, by name."""
    paths = [p for p in sorted(root.iterdir())
             if not p.name.startswith((".", "_")) and (p.is_dir() or p.suffix in SOURCES)]
    return [Program(p) for p in paths if re.search(pattern, p.name if p.is_dir() else p.stem)]
