// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <random>

#include "warm_up.h"
#include "workloads.h"

namespace enfold::bench {
namespace {

using Function = int(int);

constexpr int kCalls = 200'000, kThrows = 200;

__attribute__((noinline)) int native(int n) {
  if (n > 0) throw n;
  return n;
}

CALLS_LINKED_CODE void catch_one(Function* function) {
  try {
    function(1);
  } catch (int) {
    return;
  }
  throw Failure("linked code did not throw");
}

CALLS_LINKED_CODE void call(Function* function) {
  if (function(0) != 0) throw Failure("linked code returned something else");
}

template <class Pick, class Work>
double each_us(int count, Pick&& pick, Work&& work) {
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) work(pick(i));
  return microseconds(start) / count;
}

}  // namespace

Metrics throws(const PeerKind& kind, const Copies& throwers, std::size_t count) {
  const auto peer = kind.make();
  peer->prepare({throwers.objects.data(), count});
  std::vector<Linking> live(count);
  std::vector<Function*> functions(count);
  for (std::size_t i = 0; i < count; ++i) {
    live[i] = peer->link({&throwers.objects[i], 1}, throwers.names[i]);
    functions[i] = reinterpret_cast<Function*>(live[i].entry);
  }
  std::mt19937 random(7);
  std::vector<std::size_t> order(kCalls);
  for (std::size_t& i : order) i = random() % count;
  const auto one = [&](int) { return functions[0]; };
  const auto any = [&](int i) { return functions[order[static_cast<std::size_t>(i)]]; };
  Metrics metrics = {{"sets", static_cast<double>(count)}};
  metrics.emplace_back("first_throw_us", each_us(1, any, catch_one));
  metrics.emplace_back("throw_us", each_us(kThrows, any, catch_one));
  metrics.emplace_back("native_throw_us", each_us(
                                              kThrows, [](int) { return &native; }, catch_one));
  each_us(kCalls, any, call);
  metrics.emplace_back("call_any_ns", 1000 * each_us(kCalls, any, call));
  metrics.emplace_back("call_one_ns", 1000 * each_us(kCalls, one, call));
  return metrics;
}

}  // namespace enfold::bench
