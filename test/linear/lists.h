// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lists that an input can make long, each with what is done to one of a given length. What it costs is measured at n,
// 2n and 4n, and has to grow as the list does: see linear.py.
#ifndef ENFOLD_TEST_LINEAR_LISTS_H_
#define ENFOLD_TEST_LINEAR_LISTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

#include "elf_edit.h"

namespace enfold::linear {

using fuzz::ElfBuilder;
using fuzz::rela;

// What is measured. Its inputs are made already.
using Work = std::function<void()>;

struct List {
  std::string_view name;
  Work (*make)(std::uint32_t n);
  std::uint32_t least = 500;  // the shortest length that is measured: cheap items need more to be seen
};

// By what the lists are in.
std::span<const List> lists_in_objects();
std::span<const List> lists_of_tables();
std::span<const List> lists_of_files();
std::span<const List> lists_of_sets();

// ---- Inputs

using Bytes = std::vector<std::byte>;

struct File {
  std::string name;
  Bytes bytes;
};

Bytes bytes_of_text(std::string_view text);
Bytes returning_code(std::size_t size);  // "ret", as often as fits

// Ways of naming the items of a list, so that each is another's neighbour in some table.
enum class Naming {
  kPlain,
  kOneStdHash,  // all have the same std::hash
  kOneGnuHash,  // all have the same hash in tables of shared libraries (gABI)
  kNeighbours,  // unseeded XXH3 puts all into one stretch of a table
};
std::vector<std::string> names(std::uint32_t n, Naming naming = Naming::kPlain);

Bytes build(const ElfBuilder& builder);
std::uint32_t add_code(ElfBuilder& builder, std::size_t size, std::string name = ".text");
std::uint32_t add_function(ElfBuilder& builder, std::string_view name, std::uint32_t section, std::uint64_t value = 0);
// An object that calls each name.
Bytes object_that_calls(const std::vector<std::string>& names);
// An object that defines each name, in a section of its own or in one for all.
Bytes object_that_defines(const std::vector<std::string>& names, bool own_sections = false);

// "!<arch>" with an index; each member has the names that it defines.
struct Member {
  Bytes bytes;
  std::vector<std::string> names;
};
Bytes archive_of(const std::vector<Member>& members);

// A shared library that defines functions, with a hash table of its own kind.
Bytes library_of(std::string_view soname, const std::vector<std::string>& functions);

// ---- Work

void require(bool holds, const std::string& otherwise);

template <class T>
T must(Expected<T> result) {
  if (!result) require(false, result.error().text());
  return std::move(*result);
}

std::unique_ptr<Session> new_session(SessionOptions options = {});

// What becomes of a set.
enum class Outcome {
  kLinked,   // it is planned and linked; each symbol is looked up, each KiB described; then it is unloaded
  kPlanned,  // it is planned, and not linked
  kRefused,  // it is not linked
};

// A session, a set of `files` with `options`, and its outcome.
Work work_on(std::vector<File> files, SetOptions options = {}, Outcome outcome = Outcome::kLinked);
Work work_on(Bytes object, SetOptions options = {}, Outcome outcome = Outcome::kLinked);

}  // namespace enfold::linear

#endif  // ENFOLD_TEST_LINEAR_LISTS_H_
