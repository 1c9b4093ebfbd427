#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the objects that enfold-bench-peers links: generate.py SOURCES DIR [WORKLOAD...]

SOURCES has sqlite3-amalgamation/ and lua5.4/ (scripts/fetch-sqlite.sh, scripts/fetch-source.sh). Each workload becomes
DIR/NAME.list: a line "entry SYMBOL ARGUMENT RESULT", a line "library NAME" for each library that it needs, and the
paths of its objects. RESULT is what the system linker's program returns. What was made since this program changed is
not made again.
"""

import functools
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent / "sources"
LLVM = pathlib.Path("/usr/lib/llvm-19")
LLVM_LIBRARIES = ["libz.so.1", "libzstd.so.1", "libxml2.so.2", "libtinfo.so.6", "libstdc++.so.6", "libm.so.6"]
SECTION_COUNTS = [1000, 2000, 4000, 8000, 16000, 32000, 64000]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


def compile_all(directory, sources, *flags):
    """Compiles sources to objects of their names in `directory`, several at a time, and returns the objects."""
    directory.mkdir(parents=True, exist_ok=True)
    batches = [sources[i::max(1, len(sources) // 40)] for i in range(max(1, len(sources) // 40))]
    running = []
    for batch in batches:
        compiler = "g++" if batch[0].suffix == ".cc" else "gcc"
        running.append(subprocess.Popen([compiler, *flags, "-c", *map(str, batch)], cwd=directory))
        if len(running) >= (os.cpu_count() or 1) and running.pop(0).wait():
            raise SystemExit("generate.py: compiling failed")
    if any([process.wait() for process in running]):
        raise SystemExit("generate.py: compiling failed")
    return [directory / (source.stem + ".o") for source in sources]


def expected_result(directory, objects, entry, argument, libraries=()):
    """What `entry` returns when the system linker has linked the objects."""
    library = directory / "expected.so"
    response = directory / "expected.rsp"
    response.write_text("".join(f'"{path}"\n' for path in objects))
    run("g++", "-shared", "-Wl,-Bsymbolic", "-o", library, f"@{response}", *(f"-l:{name}" for name in libraries))
    script = (f"import ctypes; f = ctypes.CDLL({str(library)!r}).{entry}; f.restype = ctypes.c_long; "
              f"print(f(ctypes.c_long({argument})))")
    text = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True).stdout
    library.unlink()
    return int(text)


def write_list(directory, name, objects, entry, argument, result=None, libraries=()):
    if result is None:
        result = expected_result(directory, objects, entry, argument, libraries)
    lines = [f"entry {entry} {argument} {result}"] + [f"library {library}" for library in libraries]
    lines += [str(path.relative_to(directory)) for path in objects]
    (directory / f"{name}.list").write_text("".join(line + "\n" for line in lines))


def make_tiny(_, directory):
    for name, source in (("tiny", "tiny.c"), ("thrower", "thrower.cc")):
        objects = compile_all(directory, [HERE / source], "-O2", "-fPIC", "-fno-builtin")
        write_list(directory, name, objects, "fn_000000" if name == "tiny" else "fail_000000", 0, 0)


def make_calls(_, directory):
    objects = compile_all(directory, [HERE / "calls.c", HERE / "calls_other.c"], "-O2", "-fPIC", "-fno-builtin")
    write_list(directory, "calls", objects, "calls_entry", 41)


def generated_source(i, count):
    """Object `i` of a tree: functions that call each other, those of two other objects, and the C library."""
    below = [child for child in (2 * i + 1, 2 * i + 2) if child < count]
    calls = " + ".join(f"node_{child}(n)" for child in below) or "n"
    declarations = "\n".join(f"long node_{child}(long);" for child in below)
    helpers = "\n".join(
        f"""static long helper_{k}(long n) {{
  char text[64];
  snprintf(text, sizeof text, "{i}/{k}: %ld %s", n + counter_{i}, names[(n + {k}) & 3]);
  return (long)strlen(text) + table_{i}[(n + {k}) & 7];
}}""" for k in range(5))
    return f"""#include <stdio.h>
