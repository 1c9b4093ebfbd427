// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "compile.h"
#include "script.h"
#include "status.h"
#include "words.h"

namespace tool {
namespace {

constexpr std::string_view kHelp =
    "Usage: enfold run  [options] FILE... [-- ARGS...]   link FILEs into this process and run them\n"
    "       enfold plan [options] FILE...                print what linking FILEs would need\n"
    "\n"
    "  -h,--help     print this, or with a command its options\n"
    "  -v,--version  print the version\n"
    "\n"
    "FILE is an object, an archive, a shared library, a source in C, C++ or assembler, or - for an object on\n"
    "standard input. A C source may begin with #!/usr/bin/enfold run; words behind it are the program's. An error\n"
    "of enfold's own ends with status 125; any other status of run is the program's.\n";

// The options whose order among the files counts.
struct Ordered {
  CLI::Option* files = nullptr;
  CLI::Option* libraries = nullptr;
  CLI::Option* whole_archive = nullptr;
  CLI::Option* no_whole_archive = nullptr;
};

// Values as CLI11 stores them, before they are checked.
struct Raw {
  std::vector<std::string> files, libraries, definitions, compile_flags, f_flags, base;
  std::string map_path, memory, debugger, profiler;
  bool no_relax = false;
  bool no_shared_object = false;
  bool no_default_libs = false;
  bool whole_archive = false, no_whole_archive = false;
};

// CLI11 would let an option that may be repeated swallow the files behind it.
CLI::Option* one_at_a_time(CLI::Option* option, const char* placeholder) {
  return option->allow_extra_args(false)->option_text(placeholder);
}

class Formatter : public CLI::Formatter {
 public:
  explicit Formatter(bool run) : run_(run) { column_width(30); }
  std::string make_usage(const CLI::App*, std::string name) const override {
    return fmt::format("Usage: {} [options] FILE...{}\n", name, run_ ? " [-- ARGS...]" : "");
  }

