// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold-storm: everything at once. Threads link, use each other's sets, share slots, replace, unload all, throw, start
// threads with thread-locals, open and close libraries and fork, in several sessions with memory of each kind, while a
// signal describes addresses. What hangs is told by a watchdog. At the end nothing may be left.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "actor.h"
#include "signals.h"
#include "world.h"

namespace enfold::storm {
namespace {

constexpr int kPatience = kSanitizer ? 240 : 60;  // seconds for one thing that a thread does

struct Arguments {
  std::uint64_t seed = std::random_device{}();
  double seconds = 10;
  int threads = 6;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) fail("usage: [--seed N] [--seconds S] [--threads T]");
    if (option == "--seed")
      arguments.seed = std::strtoull(argv[i + 1], nullptr, 10);
    else if (option == "--seconds")
      arguments.seconds = std::strtod(argv[i + 1], nullptr);
    else if (option == "--threads")
      arguments.threads = std::clamp(std::atoi(argv[i + 1]), 1, kMostThreads);
    else
      fail("there is no option " + std::string(option));
  }
  return arguments;
}

void add_place(World& world, MemoryKind memory, bool calm) {
  auto place = std::make_unique<Place>();
  place->session = new_session(memory, calm);
  place->memory = memory;
  place->calm = calm;
  place->number = static_cast<int>(world.places.size());
  world.places.push_back(std::move(place));
}

// Returns the address of its base function.
std::uint64_t link_lasting(World& world) {
  Place& calm = *world.places[0];
  ObjectSet set("lasting");
  set.options().visibility = Visibility::kPrivate;
  set.add_bytes(object(world, "base default 1"), "base.o");
  Expected<LinkedSet> linked = calm.session->link(std::move(set));
  if (!linked) fail(linked.error().text());
  calm.lasting = std::make_unique<LinkedSet>(std::move(*linked));
  return value(*calm.lasting->address("storm_base"));
}

std::size_t descriptor_count() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

void run_threads(World& world, const Arguments& arguments) {
  std::vector<std::unique_ptr<Actor>> actors;
  for (int i = 0; i < arguments.threads; ++i) actors.push_back(std::make_unique<Actor>(world, i));
  std::vector<std::thread> threads;
  for (const auto& actor : actors) threads.emplace_back([&actor] { actor->run(); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(arguments.seconds);
  while (std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  world.stop = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& actor : actors) world.counts.add(actor->counts());
}

void check_nothing_left(World& world) {
  for (const auto& place : world.places) {
    for (auto& shown : place->board) shown.reset();
    place->lasting.reset();
    place->session->trim();
    const MemoryUse use = place->session->memory_use();
    if (use.block_count != 0 || use.granted != 0) {
      fail(std::to_string(use.block_count) + " blocks are left of session " + std::to_string(place->number));
    }
  }
  if (living() != 0) fail(std::to_string(living()) + " objects are constructed and not destroyed");
}

int run(const Arguments& arguments) {
  World world(arguments.seed);
  add_place(world, MemoryKind::kAutomatic, true);
  for (const MemoryKind memory : {MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict}) {
    add_place(world, memory, false);
  }
  const Watchdog watchdog(kPatience);
  start_signals(world, link_lasting(world));
  run_threads(world, arguments);
  stop_signals();
  check_nothing_left(world);
  std::printf("enfold-storm: good: seed %llu, %d threads, %g seconds: %s; %llu signals found %llu addresses\n",
              static_cast<unsigned long long>(arguments.seed), arguments.threads, arguments.seconds,
              world.counts.text().c_str(), static_cast<unsigned long long>(signals_seen()),
              static_cast<unsigned long long>(addresses_found()));
  return 0;
}

}  // namespace
}  // namespace enfold::storm

int main(int argc, char** argv) {
  using namespace enfold::storm;
  const Arguments arguments = parse(argc, argv);
  set_failure_head("seed " + std::to_string(arguments.seed) + ", " + std::to_string(arguments.threads) + " threads");
  doings();
  const std::size_t before = descriptor_count();
  const int status = run(arguments);
  // A few files are kept for sessions to come.
  if (descriptor_count() > before + 8) fail("file descriptors are left");
  return status;
}
