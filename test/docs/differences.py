#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each point of two lists of docs/design.md, "Different from a linked program" and "Two calls at once", names tests, and
they exist: differences.py PROJECT

A test is "FILE: FUNCTION" of a Python test, "programs/NAME", or "SUITE.NAME" of a GoogleTest program; files are below
test/.
"""

import pathlib
import re
import sys

SECTIONS = [re.compile(rf"^##+ {title}$(.*?)^##", re.MULTILINE | re.DOTALL)
            for title in ("Different from a linked program", "Two calls at once")]
POINT = re.compile(r"^- (.*?)(?=^- |^\S|\Z)", re.MULTILINE | re.DOTALL)
GOOGLE_TEST = re.compile(r"^TEST(?:_P|_F)?\((\w+), (\w+)\)", re.MULTILINE)


def points(text, pattern):
    section = pattern.search(text)
    return [" ".join(point.split()) for point in POINT.findall(section[1])] if section else []


def names_of(point):
    """The tests that it names: what is quoted behind "Test:"."""
    _, _, tests = point.partition("Test: ")
    return re.findall(r"`([^`]+)`", tests)


def exists(name, test, google_tests):
    file, colon, function = name.partition(": ")
    if colon:
        path = test / file
        return path.is_file() and f"\n@test\ndef {function}(" in path.read_text()
    if name.startswith("programs/"):
        return (test / name).exists()
    return name in google_tests


def complaints(project):
    test = project / "test"
    google_tests = {".".join(found) for path in test.rglob("*.cc") for found in GOOGLE_TEST.findall(path.read_text())}
    lists = [points((project / "docs/design.md").read_text(), pattern) for pattern in SECTIONS]
    if not all(lists):
        yield "docs/design.md: no list of what is different from a linked program, or of two calls at once"
    for point in sum(lists, []):
        names = names_of(point)
        if not names:
            yield f"docs/design.md: no test of: {point}"
        for name in names:
            if not exists(name, test, google_tests):
                yield f"docs/design.md: there is no test {name}"


def main():
    found = list(complaints(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
