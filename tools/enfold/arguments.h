// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line as data. A linker's command line is a sequence: libraries and --whole-archive act by their place
// among the files, so inputs are kept in the order in which they were given.
#ifndef ENFOLD_TOOL_ARGUMENTS_H_
#define ENFOLD_TOOL_ARGUMENTS_H_

#include <enfold/memory.h>
#include <enfold/session.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "start.h"

namespace tool {

enum class Command : std::uint8_t { kRun, kPlan };

struct Input {
  enum class Kind : std::uint8_t {
    kFile,           // object, archive, shared library
    kSource,         // C, C++ or assembler
    kStandardInput,  // an object or archive on standard input
    kLibrary,        // -lNAME
  };
  Kind kind = Kind::kFile;
  std::string text{};  // path, or NAME of -lNAME
  bool whole_archive = false;
};

struct LinkArguments {
  std::vector<Input> inputs;
  std::vector<Input> base;  // linked first, as a set of their own
  std::vector<std::string> search_directories;
  std::vector<std::pair<std::string, std::uint64_t>> definitions;
  std::vector<std::string> compile_flags;
  std::string entry = "main";
  std::string name;  // never empty once parsed
  std::optional<std::string> map_path;
  bool gc_sections = false;
  bool relax = true;
  bool copy_data = false;
  bool static_thread_storage = false;
  bool default_libs = true;
  bool replaceable = false;  // new versions may take the program's place while it runs
  bool shared_object = true;   // the process's dynamic linker knows the program
  std::string directory;     // where names are relative to, when replaceable: the program may go elsewhere
  enfold::MemoryKind memory = enfold::MemoryKind::kAutomatic;
  enfold::Debugger debugger = enfold::Debugger::kWithDebugInformation;
  enfold::Profiler profiler = enfold::Profiler::kNone;
  unsigned thread_count = 0;  // 0: as many as the process may run

  bool reads_standard_input() const {
    return std::ranges::any_of(inputs, [](const Input& i) { return i.kind == Input::Kind::kStandardInput; });
  }
};

struct Arguments {
  Command command = Command::kRun;
  Start start;
  LinkArguments link;
  std::vector<std::string> program_arguments;  // what follows "--"
  bool stats = false;                          // run
  bool explain_crash = false;                  // run
  bool json = false;                           // plan
  bool strict = false;                         // plan
  bool sections = false;                       // plan
};

// The command line asked for no work (--help), or made no sense.
struct Finished {
  int status = 0;
  std::string text;  // for standard output when status is 0, else an error message
};

// What follows a script that is the first file of `run` is the program's: puts "--" between. What the kernel hands over
// as one word, with all that stands behind the tool's name in the script's first line, becomes several.
std::vector<std::string> with_script_arguments(std::vector<std::string> words);

// `words` are those behind argv[0].
std::variant<Arguments, Finished> parse_arguments(std::vector<std::string> words);

}  // namespace tool

#endif  // ENFOLD_TOOL_ARGUMENTS_H_
