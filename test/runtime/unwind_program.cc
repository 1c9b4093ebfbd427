// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linked code in the process of another unwinder than the tests' own: enfold-*-unwind-test OBJECT asks|registers
//
// OBJECT is unwind_thrower.cc. Throws out of it, through it and not through what is unloaded; says what is wrong.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>

#include <unwind.h>

#include <enfold/enfold.h>

#include "runtime/find_fde.h"
#include "runtime/unwind.h"

namespace {

int failures = 0;

void check(bool good, const char* what) {
  if (good) return;
  std::printf("failed: %s\n", what);
  ++failures;
}

#if defined(__clang__)
[[clang::no_sanitize("function")]]
#endif
int caught(int (*function)(int), int n) {
  try {
    return -function(n);
  } catch (int thrown) {
    return thrown;
  }
}

bool is_known(const void* pc) {
  dwarf_eh_bases bases{};
  return _Unwind_Find_FDE(const_cast<void*>(pc), &bases) != nullptr;
}

void try_set(enfold::Session& session, const char* path) {
  enfold::ObjectSet input("thrower");
  input.options().visibility = enfold::Visibility::kPrivate;
  input.add_file(path);
  auto set = session.link(std::move(input));
  check(set.has_value(), "the link");
  if (!set) return static_cast<void>(std::puts(set.error().text().c_str()));
  auto* const fail = *set->function<int(int)>("fail");
  auto* const own = *set->function<int(int)>("own");
  const char* const code = reinterpret_cast<const char*>(fail) + 1;
  check(caught(fail, 5) == 5, "a throw out of a set");
  check(caught(own, 6) == -7, "a throw within a set");
  check(is_known(code), "a function's frame");
  check(set->unload().has_value(), "unloading");
  check(!is_known(code), "no frame of an unloaded set");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  check(enfold::runtime::unwinder_asks() == (std::strcmp(argv[2], "asks") == 0), "the way that was expected");
  if (std::strstr(argv[0], "hidden") != nullptr) {  // dl_iterate_phdr is, too
    enfold::SessionOptions options;
    options.list_data = true;
    const auto none = enfold::Session::create(std::move(options));
    check(!none && none.error().code() == enfold::ErrorCode::kUnsupported, "data that nobody lists");
  }
  auto session = enfold::Session::create();
  if (!session) return 2;
  // A static libgcc hides it in the program.
  const enfold::TargetAddr resume{reinterpret_cast<std::uint64_t>(&_Unwind_Resume)};
  if (!(*session)->define("_Unwind_Resume", resume, enfold::HostSymbolKind::kFunction)) return 2;
  for (int i = 0; i < 50 && failures == 0; ++i) try_set(**session, argv[1]);
  return failures == 0 ? 0 : 1;
}
