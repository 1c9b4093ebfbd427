// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "load.h"

#include <string>

#include "read/elf.h"
#include "reloc/elf_machines.h"

namespace enfold {
namespace {

[[gnu::cold, gnu::noinline]] Error other_architecture(const Object& object) {
  return Error(ErrorCode::kUnsupported, "the set's other objects are for another architecture",
               Place{.object = std::string(object.name)});
}

}  // namespace

Expected<void> read_object(read::Bytes bytes, Arena& arena, Object& object) {
  object.file = bytes.span();
  if (auto done = read::read_elf(bytes, elf_machines(), arena, object); !done) return done;
  object.scheme = elf_scheme(object.machine);
  return {};
}

Expected<void> admit_last_object(LinkState& link) {
  Object& object = link.objects.back();
  if (link.scheme == nullptr) {
    link.scheme = object.scheme;
    link.arch = object.scheme->architecture;
  } else if (link.scheme != object.scheme) {
    return std::unexpected(other_architecture(object));
  }
  link.symbol_count += object.symbols.size();
  link.has_thread_locals |= object.has_thread_locals;
  link.has_fragments |= object.has_fragments;
  object.index = index_of<ObjectIndex>(link.objects.size() - 1);
  return {};
}

bool object_defines(read::Bytes bytes, std::string_view symbol) {
  return read::elf_defines(bytes, elf_machines(), symbol);
}

Expected<read::Archive> load_archive(const read::InputFile& file) {
  const auto enumerate = [](read::Bytes bytes, const std::string& name, const auto& sink) {
    return read::enumerate_elf_definitions(bytes, name, elf_machines(), sink);
  };
  return read::Archive::open(file.bytes, std::string(file.name), enumerate);
}

}  // namespace enfold
