// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Noisy {
  const char* name;
  Noisy(const char* n) : name(n) { std::printf("made %s\n", name); }
  ~Noisy() { std::printf("gone %s\n", name); }
  static void say(const char* text) { std::puts(text); }
};
Noisy& lazy();
Noisy& other_lazy();
