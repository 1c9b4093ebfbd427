# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The real programs: where their sources come from, how they are compiled, and what they are made to do."""

import dataclasses
import pathlib

from build import PROJECT

HERE = pathlib.Path(__file__).resolve().parent
RUN_OPTIONS = [[], ["--gc-sections"], ["--no-relax"]]


@dataclasses.dataclass
class Step:
    """One start of the program."""
    args: list
    stdin: bytes = b""


@dataclasses.dataclass
class Scenario:
    """Steps that share a working directory. `status` and `contains` say what the program does when all is well, so
    that a scenario that fails in both ways of linking is not taken for agreement."""
    name: str
    steps: list
    files: dict = dataclasses.field(default_factory=dict)
    status: int = 0          # of the last step
    contains: bytes = b""    # in the output of the last step
    same_files: tuple = ()   # two files that must be equal at the end

    def expect(self, played):
        outcomes, files = played
        last = outcomes[-1]
        if last.status != self.status:
            return f"status {last.status} instead of {self.status}: {last.stderr[-300:]!r}"
        if self.contains not in last.stdout:
            return f"no {self.contains!r} in the output: {last.stdout[-300:]!r} {last.stderr[-300:]!r}"
        if self.same_files and files.get(self.same_files[0]) != files.get(self.same_files[1]):
            return f"{self.same_files[0]} and {self.same_files[1]} differ"
        return ""


@dataclasses.dataclass
class Flavour:
    """One way of compiling a program, and the options that enfold links it with, one list a link."""
    name: str
    inputs: list
    variants: list = dataclasses.field(default_factory=lambda: [[]])


class Program:
    name = ""
    driver = "gcc"
    libraries = []

    def __init__(self, builder):
        self.builder = builder


class Sqlite(Program):
    name = "sqlite"
    libraries = ["-lm"]
    features = ["-DSQLITE_ENABLE_FTS5", "-DSQLITE_ENABLE_RTREE", "-DSQLITE_ENABLE_MATH_FUNCTIONS"]

    def flavours(self):
        source = self.builder.fetch_sqlite()
        files = [source / "shell.c", source / "sqlite3.c"]

        def compiled(name, *flags):
            return self.builder.compile(name, files, [*flags, *self.features])

        optimised = compiled("O2", "-O2")
        plain = compiled("O0-sections", "-O0", "-ffunction-sections")
        return [Flavour("-O2", optimised, RUN_OPTIONS),
                Flavour("-O2, joined by ld -r", [self.builder.join("joined", "sqlite.o", optimised)]),
                Flavour("-O0 -ffunction-sections", plain, RUN_OPTIONS)]

    def scenarios(self):
        script = (HERE / "sqlite/script.sql").read_bytes()
        table = b"".join(b"%d,name %d,%d\n" % (i, i % 7, i * i % 1009) for i in range(3000))
        importing = (b"CREATE TABLE t(a INTEGER, b TEXT, c INTEGER);\n.mode csv\n.import in.csv t\n.mode box\n"
                     b"SELECT b, count(*), sum(c) FROM t GROUP BY b;\n.mode json\n"
                     b"SELECT * FROM t WHERE a % 500 = 0;\n.output out.csv\n.mode csv\nSELECT * FROM t ORDER BY c, a;\n"
                     b".output\n.backup copy.db\n.quit\n")
        return [
            Scenario("script on a file, then asked again",
                     [Step(["data.db"], script), Step(["data.db", "SELECT count(*), max(name) FROM city"])],
                     contains=b"4|"),
            Scenario("error in a script", [Step(["-bail", ":memory:"], b"SELECT 1;\nSELECT no_such;\nSELECT 2;\n")],
                     status=1, contains=b"1\n"),
            Scenario("import, export and back-up", [Step(["-batch"], importing), Step(["copy.db", "SELECT sum(a) FROM t"])],
                     files={"in.csv": table}, contains=b"4498500"),
        ]


class Lua(Program):
    name = "lua"
    libraries = ["-lm", "-ldl"]

    def flavours(self):
        source = self.builder.fetch("lua5.4") / "src"
        files = sorted(path for path in source.glob("*.c") if path.name != "luac.c")
        # Debian's build makes this header, for the default of package.cpath.
        (self.builder.objects / "include").mkdir(exist_ok=True)
        (self.builder.objects / "include/lua5.4-deb-multiarch.h").write_text('#define DEB_HOST_MULTIARCH "none"\n')
        flags = ["-DLUA_COMPAT_5_3", "-DLUA_USE_LINUX", "-I", str(self.builder.objects / "include")]
        return [Flavour("-O2", self.builder.compile("O2", files, ["-O2", *flags]), RUN_OPTIONS),
                Flavour("-O0 -fPIC -ffunction-sections -fdata-sections",
                        self.builder.compile("O0-pic", files, ["-O0", "-fPIC", "-ffunction-sections", "-fdata-sections",
                                                               *flags]), RUN_OPTIONS)]

    def scenarios(self):
        files = {name: (HERE / "lua" / name).read_bytes() for name in ("main.lua", "shapes.lua")}
        return [
            Scenario("a program that requires a module", [Step(["main.lua", "one", "5"])], files, status=5,
                     contains=b"at exit"),
            Scenario("an uncaught error", [Step(["-e", "local function f() error('gone wrong') end f()"])], status=1),
            Scenario("interactive", [Step(["-i"], b"x = 6\nx * 7\nprint(('%d'):format(x))\n")], contains=b"42"),
        ]