#include <stdlib.h>
#include <string.h>
{declarations}
long counter_{i} = {i % 17};
long table_{i}[8] = {{{", ".join(str((i * k) % 101) for k in range(8))}}};
static const char* const names[] = {{"first{i}", "second{i}", "third{i}", "fourth{i}"}};
{helpers}
static long (*const helpers[])(long) = {{helper_0, helper_1, helper_2, helper_3, helper_4}};
static int compare(const void* a, const void* b) {{
  return (*(const long*)a > *(const long*)b) - (*(const long*)a < *(const long*)b);
}}
long visit_{i}(long n) {{
  long sum = 0;
  for (int k = 0; k < 5; ++k) sum += helpers[k](n);
  long* copy = malloc(sizeof table_{i});
  memcpy(copy, table_{i}, sizeof table_{i});
  qsort(copy, 8, sizeof *copy, compare);
  sum += copy[7] - copy[0];
  free(copy);
  return sum;
}}
long node_{i}(long n) {{ ++counter_{i}; --counter_{i}; return visit_{i}(n) + {calls}; }}
"""


def make_generated(_, directory, name, count):
    sources = directory / f"{name}-sources"
    sources.mkdir(exist_ok=True)
    paths = [sources / f"g{i:04}.c" for i in range(count)]
    for i, path in enumerate(paths):
        path.write_text(generated_source(i, count))
    write_list(directory, name, compile_all(directory / name, paths, "-O2", "-fPIC"), "node_0", 7)


def make_sqlite(sources, directory):
    flags = ["-O2", "-fPIC", "-w", "-I", str(sources / "sqlite3-amalgamation")]
    for name, more in (("sqlite", []), ("sqlite-sections", ["-ffunction-sections"])):
        objects = compile_all(directory / name, [HERE / "sqlite.c"], *flags, *more)
        write_list(directory, name, objects, "sqlite_entry", 20, libraries=["libm.so.6"])


def make_lua(sources, directory):
    """Lua's own functions are of internal visibility, which JITLink refuses: hidden here, which means the same."""
    source = sources / "lua5.4/src"
    include = directory / "lua-include"
    include.mkdir(exist_ok=True)
    (include / "lua5.4-deb-multiarch.h").write_text('#define DEB_HOST_MULTIARCH "none"\n')
    files = sorted(path for path in source.glob("*.c") if path.name not in ("luac.c", "lua.c"))
    objects = compile_all(directory / "lua", [*files, HERE / "lua.c"], "-O2", "-fPIC", "-DLUA_COMPAT_5_3",
                          "-DLUA_USE_LINUX", '-Dvisibility(kind)=visibility("hidden")', "-I", str(include),
                          "-I", str(source))
    write_list(directory, "lua", objects, "lua_entry", 100, libraries=["libm.so.6"])


def make_sections(_, directory, count):
    """An object of one section a function, each of which calls the next and the one far behind it."""
    (directory / "sections").mkdir(exist_ok=True)
    source = directory / f"sections/s{count}.s"
    with source.open("w") as file:
        for i in range(count):
            file.write(f'.section .text.chain_{i},"ax",@progbits\n.globl chain_{i}\n.type chain_{i},@function\n'
                       f"chain_{i}:\n leaq 1(%rdi), %rax\n cmpq $0, %rdi\n je 1f\n decq %rdi\n"
                       f" jmp chain_{(i + 1) % count}@PLT\n"
                       f"1: call chain_back_{i}\n ret\n"
                       f"chain_back_{i}: leaq chain_{i * 7919 % count}(%rip), %rax\n"
                       f" leaq chain_{i}(%rip), %rcx\n subq %rcx, %rcx\n leaq 3(%rcx), %rax\n ret\n"
                       f".size chain_{i}, .-chain_{i}\n")
        file.write('.section .note.GNU-stack,"",@progbits\n')
    objects = compile_all(directory / "sections", [source])
    source.unlink()
    write_list(directory, f"sections-{count}", objects, "chain_0", 100, 3)


def extracted_members(trace):
    """(archive, member) of each line "path(member)" in a linker's trace, in order, each once."""
    found = {}
    for line in trace.splitlines():
        match = re.fullmatch(r"(.*\.a)\((.*)\)", line)
        if match and "/llvm-19/" in match[1]:
            found[match[1], match[2]] = None
    return list(found)


