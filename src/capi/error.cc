// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "capi/guard.h"
#include "capi/handles.h"

namespace enfold::capi {
namespace {

constexpr char kOutOfMemory[] = "out of memory";

// Of use until the process ends, and ready before any constructor runs.
union Immortal {
  constexpr Immortal() : error() {}
  ~Immortal() {}
  enfold_error error;
};
constinit Immortal no_memory;

void refer(enfold_error& handle, const Error& error) {
  handle.error = &error;
  handle.text = std::make_unique<enfold_error::Text>();
  const std::vector<Error>& causes = error.causes();
  if (causes.empty()) return;
  handle.causes = std::make_unique<enfold_error[]>(causes.size());
  for (std::size_t i = 0; i < causes.size(); ++i) refer(handle.causes[i], causes[i]);
}

const Error* behind(const enfold_error* error) { return error == nullptr ? nullptr : error->error; }
bool is_out_of_memory(const enfold_error* error) { return error != nullptr && error->error == nullptr; }

}  // namespace

enfold_error* out_of_memory() noexcept { return &no_memory.error; }

enfold_error* made(Error error) {
  auto handle = std::make_unique<enfold_error>();
  handle->owned = std::make_unique<Error>(std::move(error));
  refer(*handle, *handle->owned);
  return handle.release();
}

enfold_error* made_of_exception(const char* what) noexcept {
  try {
    return made(Error(ErrorCode::kRuntime, fmt::format("an exception was thrown: {}", what)));
  } catch (...) {
    return out_of_memory();
  }
}

enfold_place place_of(const Place& place) {
  return {.object = place.object.c_str(),
          .section = place.section.c_str(),
          .symbol = place.symbol.c_str(),
          .relocation = place.relocation.c_str(),
          .offset = place.offset.value_or(0),
          .has_offset = place.offset.has_value()};
}

}  // namespace enfold::capi

using namespace enfold::capi;

enfold_code enfold_error_code(const enfold_error* error) {
  if (is_out_of_memory(error)) return ENFOLD_CODE_MEMORY;
  return error == nullptr ? ENFOLD_CODE_NONE : static_cast<enfold_code>(static_cast<int>(behind(error)->code()) + 1);
}

const char* enfold_error_message(const enfold_error* error) {
  if (is_out_of_memory(error)) return kOutOfMemory;
  return error == nullptr ? "" : behind(error)->message().c_str();
}

const char* enfold_error_text(const enfold_error* error) {
  if (error == nullptr || is_out_of_memory(error)) return enfold_error_message(error);
  try {
    std::call_once(error->text->made, [error] { error->text->text = error->error->text(); });
    return error->text->text.c_str();
  } catch (...) {  // no memory for it
    return enfold_error_message(error);
  }
}

const char* enfold_error_cure(const enfold_error* error) {
  return behind(error) == nullptr ? "" : behind(error)->cure().c_str();
}

void enfold_error_place(const enfold_error* error, enfold_place* place, size_t size) {
  static const enfold::Place nowhere;
  give(place_of(behind(error) == nullptr ? nowhere : behind(error)->place()), place, size);
}

bool enfold_error_range(const enfold_error* error, enfold_range* range, size_t size) {
  if (behind(error) == nullptr || !behind(error)->range()) return false;
  const enfold::RangeViolation& violation = *behind(error)->range();
  give({.value = violation.value, .lo = violation.lo, .hi = violation.hi}, range, size);
  return true;
}

size_t enfold_error_cause_count(const enfold_error* error) {
  return behind(error) == nullptr ? 0 : behind(error)->causes().size();
}

const enfold_error* enfold_error_cause(const enfold_error* error, size_t index) {
  return index < enfold_error_cause_count(error) ? &error->causes[index] : nullptr;
}

void enfold_error_free(enfold_error* error) {
  if (error != out_of_memory()) delete error;
}

size_t enfold_demangle(const char* symbol, char* buffer, size_t size) {
  const std::string_view mangled = symbol == nullptr ? "" : symbol;
  const auto copy = [&](std::string_view text) {
    if (buffer == nullptr || size == 0) return text.size();
    buffer[text.copy(buffer, size - 1)] = '\0';
    return text.size();
  };
  try {
    return copy(enfold::demangle(mangled));
  } catch (...) {  // no memory for it
    return copy(mangled);
  }
}
