#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the walls between the rooms of src/, and the form of every file: layering.py PROJECT

Format readers know no architecture, architectures know no file format, planning knows neither; the library knows no
LLVM. A file names its licence, has at most 800 lines, and no path of the machine it was written on.
"""

import pathlib
import re
import sys

MAX_LINES = 800
SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"

# read/bytes.h, the checked cursor, belongs to no format.
FORMATS = r"elf\.h|link\.h|mach-o/.*|windows\.h|read/(?!bytes\.h$).*"
ARCHITECTURES = r"arch/(?!arch\.h$).*"
ELF_NAMES = r"\b(?:R_(?:X86_64|AARCH64|RISCV)|SH[TFN]|ST[BTV])_[A-Z0-9]\w*|\bElf(?:32|64)_\w+"

# Room, what its includes must not match, what its code must not say.
WALLS = [
    ("src/read", rf"{ARCHITECTURES}|arch/arch\.h|reloc/.*|plan/.*|apply/.*|memory/.*|runtime/.*", None),
    ("src/reloc", r"plan/.*|apply/.*|memory/.*|runtime/.*", None),
    ("src/arch", rf"{FORMATS}|reloc/.*|plan/.*|memory/.*|runtime/.*", ELF_NAMES),
    ("src/plan", rf"{FORMATS}|{ARCHITECTURES}|reloc/.*|apply/.*|memory/.*|runtime/.*", ELF_NAMES),
    ("src/apply", rf"{FORMATS}|{ARCHITECTURES}|reloc/.*", ELF_NAMES),
    ("src/memory", rf"{ARCHITECTURES}|arch/arch\.h|read/.*|reloc/.*|plan/.*|apply/.*|runtime/.*", None),
    ("src", r"llvm/.*|llvm-c/.*|clang/.*|gtest/.*|CLI/.*", None),
    ("include/enfold", r"(?!enfold/)[^/]+/.*", None),  # nothing but the standard library and itself
]

SOURCE_SUFFIXES = {".cc", ".h", ".S", ".c", ".cpp", ".py", ".sh", ".cmake", ".in", ".lua", ".sql"}
SOURCE_NAMES = {"CMakeLists.txt", ".clang-format"}
SKIPPED = {"build", ".git", ".cache", "__pycache__"}
TABLES = re.compile(r"^src/reloc/.*\.cc$")  # rows, one a relocation: length says nothing there

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:work|root|home)/\w")


def files(project):
    for path in sorted(project.rglob("*")):
        relative = path.relative_to(project)
        if path.is_file() and not SKIPPED & set(relative.parts):
            yield relative.as_posix(), path


def is_source(name):
    path = pathlib.PurePosixPath(name)
    return path.suffix in SOURCE_SUFFIXES or path.name in SOURCE_NAMES or name == ".ci/run"


def wall_complaints(name, text):
    for room, forbidden, words in WALLS:
        if not name.startswith(room + "/") or not name.endswith((".cc", ".h", ".S")):
            continue
        for include in INCLUDE.findall(text):
            if re.fullmatch(forbidden, include):
                yield f"{name}: includes {include}, which {room} must not know"
        found = re.search(words, COMMENT.sub("", text)) if words else None
        if found:
            yield f"{name}: names {found[0]}, which {room} must not know"


def form_complaints(name, text):
    if SPDX not in text[:400]:
        yield f"{name}: no licence line"
    line_count = text.count("\n")
    if line_count > MAX_LINES and not TABLES.match(name):
        yield f"{name}: {line_count} lines, more than {MAX_LINES}"


def complaints(project):
    for name, path in files(project):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an input of some test
        found = MACHINE_PATH.search(text)
        if found:
            yield f"{name}: a path of one machine, '{found[0]}...'"
        if is_source(name):
            yield from form_complaints(name, text)
            yield from wall_complaints(name, text)


def main():
    project = pathlib.Path(sys.argv[1])
    found = list(complaints(project))
    print(*found, sep="\n", end="\n" if found else "")
    count = sum(1 for name, _ in files(project) if is_source(name))
    print(f"{count} sources read, {len(found)} complaints")
    return 1 if found or not count else 0


if __name__ == "__main__":
    sys.exit(main())
