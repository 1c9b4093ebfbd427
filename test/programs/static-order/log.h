// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
void say(const char* text);
struct Log {
  explicit Log(const char* n) : name(n) { say(name); }
  ~Log() { say(name); }
  const char* name;
};
