// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of linker scripts, which opens no file itself.
#include "read/linker_script.h"
#include "fuzz_target.h"
#include "read/file_kind.h"

FUZZ_TARGET(data) {
  using namespace enfold;
  using namespace enfold::read;
  const Bytes bytes(data);
  const auto kind = identify(bytes, "fuzz");
  if (!kind) fuzz::expect_report(kind.error());
  looks_like_linker_script(bytes);
  const auto script = parse_linker_script(bytes, "fuzz.so");
  if (!script) return fuzz::expect_report(script.error());
  for (const ScriptInput& input : script->inputs) {
    fuzz::touch(input.name);
    if (input.offset > data.size()) __builtin_trap();
  }
}
