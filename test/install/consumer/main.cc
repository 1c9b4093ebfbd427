// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/enfold.h>

#include <cstdio>

int main(int, char** argv) {
  auto session = enfold::Session::create();
  enfold::ObjectSet set("consumer");
  set.add_file(argv[1]);
  auto linked = (*session)->link(std::move(set));
  if (!linked) return std::puts(linked.error().text().c_str()), 1;
  std::printf("%d\n", (**linked->function<int(int)>("answer"))(6));
}
