// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
template <class T> struct Stack {
  static inline int made = 0;
  Stack() { ++made; }
  void push(T value) { items[size++] = value; }
  T pop() { return items[--size]; }
  static const char* name() {
    static const char text[] = "stack";
    return text;
  }
  T items[8];
  int size = 0;
};
