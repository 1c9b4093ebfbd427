#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""differences.py sees points without tests, and tests that are not there."""
import pathlib
import tempfile

import differences

PAGE = """### Two calls at once
- *a and b*: both. Test: `Suite.Name`.
- *a and c*.

## Different from a linked program
Words.

- One. Test: `tool/a_test.py: told`, `programs/there`,
  `Suite.Name`.
- Two, without any.
- Three. Test: `tool/a_test.py: untold`, `programs/gone`, `Suite.Other`, `tool/none_test.py: told`.

More words:
- Four `quoted`.

## The next
- Five.
"""


def main():
    with tempfile.TemporaryDirectory(prefix="enfold-test-") as directory:
        project = pathlib.Path(directory)
        for name, text in (("docs/design.md", PAGE), ("test/tool/a_test.py", "\n@test\ndef told(t):\n  pass\n"),
                           ("test/programs/there/main.c", ""), ("test/unit/a.cc", "TEST_P(Suite, Name) {}\n")):
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = list(differences.complaints(project))
        expected = ["no test of: Two, without any.", "there is no test tool/a_test.py: untold",
                    "there is no test programs/gone", "there is no test Suite.Other",
                    "there is no test tool/none_test.py: told", "no test of: Four `quoted`.", "no test of: *a and c*."]
        assert found == [f"docs/design.md: {text}" for text in expected], found
        (project / "docs/design.md").write_text("# Design\n")
        assert len(list(differences.complaints(project))) == 1


main()
