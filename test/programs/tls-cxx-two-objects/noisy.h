// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Noisy {
  int value;
  Noisy(int v);
  ~Noisy();
};
extern thread_local Noisy defined_elsewhere;
extern thread_local int plain_elsewhere;
