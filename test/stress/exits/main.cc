// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold-exit-stress OBJECT: threads link sets with static objects and unload them, at random and all at once, while
// another registers handlers with the C library and takes them back. What lives at the end goes with exit(), among more
// that come and go. Each handler has to run once, in its set's order.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include <enfold/enfold.h>

extern "C" int __cxa_atexit(void (*function)(void*), void* argument, void* handle);
extern "C" void __cxa_finalize(void* handle);

namespace {

constexpr int kRounds = 5000, kThreads = 4, kHandlers = 4;
constexpr std::size_t kLive = 8;

std::atomic<long> linked = 0, ran = 0, out_of_turn = 0;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "enfold-exit-stress: %s\n", what.c_str());
  std::_Exit(1);
}

template <class T>
T must(enfold::Expected<T> result) {
  if (!result) fail(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void exits_ran(bool in_turn) {
  ++ran;
  if (!in_turn) ++out_of_turn;
}

enfold::LinkedSet link(enfold::Session& session, std::span<const std::byte> object) {
  enfold::ObjectSet set("object");
  set.options().visibility = enfold::Visibility::kPrivate;
  set.add_bytes(object, "object.o");
  enfold::LinkedSet live = must(session.link(std::move(set)));
  ++linked;
  return live;
}

// Another thread may unload any of them at any time, by unload_all(), so their code is not called.
void link_and_unload(enfold::Session& session, std::span<const std::byte> object, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<enfold::LinkedSet> live;
  for (int i = 0; i < kRounds; ++i) {
    if (live.size() == kLive) {
      std::swap(live[random() % kLive], live.back());
      if (random() % 2 == 0) static_cast<void>(live.back().unload());
      live.pop_back();
    }
    live.push_back(link(session, object));
  }
}

// By the last handler that exit() runs.
void check() {
  if (out_of_turn != 0) fail(std::to_string(out_of_turn) + " handlers ran out of turn");
  if (ran != linked * kHandlers) {
    fail(std::to_string(ran) + " handlers ran, of " + std::to_string(linked * kHandlers));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::atexit(check) != 0) fail("no object is named");
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  const std::span object = std::as_bytes(std::span(bytes));
  static const std::unique_ptr<enfold::Session> session = must(enfold::Session::create());
  must(session->define("exits_ran", enfold::TargetAddr{reinterpret_cast<std::uint64_t>(&exits_ran)},
                       enfold::HostSymbolKind::kFunction));
  std::atomic<bool> done = false;
  std::jthread others([&] {
    while (!done) {
      if (__cxa_atexit([](void*) {}, nullptr, &done) != 0) fail("the C library takes no handler");
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      __cxa_finalize(&done);
      static_cast<void>(session->unload_all());  // refused while sets are being linked
    }
  });
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i <= kThreads; ++i) {
      threads.emplace_back([&, i] { link_and_unload(*session, object, i); });
    }
  }
  done = true;
  others.join();
  static std::vector<enfold::LinkedSet> live;
  for (int i = 0; i < 100; ++i) {
    live.push_back(link(*session, object));
    if (i % 10 == 0 && __cxa_atexit([](void*) {}, nullptr, nullptr) != 0) fail("the C library takes no handler");
  }
  std::exit(0);
}
