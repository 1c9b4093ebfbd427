// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/resolve.h"

#include <algorithm>
#include <compare>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <string_view>
#include <utility>

#include "diagnostics.h"
#include "load.h"
#include "plan/read_ahead.h"

namespace enfold {
namespace {

// A member that somebody wants for a symbol.
struct Candidate {
  std::uint64_t offset = 0;  // of its header
  std::uint32_t global = 0;
  friend auto operator<=>(const Candidate&, const Candidate&) = default;
};

constexpr std::size_t kMany = 8192;  // mentions of symbols: with what comes with them, they fill a large page

class Resolver {
 public:
  Resolver(LinkState& link, SymbolTable& table, const Scope& scope) : link_(link), table_(table), scope_(scope) {}

  Expected<void> run() {
    for (const std::string& root : link_.options->roots) table_.want(root);
    const std::uint64_t size = size_of_objects(link_);
    const std::size_t mentions = expected_mentions(size);
    if (link_.files.size() > 1) table_.reserve(mentions);  // what one object brings is known once it is read
    if (mentions >= kMany) link_.arena.expect_much();
    link_.objects.reserve(link_.files.size());
    add_files(threads_to_read(link_, size));
    for (Error& error : table_.take_errors()) diagnostics_.add(std::move(error));
    return std::move(diagnostics_).result("inputs cannot be linked");
  }

 private:
  void add_files(unsigned threads) {
    if (threads > 1) {
      return read_ahead(link_, threads, [&](std::size_t i, ReadAhead& read) {
        const bool object = link_.files[i].kind == read::FileKind::kObject;
        note(object ? add_read_object(read) : add_file(link_.files[i]));
      });
    }
    const std::span<const read::InputFile> files(link_.files);
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (i + 1 < files.size()) read::fetch_ahead(files[i + 1].bytes);
      note(add_file(files[i]));
    }
  }

  void note(Expected<void> done) {
    if (!done) diagnostics_.add(std::move(done).error());
  }

  Expected<void> add_file(const read::InputFile& file) {
    switch (file.kind) {
      case read::FileKind::kObject: return add_object(file.bytes, file.name);
      case read::FileKind::kArchive: return add_archive(file);
      case read::FileKind::kSharedLibrary: return add_library(file);
      case read::FileKind::kLinkerScript: break;  // followed when the inputs were opened
    }
    return {};
  }

  Expected<void> add_object(read::Bytes bytes, std::string_view name) {
    if (auto done = load(bytes, name); !done) return done;
    return pull();
  }

  Expected<void> add_read_object(ReadAhead& read) {
    link_.objects.push_back(read.object);
    if (auto done = enter_last(std::move(read.done)); !done) return done;
    return pull();
  }

  Expected<void> add_archive(const read::InputFile& file) {
    Expected<read::Archive> archive = load_archive(file);
    if (!archive) return std::unexpected(std::move(archive).error());
    if (!file.whole_archive) {
      link_.archives.push_back(
          {.archive = std::move(*archive), .libraries_before = link_.libraries.size(), .loaded = {}});
      if (auto done = pass_over(link_.archives.back()); !done) return done;
      return pull();
    }
    Expected<std::vector<read::ArchiveMember>> members = archive->members();
    if (!members) return std::unexpected(std::move(members).error());
    for (read::ArchiveMember& member : *members) {
      if (member.storage) link_.storage.push_back(member.storage);
      if (auto done = add_object(member.bytes, link_.arena.copy(member.name)); !done) return done;
    }
    return {};
  }

  Expected<void> add_library(const read::InputFile& file) {
    Expected<read::SharedLibrary> symbols = read::SharedLibrary::open(file.bytes, std::string(file.name));
    if (!symbols) return std::unexpected(std::move(symbols).error());
    // The file that was read, not one of that name that the dynamic linker would search for.
    const std::string_view directory = file.name.find('/') == std::string_view::npos ? "./" : "";
    link_.libraries.push_back({.path = std::string(directory).append(file.name),
                               .name = std::string(file.name),
                               .symbols = std::move(*symbols),
                               .as_needed = file.as_needed});
    return {};
  }

