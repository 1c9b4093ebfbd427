# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program under `enfold run --watch`, driven line by line: nothing here waits for time to pass."""
import contextlib
import os
import signal
import subprocess
import threading

from harness import ENFOLD, PATIENCE, expect, expect_equal


class Watched:
    """Use as a context: `with Watched(t, "a.c") as program`."""

    def __init__(self, t, *arguments, env=None):
        self.process = subprocess.Popen([ENFOLD, "run", "--watch", *arguments], cwd=t.directory, bufsize=0,
                                        env=env or t.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)
        self.out, self.err = (os.fdopen(os.dup(f.fileno()), "rb") for f in (self.process.stdout, self.process.stderr))
        self.errors = []  # lines of standard error so far
        self.timer = threading.Timer(PATIENCE, self.kill)
        self.timer.start()

    def kill(self):
        """With its children: one that hangs would keep the pipes open."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.timer.cancel()
        self.kill()
        self.process.wait()
        for stream in (self.out, self.err, self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def read(self):
        line = self.out.readline().decode()
        if not line:
            self.errors.append(self.err.read().decode())
        expect(line, "the program ended:", self.errors)
        return line.rstrip("\n")

    def ask(self, line="go"):
        self.process.stdin.write(line.encode() + b"\n")
        return self.read()

    def message(self):
        """The next of the watch's own messages; for one of several lines, the first."""
        while True:
            line = self.err.readline().decode()
            expect(line, "no message, but:", self.errors)
            self.errors.append(line)
            if line.startswith("enfold: watch: "):
                return line.removeprefix("enfold: watch: ").rstrip("\n")

    def relinked(self, version, *names):
        message = self.message()
        expect(message.startswith("relinked ") and message.endswith(f" ms (version {version})"), message)
        for name in names:
            expect(name in message, message)

    def refused(self, *texts):
        message = self.message()
        expect(message.startswith("not relinked: "), message)
        for text in texts:
            expect(text in "".join(self.errors) + message, text, "not in", self.errors)

    def end(self, status=0):
        """Closes the program's standard input; what it printed since."""
        self.process.stdin.close()
        rest = self.out.read().decode()
        self.errors.append(self.err.read().decode())
        expect_equal(self.process.wait(), status)
        return rest


def put(t, name, text):
    """Replaces a file as editors do."""
    (t.directory / (name + "~")).write_text(text)
    os.rename(t.directory / (name + "~"), t.directory / name)
