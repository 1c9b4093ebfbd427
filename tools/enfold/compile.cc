// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "children.h"
#include "output.h"
#include "read_all.h"
#include "script.h"
#include "words.h"

namespace tool {
namespace {

using Bytes = std::vector<std::byte>;

struct Suffix {
  std::string_view suffix;
  Language language;
};

constexpr Suffix kSuffixes[] = {
    {".c", Language::kC},    {".i", Language::kC},     {".s", Language::kC},     {".S", Language::kC},
    {".cc", Language::kCxx}, {".cpp", Language::kCxx}, {".cxx", Language::kCxx}, {".c++", Language::kCxx},
    {".C", Language::kCxx},  {".cp", Language::kCxx},  {".CPP", Language::kCxx}, {".ii", Language::kCxx},
};

// A directory that nobody else can enter, removed with all that is in it.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* parent = std::getenv("TMPDIR");
    path_ = fmt::format("{}/enfold-XXXXXX", parent != nullptr && *parent != '\0' ? parent : "/tmp");
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }  // empty when it could not be made

 private:
  std::string path_;
};

std::optional<Language> language_of_suffix(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  for (const Suffix& s : kSuffixes) {
    if (s.suffix == name.substr(dot)) return s.language;
  }
  return std::nullopt;
}

// What the flags say last: "-x c++", or "-xc++"; empty where they say nothing.
std::string_view language_of_flags(const std::vector<std::string>& flags) {
  std::string_view language;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == "-x" && i + 1 < flags.size()) {
      language = flags[++i];
    } else if (flags[i].starts_with("-x")) {
      language = std::string_view(flags[i]).substr(2);
    }
  }
  return language;
}

// A suffix counts, and for a script that has none, the flags do.
Language language_of(const std::string& source, const CompileOptions& options) {
  if (auto language = language_of_suffix(source)) return *language;
  return language_of_flags(options.flags).starts_with("c++") ? Language::kCxx : Language::kC;
}

// A compiler may count on what it sees of a function in the same file: inline it, keep a register across its call,
// propagate its result. Not with these, since the function may be another one at run time; and each variable has a
// section of its own, so that it keeps its place when its neighbours change.
constexpr std::string_view kReplaceableFlags[] = {"-fPIC", "-fsemantic-interposition", "-fdata-sections"};

bool is_assembler(std::string_view source) { return source.ends_with(".s") || source.ends_with(".S"); }

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// What the compiler is to read: the source itself, or what it takes for a script.
struct CompiledFile {
  std::string path;
  bool is_source = true;
};

std::expected<CompiledFile, std::string> compiled_file(const std::string& source, const std::string& stem) {
  if (!is_script(source) || is_assembler(source)) return CompiledFile{source.starts_with('-') ? "./" + source : source};
  auto bytes = read_file(source);
  if (!bytes) return std::unexpected(fmt::format("{}: cannot be read: {}", source, std::strerror(bytes.error())));
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  std::string path = language_of_suffix(source) ? stem + source.substr(source.rfind('.')) : stem;
  if (auto error = write_file(path, script_source(source, text))) return std::unexpected(*error);
  return CompiledFile{std::move(path), false};
}

std::vector<std::string> command_line(const std::string& source, const CompiledFile& file,
                                      const CompileOptions& options, const std::string& object) {
  std::vector<std::string> words = compiler(language_of(source, options));
  if (options.replaceable && !is_assembler(source)) {
    words.insert(words.end(), std::begin(kReplaceableFlags), std::end(kReplaceableFlags));
  }
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  if (!file.is_source) words.insert(words.end(), {"-iquote", directory_of(source)});  // files that it includes
  if (!language_of_suffix(source) && language_of_flags(options.flags).empty()) words.insert(words.end(), {"-x", "c"});
  words.insert(words.end(), {"-c", "-o", object, file.path});
  return words;
}

std::string describe(const std::string& source, const std::string& program, const ChildEnd& end) {
  switch (end.kind) {
    case ChildEnd::Kind::kNotStarted:
      return fmt::format("{}: cannot run the compiler '{}': {}\n  cure: install one, or name it in {}", source, program,
                         std::strerror(end.value), source_language(source) == Language::kCxx ? "CXX" : "CC");
    case ChildEnd::Kind::kSignalled:
      return fmt::format("{}: the compiler '{}' was ended by signal {}", source, program, end.value);
    case ChildEnd::Kind::kExited:
      break;
  }
  return fmt::format("{}: the compiler '{}' ended with status {}", source, program, end.value);
}

}  // namespace

std::optional<Language> source_language(const std::string& path) {
  if (auto language = language_of_suffix(path)) return language;
  return is_plain_script(path) ? std::optional(Language::kC) : std::nullopt;
}

// It may hold arguments: "ccache gcc -m64".
std::vector<std::string> compiler(Language language) {
  const char* variable = std::getenv(language == Language::kC ? "CC" : "CXX");
  std::vector<std::string> words = split_words(variable != nullptr ? variable : "");
  if (words.empty()) words.emplace_back(language == Language::kC ? "cc" : "c++");
  return words;
}

std::expected<std::vector<Bytes>, std::string> compile(const std::vector<std::string>& sources,
                                                       const CompileOptions& options) {
  SignalBlock signals;  // outlives the directory: a signal is taken when that is gone
  ScratchDirectory scratch;
  if (scratch.path().empty()) {
    return std::unexpected(fmt::format("cannot make a temporary directory: {}", std::strerror(errno)));
  }
  std::vector<std::vector<std::string>> commands;
  std::vector<std::string> objects;
  for (const std::string& source : sources) {
    const std::string stem = fmt::format("{}/{}", scratch.path(), objects.size());
    auto file = compiled_file(source, stem);
    if (!file) return std::unexpected(std::move(file).error());
    objects.push_back(stem + ".o");
    commands.push_back(command_line(source, *file, options, objects.back()));
  }
  std::vector<ChildEnd> ends = run_children(commands, "TMPDIR=" + scratch.path(), signals);
  std::vector<Bytes> results;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!ends[i].success()) return std::unexpected(describe(sources[i], commands[i].front(), ends[i]));
    auto bytes = read_file(objects[i]);
    if (!bytes) return std::unexpected(fmt::format("{}: the compiler left no object", sources[i]));
    results.push_back(std::move(*bytes));
  }
  return results;
}

}  // namespace tool
