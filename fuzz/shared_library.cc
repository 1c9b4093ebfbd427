// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of shared libraries: any bytes, and names asked for that libraries have and have not.
#include "read/shared_library.h"
#include "fuzz_target.h"

FUZZ_TARGET(data) {
  using namespace enfold;
  using namespace enfold::read;
  const auto library = SharedLibrary::open(Bytes(data), "fuzz.so");
  if (!library) return fuzz::expect_report(library.error());
  fuzz::touch(library->soname());
  for (const std::string_view name :
       {"f", "g", "printf", "", "_init", "environ", "a_rather_long_name_that_is_not_there"}) {
    library->find(name);
  }
}
