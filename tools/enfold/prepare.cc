// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "prepare.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "default_libs.h"
#include "read_all.h"

namespace tool {
namespace {

std::expected<Bytes, std::string> read_standard_input() {
  auto bytes = read_all(STDIN_FILENO);
  if (!bytes) return std::unexpected(fmt::format("standard input: {}", std::strerror(bytes.error())));
  return std::move(*bytes);
}

// The compiled sources' objects, in the order of the inputs.
std::expected<std::vector<Bytes>, std::string> compile_sources(const LinkArguments& arguments) {
  std::vector<std::string> sources;
  for (const Input& input : arguments.inputs) {
    if (input.kind == Input::Kind::kSource) sources.push_back(input.text);
  }
  if (sources.empty()) return std::vector<Bytes>();
  return compile(sources, compile_options(arguments));
}

// An object of the dynamic linker is made of a file, be it in memory.
bool may_write_files() {
  constexpr rlim_t kEnough = rlim_t{1} << 20;  // for most programs: 100 bytes a symbol
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur >= kEnough;
}

void set_options(enfold::SetOptions& options, const LinkArguments& arguments) {
  options.relax = arguments.relax;
  options.gc_sections = arguments.gc_sections;
  options.copy_data = arguments.copy_data;
  options.static_thread_storage = arguments.static_thread_storage;
  options.global_libraries = true;
  options.as_shared_object = arguments.shared_object && !arguments.replaceable && may_write_files();
  if (arguments.replaceable) options.replaceable = enfold::Replaceable::kThroughout;
  if (!arguments.entry.empty()) options.roots.push_back(arguments.entry);
}

void add_defaults(enfold::ObjectSet& set, const LinkArguments& arguments) {
  DefaultLibs found = find_default_libs();
  for (std::string& directory : found.directories) set.add_search_directory(std::move(directory));
  if (!arguments.default_libs) return;
  for (std::string& archive : found.archives) set.add_archive(std::move(archive));
  for (std::string& library : found.libraries) set.add_as_needed(std::move(library));
}

void add_input(enfold::ObjectSet& set, const LinkArguments& arguments, const Input& input, const Bytes* bytes) {
  if (bytes != nullptr) {
    set.add_bytes(*bytes, input.kind == Input::Kind::kStandardInput ? "standard input" : input.text);
  } else if (input.kind == Input::Kind::kLibrary) {
    set.add_library(input.text, input.whole_archive);
  } else {
    set.add_archive(path_of(arguments, input.text), input.whole_archive);
  }
}

// Shared libraries, linker scripts and thin archives name other files or are opened by their names; of archives in
// memory, only members that are needed are linked.
bool is_linkable_from_memory(const Bytes& bytes, bool whole_archive) {
  std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (start.starts_with("!<arch>\n")) return !whole_archive;
  constexpr std::size_t kTypeOffset = offsetof(Elf64_Ehdr, e_type);
  Elf64_Half type = ET_NONE;
  if (start.size() >= sizeof(Elf64_Ehdr)) std::memcpy(&type, bytes.data() + kTypeOffset, sizeof type);
  return start.starts_with(ELFMAG) && type == ET_REL;
}

std::shared_ptr<const Bytes> shared(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

}  // namespace

std::string path_of(const LinkArguments& arguments, const std::string& name) {
  bool relative = !arguments.directory.empty() && !name.starts_with('/');
  return relative ? arguments.directory + "/" + name : name;
}

CompileOptions compile_options(const LinkArguments& arguments) {
  return {.flags = arguments.compile_flags, .replaceable = arguments.replaceable};
}

std::expected<std::shared_ptr<const Bytes>, std::string> read_content(const LinkArguments& arguments,
                                                                      const Input& file) {
  auto bytes = read_file(path_of(arguments, file.text));
  if (!bytes) return std::unexpected(fmt::format("{}: cannot be read: {}", file.text, std::strerror(bytes.error())));
  if (!is_linkable_from_memory(*bytes, file.whole_archive)) return nullptr;
  return shared(std::move(*bytes));
}

std::expected<Contents, std::string> read_contents(const LinkArguments& arguments) {
  auto compiled = compile_sources(arguments);
  if (!compiled) return std::unexpected(std::move(compiled).error());
  Contents contents(arguments.inputs.size());
  auto next_compiled = compiled->begin();
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const Input::Kind kind = arguments.inputs[i].kind;
    if (kind == Input::Kind::kSource) contents[i] = shared(std::move(*next_compiled++));
    if (kind == Input::Kind::kFile && arguments.replaceable) {
      auto content = read_content(arguments, arguments.inputs[i]);
      if (!content) return std::unexpected(std::move(content).error());
      contents[i] = std::move(*content);
    }
    if (kind != Input::Kind::kStandardInput) continue;
    auto bytes = read_standard_input();
    if (!bytes) return std::unexpected(std::move(bytes).error());
    contents[i] = shared(std::move(*bytes));
  }
  return contents;
}

enfold::ObjectSet make_set(const LinkArguments& arguments, const Contents& contents) {
  enfold::ObjectSet set(arguments.name);
  set_options(set.options(), arguments);
  for (const std::string& name : arguments.search_directories) set.add_search_directory(path_of(arguments, name));
  for (std::size_t i = 0; i < contents.size(); ++i) add_input(set, arguments, arguments.inputs[i], contents[i].get());
  add_defaults(set, arguments);
  return set;
}

std::expected<Prepared, std::string> prepare(const LinkArguments& arguments) {
  auto contents = read_contents(arguments);
  if (!contents) return std::unexpected(std::move(contents).error());
  enfold::ObjectSet set = make_set(arguments, *contents);
  return Prepared{std::move(set), std::move(*contents)};
}

// No entry, so nothing that is not asked for may be left out.
LinkArguments base_arguments(const LinkArguments& arguments) {
  LinkArguments base = arguments;
  base.name = "base";
  base.inputs = std::exchange(base.base, {});
  base.entry.clear();
  base.gc_sections = false;
  base.replaceable = false;
  return base;
}

enfold::Expected<std::unique_ptr<enfold::Session>> open_session(const LinkArguments& arguments,
                                                                enfold::SessionOptions options) {
  if (arguments.memory != enfold::MemoryKind::kAutomatic) {
    auto memory = enfold::make_memory(arguments.memory);
    if (!memory) return std::unexpected(std::move(memory).error());
    options.memory = std::move(*memory);
  }
  options.debugger = arguments.debugger;
  options.profiler = arguments.profiler;
  options.thread_count = arguments.thread_count;
  auto session = enfold::Session::create(std::move(options));
  if (!session) return session;
  for (const auto& [symbol, address] : arguments.definitions) {
    auto defined = (*session)->define(symbol, enfold::TargetAddr{address});
    if (!defined) return std::unexpected(std::move(defined).error());
  }
  return session;
}

enfold::Expected<std::optional<enfold::LinkedSet>> link_base(const LinkArguments& arguments, enfold::Session& session) {
  if (arguments.base.empty()) return std::nullopt;
  auto prepared = prepare(base_arguments(arguments));
  if (!prepared) return std::unexpected(enfold::Error(enfold::ErrorCode::kIo, std::move(prepared).error()));
  auto linked = session.link(std::move(prepared->set));
  if (!linked) return std::unexpected(std::move(linked).error());
  return std::move(*linked);
}

}  // namespace tool
