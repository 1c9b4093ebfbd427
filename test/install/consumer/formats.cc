// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program with a copy of fmt of its own, beside the one in the library, which formats what an error says.
#include <utility>

#include <fmt/format.h>

#include <enfold/enfold.h>

int main() {
  const auto session = enfold::Session::create();
  if (!session) return 1;
  enfold::ObjectSet set("formats");
  set.add_file("nowhere.o");
  const auto linked = (*session)->link(std::move(set));
  if (linked || linked.error().text().find("nowhere.o") == std::string::npos) return 1;
  fmt::print("{:.0f}\n", 4.2e1);
}
