#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the one C++ program that a document shows: example.py DOCUMENT OUTPUT

In Markdown it is the fenced block, in a header the run of indented comment lines, that defines main.
"""

import pathlib
import re
import sys


def blocks(document, text):
    if document.suffix == ".md":
        return re.findall(r"^```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    runs = re.findall(r"^//   .*\n(?://(?:   .*)?\n)*", text, re.MULTILINE)
    return [re.sub(r"^//(?:   )?", "", run, flags=re.MULTILINE) for run in runs]


def main():
    document, output = map(pathlib.Path, sys.argv[1:])
    programs = [block for block in blocks(document, document.read_text()) if "int main(" in block]
    if len(programs) != 1:
        sys.exit(f"{document}: {len(programs)} examples that define main, expected one")
    output.write_text(programs[0])


if __name__ == "__main__":
    main()
