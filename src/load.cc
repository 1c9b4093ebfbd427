// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "load.h"

#include <string>
#include <utility>

#include "read/elf.h"
#include "reloc/elf_machines.h"

namespace enfold {
namespace {

[[gnu::cold, gnu::noinline]] Error other_architecture(const Object& object) {
  return Error(ErrorCode::kUnsupported, "the set's other objects are for another architecture",
               Place{.object = std::string(object.name)});
}

Error in_archive(const read::ArchiveMember& member, std::string message) {
  return Error(ErrorCode::kUnsupported, std::move(message), Place{.object = member.name})
      .with_cure("take it out of the archive and name it itself");
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

void collect_definitions(read::Bytes bytes, const std::function<void(std::string_view symbol)>& sink) {
  read::collect_elf_definitions(bytes, elf_machines(), sink);
}

Expected<void> open_inputs(LinkState& link) { return read::open_inputs(*link.set, elf_machines(), link.files); }

Error refusal_of_member(const read::ArchiveMember& member, Error error) {
  auto kind = read::identify(member.bytes, member.name);
  if (!kind) return std::move(kind).error();
  switch (*kind) {
    case read::FileKind::kObject: return error;
    case read::FileKind::kSharedLibrary: return in_archive(member, "a shared library cannot be linked from an archive");
    case read::FileKind::kArchive: return in_archive(member, "an archive cannot be linked from an archive");
    case read::FileKind::kLinkerScript: return in_archive(member, "a linker script cannot be in an archive");
  }
  return error;
}

std::vector<Error> foreign_members(const LinkState& link, std::size_t most) {
  std::vector<Error> found;
  const auto note = [&](const read::ArchiveMember& member) {
    Arena arena;
    Object object(member.name);
    auto done = read_object(member.bytes, arena, object);
    if (done) return false;
    Error error = refusal_of_member(member, std::move(done).error());
    if (error.code() == ErrorCode::kUnsupported) found.push_back(std::move(error));
    return found.size() == most;
  };
  for (const OpenArchive& open : link.archives) {
    if (found.size() < most) static_cast<void>(open.archive.find_member(note));  // what is broken has been reported
  }
  return found;
}

Expected<read::Archive> load_archive(const read::InputFile& file) {
  const auto enumerate = [](read::Bytes bytes, const std::string& name, const auto& sink) {
    return read::enumerate_elf_definitions(bytes, name, elf_machines(), sink);
  };
  return read::Archive::open(file.source(), std::string(file.name), enumerate);
}

}  // namespace enfold