def symbols(objects):
    """Of each object: its definitions with the size of data, its references, and whether it has thread-locals."""
    text = run("readelf", "-sW", *objects, stdout=subprocess.PIPE, text=True).stdout
    for part in re.split(r"^File: ", text, flags=re.MULTILINE)[1:]:
        rows = [line.split() for line in part.splitlines()]
        rows = [row for row in rows if len(row) == 8 and row[4] in ("GLOBAL", "WEAK", "UNIQUE") or row[3:4] == ["TLS"]]
        yield ({row[7]: int(row[2], 0) if row[3] == "OBJECT" else None for row in rows if row[6] != "UND"},
               {row[7] for row in rows if row[6] == "UND"}, any(row[3] == "TLS" for row in rows))


def write_stubs(directory, definitions):
    """An object in which each name is a function that returns 0, or zeros of its size."""
    source = directory / "stubs.s"
    with source.open("w") as file:
        for name, size in sorted(definitions.items()):
            body, kind = ("xorl %eax, %eax\n ret", "function") if size is None else (f".zero {size + 8}", "object")
            file.write(f"{'.text' if size is None else '.bss'}\n.p2align 4\n.weak {name}\n.type {name},@{kind}\n"
                       f"{name}:\n {body}\n")
        file.write('.section .note.GNU-stack,"",@progbits\n')
    return compile_all(directory / "llvm-entry", [source])[0]


def without_thread_locals(directory, objects):
    """JITLink and RuntimeDyld refuse thread-locals, and nobody has atexit(): such objects make place for stubs."""
    defined, needed, kept, dropped = set(), set(), [], {}
    for path, (definitions, references, has_thread_locals) in zip(objects, symbols(objects)):
        if has_thread_locals or "atexit" in references:
            dropped |= definitions
        else:
            kept.append(path)
            defined |= set(definitions)
            needed |= references
    return [*kept, write_stubs(directory, {name: dropped[name] for name in (needed - defined) & set(dropped)})]


def make_llvm(_, directory):
    entry = compile_all(directory / "llvm-entry", [HERE / "llvm.cc"], "-std=c++17", "-O1", "-fPIC", "-w", "-I",
                        str(LLVM / "include"))[0]
    archives = sorted(LLVM.glob("lib/libLLVM*.a"))
    shared = [f"-l:{name}" for name in LLVM_LIBRARIES]
    trace = run("g++", "-shared", f"-B{LLVM}/bin", "-fuse-ld=lld", "-Wl,--trace", "-o", directory / "closure.so", entry,
                "-Wl,--start-group", *archives, "-Wl,--end-group", *shared, stdout=subprocess.PIPE, text=True).stdout
    (directory / "closure.so").unlink()
    objects = [entry]
    for archive, member in extracted_members(trace):
        target = directory / "llvm" / pathlib.Path(archive).stem
        target.mkdir(parents=True, exist_ok=True)
        if not (target / member).exists():
            run("ar", "x", archive, "--output", target)
        objects.append(target / member)
    write_list(directory, "llvm", without_thread_locals(directory, objects), "llvm_entry", 7, libraries=LLVM_LIBRARIES)


MAKERS = {
    "tiny": make_tiny,
    "calls": make_calls,
    "generated": functools.partial(make_generated, name="generated", count=1001),
    "generated-60": functools.partial(make_generated, name="generated-60", count=60),  # for bench/guard.py
    "sqlite": make_sqlite,
    "lua": make_lua,
    **{f"sections-{count}": functools.partial(make_sections, count=count) for count in SECTION_COUNTS},
    "llvm": make_llvm}


def main():
    sources, directory = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    made_of = max(path.stat().st_mtime for path in [pathlib.Path(__file__), *HERE.iterdir()])
    failed = False
    for name in sys.argv[3:] or MAKERS:
        done = directory / f".{name}.done"
        if done.exists() and done.stat().st_mtime > made_of:
            continue
        try:
            MAKERS[name](sources, directory)
            done.touch()
        except (OSError, subprocess.CalledProcessError, SystemExit) as error:
            print(f"generate.py: {name}: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
