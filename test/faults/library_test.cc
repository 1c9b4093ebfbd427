// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library, with the n-th allocation, mapping, thread, open or read refused, for every n; and with all allocations
// from the n-th on refused, so that giving back has none either. Each call gives a value or an error, nothing is thrown
// or left behind, and the session works on. library_test SET.o USER.o LARGE.o
#include <enfold/enfold.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "inject.h"

namespace {

using enfold::Error;
using enfold::ErrorCode;
using enfold::Expected;
using enfold::LinkedSet;
using enfold::ObjectSet;
using enfold::Session;

[[noreturn]] void fail(const std::string& what) {
  std::printf("%s\n", what.c_str());
  std::exit(1);
}

// What is refused is what the process has not, or a file cannot be read.
bool is_expected(ErrorCode code) {
  return code == ErrorCode::kMemory || code == ErrorCode::kIo || code == ErrorCode::kRuntime ||
         code == ErrorCode::kUndefinedSymbol || code == ErrorCode::kNotFound;
}

std::optional<ErrorCode> failure;

template <class T>
bool well(const Expected<T>& result) {
  if (!result && !failure) failure = result.error().code();
  return result.has_value();
}

ObjectSet set_of(const char* name, const char* file) {
  ObjectSet set(name);
  set.add_file(file);
  return set;
}

// Sets are made before anything is refused.
struct Inputs {
  ObjectSet set, next, user, large;

  explicit Inputs(char** files)
      : set(set_of("set", files[1])),
        next(set_of("set", files[1])),
        user(set_of("user", files[2])),
        large(set_of("large", files[3])) {
    set.options().replaceable = enfold::Replaceable::kByOthers;
    user.options().visibility = enfold::Visibility::kPrivate;
  }
};

void describe(const Session& session, const LinkedSet& set) {
  const auto address = set.address("answer");
  if (!well(address)) return;
  enfold::AddressNote note;
  if (!session.describe(*address, note) || note.symbol != "answer") fail("its function is not described");
}

// Until something is refused.
void go_through(Session& session, Inputs inputs, bool with_large) {
  if (with_large) {
    auto large = session.link(std::move(inputs.large));
    if (!well(large) || !well(large->unload())) return;
    return;
  }
  auto set = session.link(std::move(inputs.set));
  if (!well(set)) return;
  auto answer = set->function<int(int)>("answer");
  if (!well(answer) || (*answer)(1) != 56) return;
  describe(session, *set);
  auto user = session.link(std::move(inputs.user));
  if (!well(user)) return;
  if (set->unload()) fail("a set in use was unloaded");
  auto old = session.replace(*set, std::move(inputs.next), {.keep_state = true});
  if (!well(old)) return;
  describe(session, *set);
  auto twice = user->function<int(int)>("twice");
  if (!well(twice)) return;
  (void)well(session.define("name that does not fit into a string itself", enfold::TargetAddr{4096}));
  (void)well(session.unload_all());
}

// Whether anything was refused.
bool try_one(FaultKind kind, long n, bool more, bool with_large, char** files) {
  Inputs inputs(files);
  failure.reset();
  bool refused = false;
  {
    enfold_fault_set(kind, n, more);
    enfold::SessionOptions options;
    options.thread_count = 4;
    auto session = Session::create(std::move(options));
    if (well(session)) go_through(**session, std::move(inputs), with_large);
    refused = enfold_fault_clear() != 0;
    if (failure && !is_expected(*failure)) fail("error: " + std::string(name(*failure)));
    if (failure && !refused) fail("an error, though nothing was refused: " + std::string(name(*failure)));
    if (session) {
      if (auto gone = (*session)->unload_all(); !gone) fail(gone.error().text());
      if ((*session)->memory_use().block_count != 0) fail("blocks are left");
      auto again = (*session)->link(set_of("again", files[2]));
      if (again || again.error().code() != ErrorCode::kUndefinedSymbol) fail("sets are still visible");
    }
  }
  return refused;
}

// 0, 1, 2, ... until nothing is refused; once the time is up, in growing steps, unless all are to be tried.
void try_all(FaultKind kind, bool more, bool with_large, bool all, char** files) {
  constexpr auto kBudget = std::chrono::seconds(6);
  const auto end = std::chrono::steady_clock::now() + kBudget;
  std::printf("kind %d%s%s: ", kind, more ? ", all that follow" : "", with_large ? ", large" : "");
  std::fflush(stdout);
  long n = 0, step = 1, tried = 0;
  for (; try_one(kind, n, more, with_large, files); n += step, ++tried) {
    if (!all && std::chrono::steady_clock::now() > end) step += step / 2 + 1;
  }
  std::printf("%ld of %ld or less\n", tried, n);
}

}  // namespace

// library_test SET USER LARGE [all]
int main(int argc, char** argv) {
  const bool all = argc > 4;
  try_one(kFaultKindCount, 0, false, false, argv);  // what the process makes once
  for (const bool with_large : {false, true}) {
    for (const bool more : {false, true}) {
      for (int kind = 0; kind < (more ? 1 : kFaultKindCount); ++kind) {
        try_all(static_cast<FaultKind>(kind), more, with_large, all, argv);
      }
    }
  }
}
