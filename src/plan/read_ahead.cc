// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/read_ahead.h"

#include <cstdint>
#include <utility>

#include "by_object.h"
#include "load.h"
#include "workers.h"

namespace enfold {
namespace {

// Of input: reading takes 0.4 ms a MiB, mostly in waiting for memory.
constexpr std::uint64_t kWorthOfThread = std::uint64_t{512} << 10;

// Compilers make 250 to 700 bytes of object for each, most of them mentioned before.
constexpr std::uint64_t kSizeOfMention = 512;

bool is_object(const read::InputFile& file) { return file.kind == read::FileKind::kObject; }

std::uint64_t size_of_objects(const LinkState& link) {
  std::uint64_t size = 0;
  for (const read::InputFile& file : link.files) size += is_object(file) ? file.bytes.size() : 0;
  return size;
}

}  // namespace

Expected<ReadObject> read_for_link(read::Bytes bytes, std::string name, Arena& arena) {
  Expected<ReadObject> read;
  if (auto done = read_object(bytes, std::move(name), arena, read->object); !done) {
    read = std::unexpected(std::move(done).error());
  } else {
    read->keys = name_keys(read->object, arena);
  }
  return read;
}

void read_files(LinkState& link, const std::function<void(std::size_t i, ReadFile file)>& use) {
  std::vector<ReadFile> ahead(link.files.size());
  const unsigned threads = threads_for(size_of_objects(link), kWorthOfThread, link.thread_count);
  for_each_with_arena_in_order(
      link, link.files.size(), threads,
      [&](std::size_t i, Arena& arena) {
        read::InputFile& file = link.files[i];
        if (is_object(file)) ahead[i] = read_for_link(file.bytes, std::move(file.name), arena);  // nobody else asks for it
      },
      [&](std::size_t i) { use(i, std::exchange(ahead[i], {})); });
}

std::size_t expected_mentions(const LinkState& link) { return size_of_objects(link) / kSizeOfMention; }

}  // namespace enfold
