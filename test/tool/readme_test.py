# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What README.md shows of `enfold run --watch` is what happens."""
import pathlib
import re
import shlex
import subprocess

from harness import MAN_PAGE, expect, expect_equal, main, test
from watched import Watched


def blocks():
    """The program, the two commands and the transcript of the section."""
    text = (pathlib.Path(MAN_PAGE).parent.parent / "README.md").read_text()
    section = re.search(r"^## Replacing code while it runs$(.*?)^## ", text, re.MULTILINE | re.DOTALL).group(1)
    found = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    expect_equal([kind for kind, _ in found], ["c", "sh", "sh", "text"])
    return [block for _, block in found]


@test
def the_example_of_watching_is_true(t):
    source, run, edit, transcript = blocks()
    t.write("counter.c", source)
    command = shlex.split(run)
    expect_equal(command[:3], ["enfold", "run", "--watch"])
    with Watched(t, *command[3:]) as program:
        lines = [program.ask(""), program.ask("")]
        subprocess.run(["sh", "-c", edit], cwd=t.directory, check=True)
        lines += ["enfold: watch: " + program.message(), program.ask("")]
        program.end(0)
    shown = transcript.splitlines()
    without_time = [re.sub(r"in \d+ ms", "in N ms", line) for line in lines]
    expect_equal(without_time, [re.sub(r"in \d+ ms", "in N ms", line) for line in shown])
    expect(any("relinked" in line for line in lines), lines)


main()
