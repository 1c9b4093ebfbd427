// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "prepare.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "compile.h"
#include "default_libs.h"

namespace tool {
namespace {

using Bytes = std::vector<std::byte>;

std::expected<Bytes, std::string> read_standard_input() {
  constexpr std::size_t kChunkSize = 1 << 16;
  Bytes bytes;
  for (;;) {
    std::size_t used = bytes.size();
    bytes.resize(used + kChunkSize);
    ssize_t n = ::read(STDIN_FILENO, bytes.data() + used, kChunkSize);
    bytes.resize(used + (n > 0 ? static_cast<std::size_t>(n) : 0));
    if (n == 0) return bytes;
    if (n < 0 && errno != EINTR) return std::unexpected(fmt::format("standard input: {}", std::strerror(errno)));
  }
}

// The compiled sources' objects, in the order of the inputs.
std::expected<std::vector<Bytes>, std::string> compile_sources(const LinkArguments& arguments) {
  std::vector<std::string> sources;
  for (const Input& input : arguments.inputs) {
    if (input.kind == Input::Kind::kSource) sources.push_back(input.text);
  }
  if (sources.empty()) return std::vector<Bytes>();
  return compile(sources, arguments.compile_flags);
}

void set_options(enfold::SetOptions& options, const LinkArguments& arguments) {
  options.relax = arguments.relax;
  options.gc_sections = arguments.gc_sections;
  options.copy_data = arguments.copy_data;
  options.global_libraries = true;
  options.roots.push_back(arguments.entry);
}

void add_defaults(enfold::ObjectSet& set, const LinkArguments& arguments) {
  DefaultLibs found = find_default_libs();
  for (std::string& directory : found.directories) set.add_search_directory(std::move(directory));
  if (!arguments.default_libs) return;
  for (std::string& archive : found.archives) set.add_archive(std::move(archive));
}

// Sources and standard input become the next of `buffers`.
void add_input(enfold::ObjectSet& set, const Input& input, std::vector<Bytes>::const_iterator& next_buffer) {
  switch (input.kind) {
    case Input::Kind::kFile: set.add_archive(input.text, input.whole_archive); break;
    case Input::Kind::kLibrary: set.add_library(input.text, input.whole_archive); break;
    case Input::Kind::kSource: set.add_bytes(*next_buffer++, input.text); break;
    case Input::Kind::kStandardInput: set.add_bytes(*next_buffer++, "standard input"); break;
  }
}

}  // namespace

std::expected<Prepared, std::string> prepare(const LinkArguments& arguments) {
  auto compiled = compile_sources(arguments);
  if (!compiled) return std::unexpected(std::move(compiled).error());
  Prepared prepared{enfold::ObjectSet(arguments.name), {}};
  auto next_compiled = compiled->begin();
  for (const Input& input : arguments.inputs) {
    if (input.kind == Input::Kind::kSource) prepared.buffers.push_back(std::move(*next_compiled++));
    if (input.kind != Input::Kind::kStandardInput) continue;
    auto bytes = read_standard_input();
    if (!bytes) return std::unexpected(std::move(bytes).error());
    prepared.buffers.push_back(std::move(*bytes));
  }
  set_options(prepared.set.options(), arguments);
  for (const std::string& directory : arguments.search_directories) prepared.set.add_search_directory(directory);
  std::vector<Bytes>::const_iterator next_buffer = prepared.buffers.begin();
  for (const Input& input : arguments.inputs) add_input(prepared.set, input, next_buffer);
  add_defaults(prepared.set, arguments);
  return prepared;
}

enfold::Expected<std::unique_ptr<enfold::Session>> open_session(const LinkArguments& arguments,
                                                                enfold::SessionOptions options) {
  auto session = enfold::Session::create(std::move(options));
  if (!session) return session;
  for (const auto& [symbol, address] : arguments.definitions) {
    auto defined = (*session)->define(symbol, enfold::TargetAddr{address});
    if (!defined) return std::unexpected(std::move(defined).error());
  }
  return session;
}

}  // namespace tool
