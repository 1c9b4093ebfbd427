// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: exit called by a static object's destructor goes on with the objects that are left.
// status: 9
// models: default fPIC no-pic
// why: the fact is the process's, not the code's
#include <cstdio>
#include <cstdlib>

struct Noisy {
  const char* name;
  int status;
  ~Noisy() {
    std::printf("gone %s\n", name);
    if (status) std::exit(status);
  }
};
static Noisy first{"first", 0};
static Noisy second{"second", 9};
static Noisy third{"third", 0};

int main() { return 1; }
