// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of relocatable objects: any bytes.
#include "arena.h"
#include "fuzz_target.h"
#include "read/elf.h"
#include "reloc/elf_machines.h"

FUZZ_TARGET(data) {
  using namespace enfold;
  Arena arena;
  Object object;
  object.name = "fuzz.o";
  const auto done = read::read_elf(read::Bytes(data), elf_machines(), arena, object);
  if (!done) fuzz::expect_report(done.error());
  const auto enumerated = read::enumerate_elf_definitions(read::Bytes(data), "fuzz.o", elf_machines(),
                                                          [](std::string_view name) { fuzz::touch(name); });
  if (!enumerated) fuzz::expect_report(enumerated.error());
}