class Zlib(Program):
    name = "zlib"

    def flavours(self):
        source = self.builder.fetch("zlib")
        files = sorted(source.glob("*.c"))
        flags = ["-O2", "-DHAVE_UNISTD_H", "-D_LARGEFILE64_SOURCE=1", "-I", str(source)]
        library = self.builder.compile("O2", files, flags)
        main = self.builder.compile("main", [source / "test/minigzip.c"], flags)
        return [Flavour("objects", main + library, RUN_OPTIONS),
                Flavour("archive", main + [self.builder.archive("O2", "libz.a", library)], RUN_OPTIONS)]

    def scenarios(self):
        text = sample_text()
        return [
            Scenario("file compressed and restored",
                     [Step(["-9", "kept"]), Step(["-d", "kept.gz"])], {"kept": text, "original": text},
                     same_files=("kept", "original")),
            Scenario("stream compressed", [Step(["-1"], text)], contains=b"\x1f\x8b"),
            Scenario("corrupt stream", [Step(["-d"], b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\xff" * 40)], status=1),
        ]


class Zstd(Program):
    name = "zstd"
    libraries = ["-lpthread"]

    def flavours(self):
        source = self.builder.fetch("libzstd")
        files = [path for room in ("common", "compress", "decompress") for path in sorted((source / "lib" / room).glob("*.[cS]"))]
        names = "fileio fileio_asyncio timefn util zstdcli"
        files += [source / "programs" / (name + ".c") for name in names.split()]
        flags = ["-O2", "-DZSTD_MULTITHREAD", "-DZSTD_NOBENCH", "-DZSTD_NODICT", "-DZSTD_NOTRACE", "-DZSTD_LEGACY_SUPPORT=0",
                 "-DXXH_NAMESPACE=ZSTD_", "-I", str(source / "lib"), "-I", str(source / "lib/common")]
        return [Flavour("-O2", self.builder.compile("O2", files, flags), RUN_OPTIONS)]

    def scenarios(self):
        text = sample_text()
        return [
            Scenario("file compressed by two threads and restored",
                     [Step(["-q", "-T2", "-12", "kept"]), Step(["-q", "-t", "kept.zst"]),
                      Step(["-q", "-d", "kept.zst", "-o", "restored"])], {"kept": text}, same_files=("kept", "restored")),
            Scenario("stream", [Step(["-c", "-3"], text)], contains=b"\x28\xb5\x2f\xfd"),
            Scenario("no such file", [Step(["-q", "missing"])], status=1),
        ]


class Cxx(Program):
    """Our own, for what the others, all in C, do not have."""
    name = "cxx"
    driver = "g++"

    def flavours(self):
        files = sorted((HERE / "cxx").glob("*.cc"))
        flags = ["-std=c++17", "-pthread"]
        return [Flavour("-O2", self.builder.compile("O2", files, ["-O2", *flags], "g++"), RUN_OPTIONS),
                Flavour("-O0 -fPIC -g -ffunction-sections",
                        self.builder.compile("O0-pic", files, ["-O0", "-fPIC", "-g", "-ffunction-sections", *flags], "g++"),
                        RUN_OPTIONS)]

    def scenarios(self):
        return [
            Scenario("returns from main", [Step([], "one\ntwo\nlast".encode())], status=3, contains=b"finaliser 160"),
            Scenario("calls exit", [Step(["5", "two words"])], status=5, contains=b"<two words>"),
            Scenario("terminate handler", [Step(["terminate"])], status=7, contains=b"terminate handler"),
        ]


class Calculator(Program):
    """The example that scripts/demo.sh falls back to."""
    name = "calculator"
    driver = "g++"

    def flavours(self):
        files = sorted((PROJECT / "examples/calculator").glob("*.cc"))
        return [Flavour("-O2", self.builder.compile("O2", files, ["-O2", "-std=c++17"], "g++"), RUN_OPTIONS)]

    def scenarios(self):
        return [Scenario("values and errors",
                         [Step(["2 * (3 + 4) ^ 2", "max(1, 2 ^ 0.5)", "1 / 0", "sqrt(2) *", "sqrt(-1)", "tan(1)"])],
                         status=4, contains=b"= 98")]


def sample_text():
    """Half a megabyte that compresses neither well nor badly."""
    words, state = [], 1
    for _ in range(90000):
        state = (state * 1103515245 + 12345) % 2**31
        words.append(b"%x" % (state >> 14 & (0xfff if state & 0x40000000 else 0xf)))
    return b" ".join(words)


ALL = {program.name: program for program in (Sqlite, Lua, Zlib, Zstd, Cxx, Calculator)}
