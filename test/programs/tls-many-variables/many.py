# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints two thousand variables, exported so that each access goes through a slot of its own, and their sum."""
NUMBERS = range(2000)
print("\n".join(f"__thread int v{n} = {n % 7 and n};" for n in NUMBERS))
print("long sum(void) {\n  long s = 0;")
print("\n".join(f"  s += v{n};" for n in NUMBERS))
print("  return s;\n}\nvoid bump(void) {")
print("\n".join(f"  v{n} += {n % 3};" for n in NUMBERS))
print("}")
