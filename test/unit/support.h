// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What most tests need: sets made of snippets, and results without their errors.
#ifndef ENFOLD_TEST_UNIT_SUPPORT_H_
#define ENFOLD_TEST_UNIT_SUPPORT_H_

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <enfold/enfold.h>

#include "compile.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ENFOLD_TEST_SHADOW_MEMORY 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ENFOLD_TEST_SHADOW_MEMORY 1
#endif

// Linked code has nothing in front of its functions for -fsanitize=function to look at.
#if defined(__clang__)
#define ENFOLD_CALLS_LINKED_CODE [[clang::no_sanitize("function")]]
#else
#define ENFOLD_CALLS_LINKED_CODE
#endif

namespace enfold::test {

// A sanitizer maps memory of its own at any time: address maps cannot be compared.
#if defined(ENFOLD_TEST_SHADOW_MEMORY)
inline constexpr bool kShadowMemory = true;
#else
inline constexpr bool kShadowMemory = false;
#endif

// The value, or a failed test with the error's text.
template <class T>
T must(Expected<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
Error error_of(Expected<T> result) {
  if (result) throw std::runtime_error("an error was expected");
  return std::move(result).error();
}

struct NamedObject {
  std::string name;
  ObjectBytes bytes;
};

inline ObjectSet set_of(std::initializer_list<NamedObject> objects, std::string name = "set") {
  ObjectSet set(std::move(name));
  for (const NamedObject& object : objects) set.add_bytes(object.bytes, object.name);
  return set;
}
inline ObjectSet set_of(ObjectBytes object, std::string name = "set") {
  return set_of({{"a.o", object}}, std::move(name));
}

inline ObjectSet private_set(ObjectBytes object, std::string name = "private") {
  ObjectSet set = set_of(object, std::move(name));
  set.options().visibility = Visibility::kPrivate;
  return set;
}

inline std::unique_ptr<Session> new_session() {
  SessionOptions options;
  options.detail = Detail::kSummary;
  return must(Session::create(std::move(options)));
}

template <class Signature>
Signature* function(const LinkedSet& set, const char* name) {
  return must(set.function<Signature>(name));
}

// Calls a function of the set.
template <class Signature, class... Arguments>
ENFOLD_CALLS_LINKED_CODE auto call(const LinkedSet& set, const char* name, Arguments... arguments) {
  return function<Signature>(set, name)(arguments...);
}

template <class Pointer>
TargetAddr target(Pointer* pointer) {
  return TargetAddr{reinterpret_cast<std::uint64_t>(pointer)};
}

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_SUPPORT_H_
