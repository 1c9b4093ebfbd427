// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects, archives and their members, libraries, linker scripts.
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lists.h"

namespace enfold::linear {
namespace {

// One that lasts as long as the work that it is made for.
class Directory {
 public:
  Directory() {
    std::string path = (std::filesystem::temp_directory_path() / "enfold-linear-XXXXXX").string();
    require(mkdtemp(path.data()) != nullptr, "no temporary directory");
    path_ = path;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string write(const std::string& name, const Bytes& bytes) const {
    const std::string path = path_ / name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

 private:
  std::filesystem::path path_;
};

Bytes object_in_a_chain(std::uint32_t i) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8);
  add_function(b, "f" + std::to_string(i), code);
  const std::uint32_t next =
      b.add_symbol("f" + std::to_string(i + 1), ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), SHN_UNDEF);
  b.add_relocations(code, {rela(0, next, R_X86_64_PLT32, -4)});
  return build(b);
}

Bytes last_of_a_chain(std::uint32_t n) { return object_that_defines({"f" + std::to_string(n)}); }

// f0 is called, which calls f1, and so on to the last one.
std::vector<Member> chain(std::uint32_t n) {
  std::vector<Member> members;
  for (std::uint32_t i = 0; i < n; ++i) members.push_back({object_in_a_chain(i), {"f" + std::to_string(i)}});
  return members;
}

std::vector<File> beginning_of_a_chain(std::uint32_t n) {
  std::vector<File> files;
  files.push_back({"user.o", object_that_calls({"f0"})});
  files.push_back({"last.o", last_of_a_chain(n)});
  return files;
}

Work objects(std::uint32_t n) {
  std::vector<File> files = beginning_of_a_chain(n);
  for (std::uint32_t i = 0; i < n; ++i) files.push_back({"o.o", object_in_a_chain(i)});
  return work_on(std::move(files));
}

Work members_of_an_archive(std::uint32_t n) {
  std::vector<File> files = beginning_of_a_chain(n);
  files.push_back({"list.a", archive_of(chain(n))});
  return work_on(std::move(files));
}

Work members_from_last_to_first(std::uint32_t n) {
  std::vector<File> files = beginning_of_a_chain(n);
  std::vector<Member> members = chain(n);
  std::ranges::reverse(members);
  files.push_back({"list.a", archive_of(members)});
  return work_on(std::move(files));
}

Work archives(std::uint32_t n, bool backwards) {
  std::vector<File> files = beginning_of_a_chain(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t number = backwards ? n - 1 - i : i;
    files.push_back({"a.a", archive_of({{object_in_a_chain(number), {"f" + std::to_string(number)}}})});
  }
  return work_on(std::move(files));
}

Work archives_in_order(std::uint32_t n) { return archives(n, false); }
Work archives_from_last_to_first(std::uint32_t n) { return archives(n, true); }

// Nobody wants what the archives have, and no archive has what is wanted.
Work archives_that_serve_nobody(std::uint32_t n) {
  std::vector<File> files;
  std::vector<std::string> wanted;
  for (std::uint32_t i = 0; i < n; ++i) {
    wanted.push_back("wanted" + std::to_string(i));
    files.push_back({"a.a", archive_of({{object_that_defines({"f" + std::to_string(i)}), {"f" + std::to_string(i)}}})});
  }
  files.insert(files.begin(), {"user.o", object_that_calls(wanted)});
  return work_on(std::move(files), {}, Outcome::kPlanned);
}

// Commons look for a definition in the members that have their names, and find commons there.
template <Naming naming>
Work archived_commons(std::uint32_t n) {
  ElfBuilder b;
  Member member;
  member.names = names(n, naming);
  for (const std::string& name : member.names) b.add_symbol(name, fuzz::kGlobalObject, SHN_COMMON, 8, 8);
  member.bytes = build(b);
  return work_on({{"user.o", member.bytes}, {"list.a", archive_of({member})}});
}

template <Naming naming>
Work names_of_an_archive(std::uint32_t n) {
  std::vector<Member> members;
  for (const std::string& name : names(n, naming)) members.push_back({object_that_defines({name}), {name}});
  return work_on({{"user.o", object_that_calls(names(n, naming))}, {"list.a", archive_of(members)}});
}

Work whole_archive(std::uint32_t n) {
  const auto directory = std::make_shared<Directory>();
  const std::string path = directory->write("list.a", archive_of(chain(n)));
  const auto last = std::make_shared<Bytes>(last_of_a_chain(n));
  return [directory, path, last] {
    const auto session = new_session();
    ObjectSet set("set");
    set.add_archive(path, true);
    set.add_bytes(*last, "last.o");
    static_cast<void>(must(session->link(std::move(set))));
  };
}

// ---- Libraries: they are read, and would be opened by a link.

template <Naming naming>
Work functions_of_a_library(std::uint32_t n) {
  const auto directory = std::make_shared<Directory>();
  const std::vector<std::string> all = names(n, naming);
  const Work work =
      work_on({{"user.o", object_that_calls(all)}, {directory->write("list.so", library_of("list.so", all)), {}}}, {},
              Outcome::kPlanned);
  return [directory, work] { work(); };
}

Work libraries(std::uint32_t n) {
  const auto directory = std::make_shared<Directory>();
  std::vector<File> files = {{"user.o", object_that_calls({"f"})}};
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::string name = "l" + std::to_string(i) + ".so";
    const std::string own = i + 1 == n ? "f" : "other" + std::to_string(i);
    files.push_back({directory->write(name, library_of(name, {own})), {}});
  }
  const Work work = work_on(std::move(files), {}, Outcome::kPlanned);
  return [directory, work] { work(); };
}

