// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What stands behind the C interface's handles, and what crosses it: errors, structs of several versions, enumerators.
// An enfold_plan is never made: it is another name of a Plan's address, so that a linked set can lend its own.
#ifndef ENFOLD_CAPI_HANDLES_H_
#define ENFOLD_CAPI_HANDLES_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <enfold/c.h>
#include <enfold/enfold.h>

// An error, or the part of one that is a cause; without `error` it is the one that says that there is no memory.
struct enfold_error {
  struct Text {
    std::once_flag made{};
    std::string text{};
  };
  std::unique_ptr<enfold::Error> owned{};
  const enfold::Error* error = nullptr;
  std::unique_ptr<enfold_error[]> causes{};  // as many as `error` has
  std::unique_ptr<Text> text{};              // made when it is asked for
};

struct enfold_session {
  std::unique_ptr<enfold::Session> session;
};

struct enfold_object_set {
  enfold::ObjectSet set;
  const char* fault = nullptr;  // the first call that made no sense; a literal
  bool out_of_memory = false;   // something could not be added
};

struct enfold_linked_set {
  std::optional<enfold::LinkedSet> set{};
};

struct enfold_users {
  std::vector<enfold::SetUse> uses;
};

namespace enfold::capi {

inline enfold_plan* handle(Plan* plan) { return reinterpret_cast<enfold_plan*>(plan); }
inline const enfold_plan* handle(const Plan* plan) { return reinterpret_cast<const enfold_plan*>(plan); }
inline const Plan* behind(const enfold_plan* plan) { return reinterpret_cast<const Plan*>(plan); }

// The views that the library hands out are of literals and of whole std::strings: they end with a zero.
inline const char* c_string(std::string_view text) { return text.data() == nullptr ? "" : text.data(); }

enfold_place place_of(const Place& place);

// Fills a struct of the caller's, who may know fewer members, or more.
template <class T>
void give(const T& value, T* out, std::size_t size) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (out == nullptr) return;
  std::memset(static_cast<void*>(out), 0, size);
  std::memcpy(static_cast<void*>(out), &value, std::min(size, sizeof value));
}

// Reads one. Errors: kUnsupported, when it asks for what is not known here.
template <class T>
Expected<T> taken(const T* in, std::size_t size) {
  static_assert(std::is_trivially_copyable_v<T>);
  T out{};
  if (in == nullptr) return out;
  std::memcpy(static_cast<void*>(&out), in, std::min(size, sizeof out));
  const auto* bytes = reinterpret_cast<const unsigned char*>(in);
  const auto is_set = [](unsigned char byte) { return byte != 0; };
  if (size > sizeof out && std::any_of(bytes + sizeof out, bytes + size, is_set)) {
    return std::unexpected(Error(ErrorCode::kUnsupported, "an option that this version does not know")
                               .with_cure("link with the library whose enfold/c.h the program was compiled with"));
  }
  return out;
}

// The C++ enumerator of the same value, if it is one: `last` is the greatest. What comes from C may be any number, which
// C++ must not even load as an enumerator.
template <class To, class From>
std::optional<To> enumerator(const From& from, To last) {
  static_assert(sizeof from == sizeof(unsigned));
  unsigned at = 0;
  std::memcpy(&at, &from, sizeof at);
  if (at > static_cast<unsigned>(last)) return std::nullopt;
  return static_cast<To>(at);
}

}  // namespace enfold::capi

#endif  // ENFOLD_CAPI_HANDLES_H_
