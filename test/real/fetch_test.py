#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scripts/fetch-source.sh with a mirror that lacks what it lists, and what tests say whose source is out of reach.

The package tools are stand-ins here: the lists name three versions, and $HAVE is the one that can be downloaded.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
OUT_OF_REACH, SKIPPED = 69, 77
TOOLS = {
    "apt-cache": "printf 'Version: %s\\n' 1.9-1 1.10-1 1.10-1+deb1",
    "apt-get": """for word; do last=$word; done
case $last in
  update) exit 0 ;;
  *"=$HAVE") echo "$last" >source.dsc ;;
  *) echo "404 $last" >&2; exit 100 ;;
esac""",
    "dpkg-source": """for word; do last=$word; done
mkdir "$last"
cp source.dsc "$last" 2>/dev/null || cp "$(dirname "$last")/source.dsc" "$last" """}


class FetchTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        for name, text in TOOLS.items():
            tool = self.root / "bin" / name
            tool.parent.mkdir(exist_ok=True)
            tool.write_text(f"#!/bin/sh\n{text}\n")
            tool.chmod(0o755)

    def run_with(self, have, command):
        env = {**os.environ, "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", "HAVE": have}
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, env=env, check=False)

    def fetch(self, have):
        """The word that was downloaded, or the status of the script."""
        target = self.root / "sources/hello"
        done = self.run_with(have, [PROJECT / "scripts/fetch-source.sh", "hello", target])
        if done.returncode:
            self.assertIn("hello", done.stderr)
            self.assertFalse(target.exists())
            return done.returncode
        return (target / "source.dsc").read_text().strip()

    def test_newest_version_is_taken(self):
        self.assertEqual(self.fetch("1.10-1+deb1"), "hello=1.10-1+deb1")

    def test_older_version_is_taken_where_the_newest_is_not_there(self):
        self.assertEqual(self.fetch("1.10-1"), "hello=1.10-1")

    def test_oldest_version_is_taken_where_no_other_is_there(self):
        self.assertEqual(self.fetch("1.9-1"), "hello=1.9-1")

    def test_no_version_is_out_of_reach(self):
        self.assertEqual(self.fetch("none"), OUT_OF_REACH)

    def test_program_without_source_is_skipped(self):
        done = self.run_with("none", [sys.executable, "-B", PROJECT / "test/real/run.py", "--enfold", "/bin/false",
                                      "--cache", self.root / "cache", "zlib"])
        self.assertEqual(done.returncode, SKIPPED, done.stdout + done.stderr)
        self.assertIn("skipped: zlib: ", done.stdout)
        self.assertIn("out of reach", done.stdout)

    def test_guard_without_source_is_skipped(self):
        done = self.run_with("none", [sys.executable, "-B", PROJECT / "bench/guard.py", "/bin/false",
                                      self.root / "objects", "--sources", self.root / "sources"])
        self.assertEqual(done.returncode, SKIPPED, done.stdout + done.stderr)
        self.assertIn("skipped: ", done.stdout)


if __name__ == "__main__":
    unittest.main()
