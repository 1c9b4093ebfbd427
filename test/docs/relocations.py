#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The README's list of relocations is that of docs/relocations.md, which is generated from the tables:
relocations.py PROJECT"""

import pathlib
import re
import sys


def names(path):
    """The relocations that a document lists, and not those that it only mentions as refused."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("|")]
    return set(re.findall(r"\bR_[A-Z0-9_]+\b", "\n".join(lines)))


def main():
    project = pathlib.Path(sys.argv[1])
    readme, tables = names(project / "README.md"), names(project / "docs/relocations.md")
    for name in sorted(readme - tables):
        print(f"{name}: in README.md, but not in docs/relocations.md")
    for name in sorted(tables - readme):
        print(f"{name}: in docs/relocations.md, but not in README.md")
    print(f"{len(readme)} relocations in README.md, {len(tables)} in docs/relocations.md")
    return 1 if readme != tables or not tables else 0


if __name__ == "__main__":
    sys.exit(main())
