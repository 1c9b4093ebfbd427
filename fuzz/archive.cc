// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of archives: any bytes, every member, and each name of the index asked for. Thin archives name files, so
// only those are tried whose names cannot lead to devices.
#include "read/archive.h"
#include "fuzz_target.h"
#include "read/elf.h"
#include "reloc/elf_machines.h"

FUZZ_TARGET(data) {
  using namespace enfold;
  using namespace enfold::read;
  const Bytes bytes(data);
  const auto names = [&](std::string_view part) { return bytes.text().find(part) != std::string_view::npos; };
  if (bytes.text().starts_with("!<thin>") && (names("dev") || names("proc") || names("sys") || names("run"))) return;
  const auto enumerate = [](Bytes member, const std::string& name, const Archive::Sink& sink) {
    return enumerate_elf_definitions(member, name, elf_machines(), sink);
  };
  const auto archive = Archive::open(bytes, "nowhere/fuzz.a", enumerate);
  if (!archive) return fuzz::expect_report(archive.error());
  const auto members = archive->members();
  if (!members) fuzz::expect_report(members.error());
  for (const std::string_view name : {"main", "f", "g", "_Z1fv", "printf"}) {
    const auto offset = archive->find(name);
    if (!offset) continue;
    const auto member = archive->member(*offset);
    if (member) {
      fuzz::touch(member->bytes.text());
    } else {
      fuzz::expect_report(member.error());
    }
  }
}
