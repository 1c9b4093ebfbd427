// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "program_dlopen.h"

#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace tool {
namespace {

const std::string* origin;  // a pointer has no destructor

std::string with_origin(std::string path) {
  for (const std::string_view token : {"${ORIGIN}", "$ORIGIN"}) {
    for (std::size_t at = path.find(token); at != path.npos; at = path.find(token, at + origin->size())) {
      path.replace(at, token.size(), *origin);
    }
  }
  return path;
}

}  // namespace

void set_program_origin(const std::string& program) {
  const std::size_t slash = program.rfind('/');
  const std::string folder = slash == program.npos ? "." : program.substr(0, slash + 1);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(folder.c_str(), nullptr), std::free);
  origin = new std::string(real ? real.get() : folder);
}

void* program_dlopen(const char* file, int mode) {
  if (file == nullptr || std::string_view(file).find('$') == std::string_view::npos) return ::dlopen(file, mode);
  return ::dlopen(with_origin(file).c_str(), mode);
}

}  // namespace tool
