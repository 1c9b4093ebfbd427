// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sources on the command line are compiled by $CC or $CXX to objects in a private directory that is gone again before
// anything is linked. Compilers can not write an object to a pipe (assemblers seek), hence the detour over files.
#ifndef ENFOLD_TOOL_COMPILE_H_
#define ENFOLD_TOOL_COMPILE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

enum class Language : std::uint8_t {
  kC,    // and assembler: $CC, or cc
  kCxx,  // $CXX, or c++
};

// By the suffix, as compilers tell it, or C for a script without one (script.h); nothing for what is no source.
std::optional<Language> source_language(const std::string& path);

// $CC or $CXX, which may hold arguments, or the usual one.
std::vector<std::string> compiler(Language language);

struct CompileOptions {
  std::vector<std::string> flags;
  bool replaceable = false;  // as code that is to be replaced while it runs
};

// The objects of `sources`, in order. Compilers print on our standard error. The error is what to say after that.
// A signal that would end this process ends the compilers, cleans up and then ends us.
std::expected<std::vector<std::vector<std::byte>>, std::string> compile(const std::vector<std::string>& sources,
                                                                        const CompileOptions& options);

}  // namespace tool

#endif  // ENFOLD_TOOL_COMPILE_H_
