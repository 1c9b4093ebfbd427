// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What guard.py measures: enfold-bench-guard DIR MEASUREMENT
//
// DIR is what peers/generate.py made. Prints a line "NAME VALUE" for what is counted here; the instructions are counted
// by valgrind, between entry and exit of enfold_guard_counted(). Each measurement begins when something small has been
// linked and unloaded, so that what a process pays once is not in the figures.
//
//   live         copies of a tiny object are linked, and stay
//   churn        one at a time is linked and unloaded
//   operations   system calls and allocations of both, not to be run under valgrind
//   any other    is the name of a program, which is linked and unloaded
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "peers/child.h"
#include "peers/objects.h"
#include "peers/peer.h"
#include "peers/warm_up.h"

namespace {
std::size_t allocation_count = 0;  // of the one thread there is
}

// The library allocates by these alone. malloc itself is counted by its instructions.
void* operator new(std::size_t size) {
  ++allocation_count;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" [[gnu::noinline]] void enfold_guard_counted(const std::function<void()>& work) {
  work();
  asm volatile("");  // returns here, so that its exit is seen
}

namespace enfold::bench {
namespace {

constexpr std::size_t kSetCount = 400;
constexpr int kSeconds = 60;

// Copies of a tiny object, in a session that has linked some before.
class TinySets {
 public:
  explicit TinySets(const Program& program)
      : copies_(make_copies(program, kSetCount + kWarmUpCount)),
        peer_(enfold_kinds().front().make()),
        live_(kSetCount) {
    warm_up(*peer_, copies_);
  }

  void link_all() {
    for (std::size_t i = 0; i < kSetCount; ++i) link(i);
  }
  void unload_all() {
    for (Linking& one : live_) one.code.reset();
  }
  void churn() {
    for (std::size_t i = 0; i < kSetCount; ++i) {
      link(i);
      live_[i].code.reset();
    }
  }
  Peer& peer() { return *peer_; }

 private:
  void link(std::size_t i) {
    const std::size_t copy = i + kWarmUpCount;
    live_[i] = peer_->link({&copies_.objects[copy], 1}, copies_.names[copy]);
  }

  Copies copies_;
  std::unique_ptr<Peer> peer_;
  std::vector<Linking> live_;
};

using Step = void (TinySets::*)();

// The system calls of one step, after others, in a process of its own that nothing was linked in before.
double call_count(const Program& tiny, const std::vector<Step>& before, Step step) {
  const Outcome outcome = count_calls(
      [&] {
        TinySets sets(tiny);
        for (const Step earlier : before) (sets.*earlier)();
        begin_counted_calls();
        (sets.*step)();
        end_counted_calls();
        return Metrics{};
      },
      kSeconds);
  if (!outcome.error.empty()) throw Failure(outcome.error);
  return outcome.metrics.front().second;
}

double allocations_of(TinySets& sets, Step step) {
  const std::size_t before = allocation_count;
  (sets.*step)();
  return static_cast<double>(allocation_count - before);
}

Metrics operations(const Program& tiny) {
  const double link_calls = call_count(tiny, {}, &TinySets::link_all);
  const double unload_calls = call_count(tiny, {&TinySets::link_all}, &TinySets::unload_all);
  TinySets sets(tiny);
  const double link_allocations = allocations_of(sets, &TinySets::link_all);
  return {{"sets", kSetCount},
          {"link_calls", link_calls},
          {"unload_calls", unload_calls},
          {"link_allocations", link_allocations},
          {"unload_allocations", allocations_of(sets, &TinySets::unload_all)}};
}

Metrics whole(const Program& tiny, const Program& program) {
  for (const std::string& library : program.libraries) {
    if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) throw Failure(dlerror());
  }
  TinySets sets(tiny);
  enfold_guard_counted([&] { sets.peer().link(program.objects, program.entry).code.reset(); });
  return {{"sets", 1}};
}

Metrics measure(const std::string& directory, const std::string& name) {
  const Program tiny = load_program(directory, "tiny");
  if (name == "operations") return operations(tiny);
  if (name != "live" && name != "churn") return whole(tiny, load_program(directory, name));
  TinySets sets(tiny);
  enfold_guard_counted([&] { name == "live" ? sets.link_all() : sets.churn(); });
  return {{"sets", kSetCount}};
}

}  // namespace
}  // namespace enfold::bench

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: enfold-bench-guard DIR MEASUREMENT\n"), 2;
  try {
    for (const auto& [name, value] : enfold::bench::measure(argv[1], argv[2])) {
      std::printf("%s %.0f\n", name.c_str(), value);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "enfold-bench-guard: error: %s\n", error.what());
    return 1;
  }
}
