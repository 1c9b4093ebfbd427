// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exceptions, scope guards and chained exceptions.
int steps;

void thrower(int depth) {
  scope (exit) ++steps;
  if (depth == 0) throw new Exception("first");
  thrower(depth - 1);
}

int main() {
  try {
    try {
      thrower(5);
    } finally {
      throw new Exception("second");
    }
  } catch (Exception e) {
    return e.msg == "first" && e.next !is null && e.next.msg == "second" && steps == 6 ? 0 : 1;
  }
}
