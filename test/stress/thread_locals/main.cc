// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold-thread-stress OBJECT...: threads link and unload sets with thread-local storage, each in every model, while
// others come and go that use what is linked, and what one set has had for all the time.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

namespace {

constexpr int kRounds = 600, kLinkers = 3;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "enfold-thread-stress: %s\n", what.c_str());
  std::exit(1);
}

template <class T>
T must(enfold::Expected<T> result) {
  if (!result) fail(result.error().text());
  return std::move(*result);
}

using Bytes = std::vector<char>;

Bytes contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

enfold::LinkedSet link(enfold::Session& session, const Bytes& bytes) {
  enfold::ObjectSet set("counter");
  set.options().visibility = enfold::Visibility::kPrivate;
  set.add_bytes(std::as_bytes(std::span(bytes)), "counter.o");
  return must(session.link(std::move(set)));
}

// Three calls of a thread that has not called before.
void use(int (*step)()) {
  for (int i = 0; i < 3; ++i) {
    if (const int n = step(); n != 48 + i) fail("a thread began with " + std::to_string(n));
  }
}

void link_and_unload(enfold::Session& session, const std::vector<Bytes>& objects) {
  for (int i = 0; i < kRounds; ++i) {
    enfold::LinkedSet set = link(session, objects[static_cast<std::size_t>(i) % objects.size()]);
    const auto step = must(set.function<int()>("step"));
    use(step);
    std::jthread(use, step).join();
    if (auto done = set.unload(); !done) fail(done.error().text());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Bytes> objects;
  for (int i = 1; i < argc; ++i) objects.push_back(contents(argv[i]));
  if (objects.empty()) fail("no object is named");
  const std::unique_ptr<enfold::Session> session = must(enfold::Session::create());
  std::vector<enfold::LinkedSet> lasting;
  for (const Bytes& bytes : objects) lasting.push_back(link(*session, bytes));
  std::atomic<bool> done = false;
  std::jthread others([&] {
    while (!done) {
      for (const enfold::LinkedSet& set : lasting) std::jthread(use, must(set.function<int()>("step"))).join();
    }
  });
  {
    std::vector<std::jthread> linkers;
    for (int i = 0; i < kLinkers; ++i) linkers.emplace_back([&] { link_and_unload(*session, objects); });
  }
  done = true;
}
