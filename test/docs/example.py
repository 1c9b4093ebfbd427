#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the one program in OUTPUT's language, C++ or C, that a document shows: example.py DOCUMENT OUTPUT

In Markdown it is the fenced block, in a header the run of indented comment lines, that defines main.
"""

import pathlib
import re
import sys


FENCES = {".cc": "cpp", ".c": "c"}


def blocks(document, text, fence):
    if document.suffix == ".md":
        return re.findall(rf"^```{fence}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    runs = re.findall(r"^//   .*\n(?://(?:   .*)?\n)*", text, re.MULTILINE)
    return [re.sub(r"^//(?:   )?", "", run, flags=re.MULTILINE) for run in runs]


def main():
    document, output = map(pathlib.Path, sys.argv[1:])
    shown = blocks(document, document.read_text(), FENCES[output.suffix])
    programs = [block for block in shown if "int main(" in block]
    if len(programs) != 1:
        sys.exit(f"{document}: {len(programs)} examples that define main, expected one")
    output.write_text(programs[0])


if __name__ == "__main__":
    main()