// ---- Linker scripts

Work inputs_of_a_script(std::uint32_t n) {
  const auto directory = std::make_shared<Directory>();
  const std::string object = directory->write("o.o", object_that_defines({}));
  std::string script = "INPUT(";
  for (std::uint32_t i = 0; i < n; ++i) script += object + " ";
  const Work work = work_on({{directory->write("list.ld", bytes_of_text(script + ")")), {}}});
  return [directory, work] { work(); };
}

Work scripts(std::uint32_t n) {
  const auto directory = std::make_shared<Directory>();
  const std::string object = directory->write("o.o", object_that_defines({}));
  std::vector<File> files;
  for (std::uint32_t i = 0; i < n; ++i) {
    files.push_back({directory->write(std::to_string(i) + ".ld", bytes_of_text("INPUT(" + object + ")")), {}});
  }
  const Work work = work_on(std::move(files));
  return [directory, work] { work(); };
}

constexpr List kLists[] = {
    {"objects", objects, 250},
    {"members of an archive", members_of_an_archive, 250},
    {"members of an archive, from last to first", members_from_last_to_first, 250},
    {"archives", archives_in_order, 250},
    {"archives, from last to first", archives_from_last_to_first, 250},
    {"archives that serve nobody", archives_that_serve_nobody, 250},
    {"commons that an archive has, too", archived_commons<Naming::kPlain>},
    {"commons that an archive has, too: one std::hash", archived_commons<Naming::kOneStdHash>},
    {"names of an archive: one std::hash", names_of_an_archive<Naming::kOneStdHash>, 250},
    {"names of an archive: neighbours in a table", names_of_an_archive<Naming::kNeighbours>, 250},
    {"members of a whole archive", whole_archive, 250},
    {"functions of a library", functions_of_a_library<Naming::kPlain>},
    {"functions of a library: one GNU hash", functions_of_a_library<Naming::kOneGnuHash>},
    {"functions of a library: one std::hash", functions_of_a_library<Naming::kOneStdHash>},
    {"libraries", libraries, 250},
    {"inputs of a script", inputs_of_a_script, 250},
    {"scripts", scripts, 250},
};

}  // namespace

std::span<const List> lists_of_files() { return kLists; }

}  // namespace enfold::linear
