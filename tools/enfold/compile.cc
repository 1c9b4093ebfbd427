// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compile.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "children.h"
#include "read_all.h"
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

// $CC may hold arguments: "ccache gcc -m64".
std::vector<std::string> compiler(Language language) {
  const char* variable = std::getenv(language == Language::kC ? "CC" : "CXX");
  std::vector<std::string> words = split_words(variable != nullptr ? variable : "");
  if (words.empty()) words.emplace_back(language == Language::kC ? "cc" : "c++");
  return words;
}

// A compiler may count on what it sees of a function in the same file: inline it, keep a register across its call,
// propagate its result. Not with these, since the function may be another one at run time; and each variable has a
// section of its own, so that it keeps its place when its neighbours change.
constexpr std::string_view kReplaceableFlags[] = {"-fPIC", "-fsemantic-interposition", "-fdata-sections"};

bool is_assembler(std::string_view source) { return source.ends_with(".s") || source.ends_with(".S"); }

std::vector<std::string> command_line(const std::string& source, const CompileOptions& options,
                                      const std::string& object) {
  std::vector<std::string> words = compiler(*source_language(source));
  if (options.replaceable && !is_assembler(source)) {
    words.insert(words.end(), std::begin(kReplaceableFlags), std::end(kReplaceableFlags));
  }
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  words.insert(words.end(), {"-c", "-o", object, source.starts_with('-') ? "./" + source : source});
  return words;
}

std::string describe(const std::string& source, const std::string& program, const ChildEnd& end) {
  switch (end.kind) {
    case ChildEnd::Kind::kNotStarted:
      return fmt::format("{}: cannot run the compiler '{}': {}\n  cure: install one, or name it in {}", source, program,
                         std::strerror(end.value), *source_language(source) == Language::kC ? "CC" : "CXX");
    case ChildEnd::Kind::kSignalled:
      return fmt::format("{}: the compiler '{}' was ended by signal {}", source, program, end.value);
    case ChildEnd::Kind::kExited:
      break;
  }
  return fmt::format("{}: the compiler '{}' ended with status {}", source, program, end.value);
}

}  // namespace

std::optional<Language> source_language(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  for (const Suffix& s : kSuffixes) {
    if (s.suffix == name.substr(dot)) return s.language;
  }
  return std::nullopt;
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
    objects.push_back(fmt::format("{}/{}.o", scratch.path(), objects.size()));
    commands.push_back(command_line(source, options, objects.back()));
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