 private:
  bool run_;
};

Ordered add_input_options(CLI::App& app, Raw& raw, LinkArguments& link) {
  Ordered o;
  o.files = app.add_option("FILE", raw.files, "object, archive, shared library, source, or - for standard input");
  o.files->option_text("...");
  o.libraries = one_at_a_time(app.add_option("-l", raw.libraries, "link libNAME.so or libNAME.a"), "NAME");
  one_at_a_time(app.add_option("-L", link.search_directories, "search DIR for -l, before the usual places"), "DIR");
  o.whole_archive = app.add_flag("--whole-archive", raw.whole_archive, "link every member of the archives that follow");
  o.no_whole_archive =
      app.add_flag("--no-whole-archive", raw.no_whole_archive, "link needed members of the archives that follow");
  app.add_flag("--no-default-libs", raw.no_default_libs, "do not add the compiler's helper archives");
  one_at_a_time(app.add_option("-X,--compile-flags", raw.compile_flags, "pass FLAGS to the compilers of sources"),
                "FLAGS");
  one_at_a_time(app.add_option("-f", raw.f_flags, "pass -fFLAG to them; -fsanitize=LIST loads its run time, too"),
                "FLAG");
  return o;
}

constexpr std::array kMemoryKinds = {enfold::MemoryKind::kAutomatic, enfold::MemoryKind::kAliased,
                                     enfold::MemoryKind::kForced, enfold::MemoryKind::kStrict};

std::optional<enfold::MemoryKind> memory_kind(std::string_view text) {
  auto found = std::find_if(kMemoryKinds.begin(), kMemoryKinds.end(), [&](auto kind) { return name(kind) == text; });
  if (found == kMemoryKinds.end()) return std::nullopt;
  return *found;
}

void add_link_options(CLI::App& app, Raw& raw, LinkArguments& link) {
  app.add_option("--entry", link.entry, "start at SYM instead of main")->option_text("SYM");
  app.add_option("--name", link.name, "the program's argv[0] and the set's name")->option_text("NAME");
  app.add_flag("--gc-sections", link.gc_sections, "drop sections that the entry does not reach");
  one_at_a_time(app.add_option("--define", raw.definitions, "give SYM an address"), "SYM=ADDR");
  app.add_flag("--no-relax", raw.no_relax, "keep GOT loads and indirect calls as the compiler wrote them");
  app.add_flag("--copy-data", link.copy_data, "copy data of shared libraries that direct addressing cannot reach");
  app.add_flag("--static-tls", link.static_thread_storage, "keep thread-locals where any code may address them");
  app.add_flag("--no-shared-object", raw.no_shared_object, "hide the program from dlsym, dl_iterate_phdr and libraries");
  one_at_a_time(app.add_option("--base", raw.base, "link FILE before the program, as part of a set of its own"),
                "FILE");
  app.add_option("--memory", raw.memory, "auto, alias, forced or strict: how code gets into memory")
      ->option_text("KIND");
  app.add_option("--threads", link.thread_count, "link with at most N threads")->option_text("N");
  app.add_option("--map", raw.map_path, "write a link map to FILE, or - for standard output")->option_text("FILE");
}

std::optional<enfold::Debugger> debugger_named(std::string_view text) {
  if (text == "debug") return enfold::Debugger::kWithDebugInformation;
  if (text == "none") return enfold::Debugger::kNone;
  if (text == "all") return enfold::Debugger::kAll;
  return std::nullopt;
}

std::optional<enfold::Profiler> profiler_named(std::string_view text) {
  if (text == "map") return enfold::Profiler::kPerfMap;
  if (text == "jitdump") return enfold::Profiler::kJitDump;
  return std::nullopt;
}

void add_command_options(CLI::App& app, Raw& raw, Arguments& arguments) {
  if (arguments.command == Command::kRun) {
    app.add_flag("--gdb{all}", raw.debugger, "show debuggers none, debug (what has debug information) or all objects")
        ->option_text("[=WHAT]");
    app.add_option("--perf", raw.profiler, "map or jitdump: write a file of that kind for perf")->option_text("KIND");
    app.add_flag("--stats", arguments.stats, "print times and sizes on standard error before the entry is called");
    app.add_flag("--explain-crash", arguments.explain_crash, "say where a fatal signal hit the program");
    app.add_flag("--watch", arguments.link.replaceable, "replace the running code whenever a FILE changes");
    return;
  }
  app.add_flag("--json", arguments.json, "print JSON");
  app.add_flag("--sections", arguments.sections, "list sections and symbols, too");
  app.add_flag("--strict", arguments.strict, "end with status 125 when a symbol is unresolved");
}

Input input_from_file(const std::string& path, bool whole_archive) {
  if (path == "-") return {.kind = Input::Kind::kStandardInput, .text = path, .whole_archive = whole_archive};
  auto kind = source_language(path) ? Input::Kind::kSource : Input::Kind::kFile;
  return {.kind = kind, .text = path, .whole_archive = whole_archive};
}

// CLI11 sorts values by option; parse_order() says how they were interleaved.
std::vector<Input> inputs_in_order(const CLI::App& app, const Ordered& ordered) {
  std::vector<Input> inputs;
  std::size_t file = 0, library = 0;
  bool whole_archive = false;
  for (const CLI::Option* option : app.parse_order()) {
    if (option == ordered.whole_archive) whole_archive = true;
    if (option == ordered.no_whole_archive) whole_archive = false;
    if (option == ordered.files) {
      inputs.push_back(input_from_file(ordered.files->results().at(file++), whole_archive));
    } else if (option == ordered.libraries) {
      inputs.push_back({Input::Kind::kLibrary, ordered.libraries->results().at(library++), whole_archive});
    }
  }
  return inputs;
}

std::optional<std::string> parse_definitions(const std::vector<std::string>& texts, LinkArguments& link) {
  for (const std::string& text : texts) {
    std::size_t equals = text.find('=');
    std::optional<std::uint64_t> address;
    if (equals != std::string::npos && equals != 0) address = parse_address(std::string_view(text).substr(equals + 1));
    if (!address) return fmt::format("--define {}: expected SYM=ADDR, where ADDR is a 64-bit number", text);
    link.definitions.emplace_back(text.substr(0, equals), *address);
  }
  return std::nullopt;
}

// "dir/hello.c" runs as "dir/hello", as if it had been linked to a file of that name.
std::string program_name(const std::vector<Input>& inputs) {
  auto is_library = [](const Input& input) { return input.kind == Input::Kind::kLibrary; };
  auto first = std::find_if_not(inputs.begin(), inputs.end(), is_library);
  if (first == inputs.end()) return inputs.front().text;
  const std::string& path = first->text;
  std::size_t name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
  std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot <= name) return path;
  return path.substr(0, dot);
}

std::optional<std::string> check(const Raw& raw, LinkArguments& link) {
  if (link.inputs.empty()) return "no input files";
  auto is_stdin = [](const Input& input) { return input.kind == Input::Kind::kStandardInput; };
  if (std::count_if(link.inputs.begin(), link.inputs.end(), is_stdin) > 1) return "standard input (-) given twice";
  for (const std::string& flags : raw.compile_flags) {
    for (std::string& word : split_words(flags)) link.compile_flags.push_back(std::move(word));
  }
  for (const std::string& flag : raw.f_flags) link.compile_flags.push_back("-f" + flag);
  if (link.name.empty()) link.name = program_name(link.inputs);
  if (!raw.map_path.empty()) link.map_path = raw.map_path;
  for (const std::string& path : raw.base) link.base.push_back(input_from_file(path, true));
  if (std::any_of(link.base.begin(), link.base.end(), is_stdin)) return "standard input (-) cannot be a --base";
  if (!raw.memory.empty()) {
    auto kind = memory_kind(raw.memory);
    if (!kind) return fmt::format("--memory {}: expected auto, alias, forced or strict", raw.memory);
    link.memory = *kind;
  }
  if (!raw.debugger.empty()) {
    auto debugger = debugger_named(raw.debugger);
    if (!debugger) return fmt::format("--gdb={}: expected none, debug or all", raw.debugger);
    link.debugger = *debugger;
  }
  if (!raw.profiler.empty()) {
    auto profiler = profiler_named(raw.profiler);
    if (!profiler) return fmt::format("--perf {}: expected map or jitdump", raw.profiler);
    link.profiler = *profiler;
  }
  std::error_code error;
  if (link.replaceable) link.directory = std::filesystem::current_path(error);
  if (error) return fmt::format("--watch: the working directory has no name: {}", error.message());
  link.relax = !raw.no_relax;
  link.shared_object = !raw.no_shared_object;
  link.default_libs = !raw.no_default_libs;
  return parse_definitions(raw.definitions, link);
}

Finished usage_error(std::string_view command, std::string_view message) {
  return {kOwnError, fmt::format("{}\nTry 'enfold{}{} --help'.", message, command.empty() ? "" : " ", command)};
}

Ordered add_options(CLI::App& app, Raw& raw, Arguments& arguments) {
  Ordered ordered = add_input_options(app, raw, arguments.link);
  add_link_options(app, raw, arguments.link);
  add_command_options(app, raw, arguments);
  return ordered;
}

std::variant<Arguments, Finished> parse_command(Command command, std::string_view name,
                                                std::vector<std::string> words) {
  Arguments arguments;
  arguments.command = command;
  bool run = command == Command::kRun;
  CLI::App app(run ? "Link FILEs into this process and run them" : "Print what linking FILEs would need",
               fmt::format("enfold {}", name));
  if (run) app.footer("Everything after --, or after a FILE that begins with #!, is the program's.");
  app.formatter(std::make_shared<Formatter>(run));
  Raw raw;
  Ordered ordered = add_options(app, raw, arguments);
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return Finished{0, app.help()};
  } catch (const CLI::ParseError& e) {
    return usage_error(name, e.what());
  }
  arguments.link.inputs = inputs_in_order(app, ordered);
  if (auto message = check(raw, arguments.link)) return usage_error(name, *message);
  if (arguments.json && arguments.link.map_path == "-") return usage_error(name, "--json and --map - want one place");
  return arguments;
}

