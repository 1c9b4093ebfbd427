# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Named matrices: ways to compile a program in which each cell of interest stands once, in place of all products.

A compiler chooses among the models of thread-local storage by where the code may lie (-fPIC or not), whether it knows
the variable as its own, -ftls-model and -mtls-dialect; the code model and -fno-plt change the instructions around the
choice. All products would be 2 compilers x 2 levels x 6 models x 5 x 2. Here each row is one cell:

    name of the cell, model (see build.py), levels for gcc, levels for clang, more flags

gcc and clang take turns at -O0 and -O2 where the code of both levels has the same relocations in it. Flags of a cell
are not for the sources of shared libraries: -ftls-model=local-exec is wrong there, and the other models are not what
the program is about.
"""

_DYNAMIC = """
gd            fPIC     O0,O2  O0,O2
ld            fPIC     O2     O0     -ftls-model=local-dynamic
gd-no-plt     no-plt   O2     O0     -fPIC
ld-no-plt     no-plt   O0     O2     -fPIC -ftls-model=local-dynamic
gd-medium     medium   O0     O2     -fPIC
gd-large      large    O2     O0     -fPIC
ld-large      large    O0     O2     -fPIC -ftls-model=local-dynamic
desc          fPIC     O0,O2  O0,O2  -mtls-dialect=gnu2
desc-ld       fPIC     O2     O2     -mtls-dialect=gnu2 -ftls-model=local-dynamic
desc-large    large    O2     O0     -fPIC -mtls-dialect=gnu2
gd-sections   fPIC     O2     O0     -ffunction-sections -fdata-sections -g
gd-common     fPIC     O0     O2     -fcommon
"""

_STATIC = """
ie            fPIC     O2     O0     -ftls-model=initial-exec
ie-large      large    O0     O2     -fPIC -ftls-model=initial-exec
pie           default  O0,O2  O0,O2
le            default  O2     O0     -ftls-model=local-exec
le-pic        fPIC     O0     O2     -ftls-model=local-exec
no-pic        no-pic   O2     O0
le-no-pic     no-pic   O0     O2     -ftls-model=local-exec
pie-no-plt    no-plt   O2     O0
le-medium     medium   O0     O2     -ftls-model=local-exec
le-large      large    O2     O0     -ftls-model=local-exec
pie-sections  default  O0     O2     -ffunction-sections -fdata-sections -g
pie-common    default  O2     O0     -fcommon
"""

_IMPORTED = """
gd            fPIC     O0,O2  O0,O2
gd-no-plt     no-plt   O2     O0     -fPIC
gd-large      large    O0     O2     -fPIC
desc          fPIC     O2     O0     -mtls-dialect=gnu2
desc-large    large    O0     O2     -fPIC -mtls-dialect=gnu2
ie            fPIC     O2     O0     -ftls-model=initial-exec
pie           default  O0     O2
pie-medium    medium   O2     O0
no-pic        no-pic   O2     O0
"""

_BRIEF = """
gd            fPIC     O2     O0
ld            fPIC     O0     O2     -ftls-model=local-dynamic
gd-no-plt     no-plt   O0     O2     -fPIC
desc          fPIC     O2     O2     -mtls-dialect=gnu2
ie            fPIC     O0     O2     -ftls-model=initial-exec
pie           default  O2     O0
le            default  O0     O2     -ftls-model=local-exec
no-pic        no-pic   O2     O0
"""

MATRICES = {
    "tls": _DYNAMIC + _STATIC,   # every cell: programs about how a variable is reached
    "tls-dynamic": _DYNAMIC,     # the block's place is asked for at run time
    "tls-static": _STATIC,       # the block has one distance from every thread's pointer
    "tls-imported": _IMPORTED,   # variables of a shared library: it cannot be told that they are the program's own
    "tls-brief": _BRIEF,         # a cell for each kind of relocation: programs about what happens to a variable
}


def cells(name):
    """(cell, compiler, level, model, flags) of a matrix, in its order."""
    for row in MATRICES[name].strip().splitlines():
        fields = row.split()
        if not fields:
            continue
        cell, model, gcc, clang, *flags = fields
        for compiler, levels in (("gcc", gcc), ("clang", clang)):
            for level in levels.split(","):
                yield cell, compiler, level, model, flags
