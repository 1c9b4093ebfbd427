// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sanitizers.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "compile.h"
#include "read_all.h"

namespace tool {
namespace {

struct Sanitizer {
  std::string_view flag;     // of -fsanitize=
  std::string_view prefix;   // of its functions
  const char* function;      // that its run time defines, whichever one it is
  std::string_view library;  // gcc's: -lNAME
  std::string_view of_clang;
};

// In the order in which they have to be loaded. In clang's run times that of AddressSanitizer or ThreadSanitizer holds
// that of UndefinedBehaviorSanitizer, too.
constexpr std::array kSanitizers = {
    Sanitizer{"address", "__asan_", "__asan_init", "asan", "libclang_rt.asan-x86_64.so"},
    Sanitizer{"thread", "__tsan_", "__tsan_init", "tsan", "libclang_rt.tsan-x86_64.so"},
    Sanitizer{"leak", "__lsan_", "__lsan_do_leak_check", "lsan", ""},
    Sanitizer{"undefined", "__ubsan_", "__ubsan_handle_add_overflow", "ubsan",
              "libclang_rt.ubsan_standalone-x86_64.so"},
};

using Wanted = std::array<bool, kSanitizers.size()>;

// What a command prints.
std::string output_of(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = -1;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  const auto bytes = read_all(ends[0]).value_or(std::vector<std::byte>());
  ::close(ends[0]);
  if (error == 0) ::waitpid(child, nullptr, 0);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A compiler prints the bare name of a file that it does not have.
std::string find_library(const std::vector<std::string>& compiler, std::string_view name) {
  std::vector<std::string> command = compiler;
  command.push_back("-print-file-name=" + std::string(name));
  std::string path = output_of(command);
  while (path.ends_with('\n')) path.pop_back();
  if (name.empty() || !path.starts_with('/')) return {};
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  return real ? std::string(real.get()) : std::string();
}

bool is_source(const Input& input) { return input.kind == Input::Kind::kSource; }

std::vector<std::string> compiler_of(const LinkArguments& arguments) {
  const auto source = std::ranges::find_if(arguments.inputs, is_source);
  const bool any = source != arguments.inputs.end();
  return compiler(any ? source_language(source->text).value_or(Language::kC) : Language::kC);
}

std::vector<std::string> paths_of(const LinkArguments& arguments, const Wanted& wanted) {
  std::vector<std::string> paths;
  const std::vector<std::string> compiler = compiler_of(arguments);
  bool clangs = false;
  for (std::size_t i = 0; i < kSanitizers.size(); ++i) {
    const Sanitizer& sanitizer = kSanitizers[i];
    if (!wanted[i] || ::dlsym(RTLD_DEFAULT, sanitizer.function) != nullptr) continue;
    if (clangs && sanitizer.flag == "undefined") continue;
    std::string path = find_library(compiler, sanitizer.of_clang);
    clangs = clangs || !path.empty();
    if (path.empty()) path = find_library(compiler, "lib" + std::string(sanitizer.library) + ".so");
    if (!path.empty()) paths.push_back(std::move(path));
  }
  return paths;
}

// "-fsanitize=address,undefined", after which "-fno-sanitize=undefined" takes back.
void note_flag(std::string_view flag, Wanted& wanted) {
  constexpr std::string_view kOn = "-fsanitize=", kOff = "-fno-sanitize=";
  const bool on = flag.starts_with(kOn);
  if (!on && !flag.starts_with(kOff)) return;
  std::string_view list = flag.substr((on ? kOn : kOff).size());
  while (!list.empty()) {
    const std::size_t size = std::min(list.find(','), list.size());
    for (std::size_t i = 0; i < kSanitizers.size(); ++i) {
      if (kSanitizers[i].flag == list.substr(0, size) || (!on && list.substr(0, size) == "all")) wanted[i] = on;
    }
    list.remove_prefix(std::min(size + 1, list.size()));
  }
}

void note_undefined(const enfold::Error& error, Wanted& wanted) {
  for (std::size_t i = 0; i < kSanitizers.size(); ++i) {
    if (std::string_view(error.place().symbol).starts_with(kSanitizers[i].prefix)) wanted[i] = true;
  }
  for (const enfold::Error& cause : error.causes()) note_undefined(cause, wanted);
}

}  // namespace

std::vector<std::string> sanitizers_to_load(const LinkArguments& arguments) {
  Wanted wanted{};
  if (std::ranges::any_of(arguments.inputs, is_source)) {
    for (const std::string& flag : arguments.compile_flags) note_flag(flag, wanted);
  }
  for (const Input& input : arguments.inputs) {
    for (std::size_t i = 0; i < kSanitizers.size(); ++i) {
      if (input.kind == Input::Kind::kLibrary && input.text == kSanitizers[i].library) wanted[i] = true;
    }
  }
  if (std::ranges::none_of(wanted, [](bool any) { return any; })) return {};
  return paths_of(arguments, wanted);
}

std::vector<std::string> sanitizers_to_load(const LinkArguments& arguments, const enfold::Error& error) {
  Wanted wanted{};
  if (error.code() != enfold::ErrorCode::kUndefinedSymbol) return {};
  note_undefined(error, wanted);
  return paths_of(arguments, wanted);
}

}  // namespace tool