// Splits at the first "--", so that no word behind it is ever taken for an option.
std::vector<std::string> take_program_arguments(std::vector<std::string>& words) {
  auto separator = std::find(words.begin(), words.end(), "--");
  if (separator == words.end()) return {};
  std::vector<std::string> rest(separator + 1, words.end());
  words.erase(separator, words.end());
  return rest;
}

// Does the next word belong to this one, which is an option?
bool takes_next_word(const CLI::App& app, const std::string& word) {
  const bool is_short = word.size() == 2, is_long = word.starts_with("--") && word.find('=') == word.npos;
  const CLI::Option* option = is_short || is_long ? app.get_option_no_throw(word) : nullptr;
  return option != nullptr && option->get_items_expected_min() > 0;
}

// Of the first word that is no option.
std::size_t first_file(const std::vector<std::string>& words) {
  Arguments arguments;
  Raw raw;
  CLI::App app;
  add_options(app, raw, arguments);
  std::size_t i = 1;
  while (i < words.size() && words[i].starts_with('-') && words[i] != "-") {
    i += takes_next_word(app, words[i]) ? std::size_t{2} : std::size_t{1};
  }
  return i;
}

}  // namespace

std::vector<std::string> with_script_arguments(std::vector<std::string> words) {
  if (words.empty() || !words[0].starts_with("run")) return words;
  std::vector<std::string> first = split_words(words[0]);
  words.erase(words.begin());
  words.insert(words.begin(), first.begin(), first.end());
  const std::size_t script = first_file(words);
  if (script + 1 >= words.size() || words[script + 1] == "--") return words;
  const auto separator = std::find(words.begin(), words.end(), "--");
  if (separator - words.begin() < static_cast<std::ptrdiff_t>(script) || !is_script(words[script])) return words;
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(script) + 1, "--");
  return words;
}

std::variant<Arguments, Finished> parse_arguments(std::vector<std::string> words) {
  std::string first = words.empty() ? "" : words.front();
  if (first == "--help" || first == "-h" || first == "help") return Finished{0, std::string(kHelp)};
  if (first == "--version" || first == "-v") return Finished{0, "enfold " ENFOLD_VERSION "\n"};
  if (first != "run" && first != "plan") {
    return usage_error("", first.empty() ? "no command; expected run or plan"
                                         : fmt::format("unknown command '{}'; expected run or plan", first));
  }
  words.erase(words.begin());
  std::vector<std::string> program_arguments = take_program_arguments(words);
  bool run = first == "run";
  auto parsed = parse_command(run ? Command::kRun : Command::kPlan, first, std::move(words));
  if (auto* arguments = std::get_if<Arguments>(&parsed)) {
    if (!run && !program_arguments.empty())
      return usage_error(first, "plan runs nothing: it takes no arguments after --");
    arguments->program_arguments = std::move(program_arguments);
  }
  return parsed;
}

}  // namespace tool
