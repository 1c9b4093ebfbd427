// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/resolve.h"

#include <algorithm>
#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <span>
#include <string_view>
#include <utility>

#include "diagnostics.h"
#include "load.h"
#include "name_tables.h"
#include "plan/archive_names.h"
#include "plan/operators.h"
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
    note(add_forwards());
    for (Error& error : table_.take_errors()) diagnostics_.add(std::move(error));
    return std::move(diagnostics_).result("errors: the inputs cannot be linked");
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

  // Forms of operator new and delete that the set leaves out.
  Expected<void> add_forwards() {
    const std::vector<std::string_view> forms = forms_to_forward(link_, table_, scope_);
    if (forms.empty()) [[likely]] return {};
    return enter_last(read_forwards(link_, forms));
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
    for (const read::ArchiveMember& member : *members) {
      if (auto done = load_member(member); !done) return done;
      if (auto done = pull(); !done) return done;
    }
    return {};
  }

  Expected<void> add_library(const read::InputFile& file) {
    Expected<read::SharedLibrary> symbols = read::SharedLibrary::open(file.source(), std::string(file.name));
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
    for_each_open_name(open.archive, [&](GlobalIndex id, std::uint64_t offset) { round.push({offset, raw(id)}); });
    while (!round.empty()) {
      const Candidate candidate = round.top();
      round.pop();
      if (auto done = take(open, candidate.offset, GlobalIndex{candidate.global}); !done) return done;
      for (const GlobalIndex id : take_wanted()) {
        ++link_.lookup_count;
        const std::optional<std::uint64_t> offset = open.archive.find(link_.global(id).name);
        if (offset) {
          (*offset >= candidate.offset ? round : next_round).push({*offset, raw(id)});
        } else {
          pending_.push_back(id);  // the archives before this one may have it
        }
      }
      if (round.empty()) std::swap(round, next_round);
    }
    return {};
  }

  // Calls visit(id, header_offset) for each name that the archive has and somebody wants. The archives before it were
  // asked when the name came to be wanted. Where the archive has fewer names than are wanted, its names are looked up
  // among those: then many archives take as long as their indices are.
  template <class Visit>
  void for_each_open_name(const read::Archive& archive, Visit&& visit) {
    if (link_.archives.size() == 1) open_ = table_.open_names();
    if (open_.size() > archive.symbol_count()) {
      link_.lookup_count += archive.symbol_count();
      archive.for_each_symbol([&](std::string_view name, std::uint64_t offset) {
        const GlobalIndex id = table_.find(name);
        if (id != kNone<GlobalIndex> && is_open(link_.global(id))) visit(id, offset);
      });
      return;
    }
    std::erase_if(open_, [&](GlobalIndex id) { return !is_open(link_.global(id)); });
    link_.lookup_count += open_.size();
    for (const GlobalIndex id : open_) {
      if (const auto offset = archive.find(link_.global(id).name)) visit(id, *offset);
    }
  }

  ScratchVector<GlobalIndex> take_wanted() {
    ScratchVector<GlobalIndex> wanted = table_.take_wanted();
    open_.insert(open_.end(), wanted.begin(), wanted.end());
    return wanted;
  }

  Expected<void> pull() {
    if (!link_.archives.empty()) return pull_wanted();
    return {};
  }

  // What is wanted beside that is taken from the first archive that has it, in the order in which it came to be wanted.
  [[gnu::noinline]] Expected<void> pull_wanted() {
    for (std::size_t next = 0;;) {
      for (const GlobalIndex id : take_wanted()) pending_.push_back(id);
      if (next == pending_.size()) break;
      const GlobalIndex id = pending_[next++];
      const std::optional<ArchivePlace> place = names_.find(link_, link_.global(id).name);
      if (!place) continue;
      if (auto done = take(link_.archives[place->archive], place->offset, id); !done) return done;
    }
    pending_.clear();
    return {};
  }

  // Links the member at `offset` if the symbol still wants it.
  Expected<void> take(OpenArchive& open, std::uint64_t offset, GlobalIndex id) {
    const Global& global = link_.global(id);
    const bool common = global.origin == Origin::kCommon;
    if (global.origin != Origin::kUndefined && !common) return {};
    // Earlier sets, and libraries named before, come before archives, except for what has to lie in the set.
    const bool may_lie_elsewhere = !common && global.visibility != SymbolVisibility::kHidden;
    if (may_lie_elsewhere && scope_.find(global.hashed_name())) return {};
    if (open.loaded.contains(offset) || (may_lie_elsewhere && is_served_before(open, global))) return {};
    // Storage that the linker allots gives way to a definition with contents, as in GNU ld.
    if (common && !defines(open, offset, global.name)) return {};
    open.loaded.insert(offset);  // or tried, and not again for each name that it defines
    Expected<read::ArchiveMember> member = open.archive.member(offset);
    if (!member) return std::unexpected(std::move(member).error());
    return load_member(*member);
  }

  Expected<void> load_member(const read::ArchiveMember& member) {
    if (member.storage) link_.storage.push_back(member.storage);
    auto done = load(member.bytes, link_.arena.copy(member.name));
    if (done) return done;
    return std::unexpected(refusal_of_member(member, std::move(done).error()));
  }

  // Does the member define the name, other than as common? Each member is looked at once. False for one that cannot be
  // read, which is an error if anybody wants it for another name.
  bool defines(const OpenArchive& open, std::uint64_t offset, std::string_view name) {
    const auto archive = static_cast<std::size_t>(&open - link_.archives.span().data());
    const auto [found, fresh] = looked_at_.try_emplace({archive, offset});
    if (fresh) {
      Expected<read::ArchiveMember> member = open.archive.member(offset);
      if (!member) return false;
      if (member->storage) link_.storage.push_back(member->storage);
      collect_definitions(member->bytes, [&](std::string_view symbol) { found->second.insert(symbol); });
    }
    return found->second.contains(name);
  }

  bool is_served_before(const OpenArchive& open, const Global& global) const {
    const std::span<const Library> earlier = link_.libraries.span().first(open.libraries_before);
    return std::ranges::any_of(earlier, [&](const Library& library) { return find_in(library, global).has_value(); });
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
  std::vector<GlobalIndex> open_;  // those that archives to come are asked for, and some that are settled since
  ArchiveNames names_;
  std::map<std::pair<std::size_t, std::uint64_t>, NameSet<std::string_view>> looked_at_;  // see defines()
};

}  // namespace

Expected<void> resolve(LinkState& link, SymbolTable& table, const Scope& scope) {
  return Resolver(link, table, scope).run();
}

}  // namespace enfold