  // GNU ld goes through an archive's index again and again, taking each member that is wanted by then, until nothing
  // more is: members come in the archive's order, those that only a later one wants in the next round.
  Expected<void> pass_over(OpenArchive& open) {
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> round, next_round;
    const auto consider = [&](GlobalIndex id, std::uint64_t cursor) {
      const std::optional<std::uint64_t> offset = open.archive.find(link_.global(id).name);
      if (!offset) return pending_.push_back(id);
      (*offset >= cursor ? round : next_round).push({*offset, raw(id)});
    };
    for (const GlobalIndex id : table_.open_names()) consider(id, 0);
    while (!round.empty()) {
      const Candidate candidate = round.top();
      round.pop();
      if (auto done = take(open, candidate.offset, GlobalIndex{candidate.global}); !done) return done;
      for (const GlobalIndex id : table_.take_wanted()) consider(id, candidate.offset);
      if (round.empty()) std::swap(round, next_round);
    }
    return {};
  }

  Expected<void> pull() {
    if (!link_.archives.empty()) return pull_wanted();
    return {};
  }

  // What is wanted beside that is taken from the first archive that has it, in the order in which it came to be wanted.
  [[gnu::noinline]] Expected<void> pull_wanted() {
    for (std::size_t next = 0;;) {
      for (const GlobalIndex id : table_.take_wanted()) pending_.push_back(id);
      if (next == pending_.size()) break;
      const GlobalIndex id = pending_[next++];
      for (OpenArchive& open : link_.archives) {
        const std::optional<std::uint64_t> offset = open.archive.find(link_.global(id).name);
        if (!offset) continue;
        if (auto done = take(open, *offset, id); !done) return done;
        break;
      }
    }
    pending_.clear();
    return {};
  }

  // Links the member at `offset` if the symbol still wants it.
  Expected<void> take(OpenArchive& open, std::uint64_t offset, GlobalIndex id) {
    const Global& global = link_.global(id);
    const bool common = global.origin == Origin::kCommon;
    if (global.origin != Origin::kUndefined && !common) return {};
    if (!common && scope_.find(global.hashed_name())) return {};  // earlier sets come before archives
    if (open.loaded.contains(offset) || (!common && is_served_before(open, global.name))) return {};
    Expected<read::ArchiveMember> member = open.archive.member(offset);
    if (!member) return std::unexpected(std::move(member).error());
    // Storage that the linker allots gives way to a definition with contents, as in GNU ld.
    if (common && !object_defines(member->bytes, global.name)) return {};
    open.loaded.insert(offset);
    if (member->storage) link_.storage.push_back(member->storage);
    return load(member->bytes, link_.arena.copy(member->name));
  }

  bool is_served_before(const OpenArchive& open, std::string_view name) const {
    const std::span<const Library> earlier = link_.libraries.span().first(open.libraries_before);
    return std::ranges::any_of(earlier, [&](const Library& library) { return library.symbols.find(name).has_value(); });
  }

  // Reads an object where it stays.
  Expected<void> load(read::Bytes bytes, std::string_view name) {
    return enter_last(read_for_link(bytes, link_.arena, link_.objects.emplace_back(name)));
  }

  // Enters the symbols of the link's last object; if it cannot be linked, it is none of the link's.
  Expected<void> enter_last(Expected<void> read) {
    if (!read) return drop_last(std::move(read).error());
    if (auto done = admit_last_object(link_); !done) return drop_last(std::move(done).error());
    table_.add_object(link_.objects.back().index);
    return {};
  }

  std::unexpected<Error> drop_last(Error error) {
    link_.objects.pop_back();
    return std::unexpected(std::move(error));
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
