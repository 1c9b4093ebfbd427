// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/resolve.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "diagnostics.h"
#include "load.h"

namespace enfold {
namespace {

class Resolver {
 public:
  Resolver(LinkState& link, SymbolTable& table, const Scope& scope) : link_(link), table_(table), scope_(scope) {}

  Expected<void> run() {
    // By index: thin archives' members add to what the link stores, not to its files.
    for (std::size_t i = 0; i < link_.files.size(); ++i) {
      if (auto done = add_file(link_.files[i]); !done) diagnostics_.add(std::move(done).error());
    }
    for (Error& error : table_.take_errors()) diagnostics_.add(std::move(error));
    return std::move(diagnostics_).result("inputs cannot be linked");
  }

 private:
  Expected<void> add_file(const read::InputFile& file) {
    switch (file.kind) {
      case read::FileKind::kObject: return add_object(file.bytes, file.name);
      case read::FileKind::kArchive: return add_archive(file);
      case read::FileKind::kSharedLibrary: return add_library(file);
      case read::FileKind::kLinkerScript: break;  // followed when the inputs were opened
    }
    return {};
  }

  Expected<void> add_object(read::Bytes bytes, std::string name) {
    Expected<ObjectIndex> object = load_object(link_, bytes, std::move(name));
    if (!object) {
      link_.objects.pop_back();
      return std::unexpected(std::move(object).error());
    }
    table_.add_object(*object);
    return pull();
  }

  Expected<void> add_archive(const read::InputFile& file) {
    Expected<read::Archive> archive = load_archive(file);
    if (!archive) return std::unexpected(std::move(archive).error());
    if (!file.whole_archive) {
      link_.archives.push_back({.archive = std::move(*archive), .loaded = {}});
      pending_ = table_.open_names();
      return pull();
    }
    Expected<std::vector<read::ArchiveMember>> members = archive->members();
    if (!members) return std::unexpected(std::move(members).error());
    for (read::ArchiveMember& member : *members) {
      if (member.storage) link_.storage.push_back(member.storage);
      if (auto done = add_object(member.bytes, std::move(member.name)); !done) return done;
    }
    return {};
  }

  Expected<void> add_library(const read::InputFile& file) {
    Expected<read::SharedLibrary> symbols = read::SharedLibrary::open(file.bytes, file.name);
    if (!symbols) return std::unexpected(std::move(symbols).error());
    // The file that was read, not one of that name that the dynamic linker would search for.
    const bool searched = file.path.find('/') == std::string::npos;
    link_.libraries.push_back(
        {.path = searched ? "./" + file.path : file.path, .name = file.name, .symbols = std::move(*symbols), .as_needed = file.as_needed});
    return {};
  }

  // Takes members for what is wanted until nothing more is found.
  Expected<void> pull() {
    for (;;) {
      for (GlobalIndex id : table_.take_wanted()) pending_.push_back(id);
      if (pending_.empty() || link_.archives.empty()) break;
      const GlobalIndex id = pending_.back();
      pending_.pop_back();
      if (auto done = pull_for(id); !done) return done;
    }
    pending_.clear();
    return {};
  }

  Expected<void> pull_for(GlobalIndex id) {
    const Global& global = link_.global(id);
    const bool common = global.origin == Origin::kCommon;
    if (global.origin != Origin::kUndefined && !common) return {};
    if (!common && scope_.find(global.name)) return {};  // earlier sets come before archives
    for (OpenArchive& open : link_.archives) {
      const std::optional<std::uint64_t> offset = open.archive.find(global.name);
      if (!offset || std::ranges::find(open.loaded, *offset) != open.loaded.end()) continue;
      Expected<read::ArchiveMember> member = open.archive.member(*offset);
      if (!member) return std::unexpected(std::move(member).error());
      // Storage that the linker allots gives way to a definition with contents, as in GNU ld.
      if (common && !object_defines(member->bytes, global.name)) return {};
      open.loaded.push_back(*offset);
      if (member->storage) link_.storage.push_back(member->storage);
      Expected<ObjectIndex> object = load_object(link_, member->bytes, std::move(member->name));
      if (!object) {
        link_.objects.pop_back();
        return std::unexpected(std::move(object).error());
      }
      table_.add_object(*object);
      return {};
    }
    return {};
  }

  LinkState& link_;
  SymbolTable& table_;
  const Scope& scope_;
  Diagnostics diagnostics_;
  std::vector<GlobalIndex> pending_;
};

}  // namespace

Expected<void> resolve(LinkState& link, SymbolTable& table, const Scope& scope) {
  return Resolver(link, table, scope).run();
}

}  // namespace enfold
