// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold-stress: threads that work on one session at random, each checked against a model of what it does. In rounds:
// between two of them all threads rest, and now and then all sets are unloaded. At the end nothing may be left.
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <enfold/enfold.h>

#include "host.h"
#include "worker.h"

namespace enfold::stress {
namespace {

constexpr std::uint64_t kStepsOfARound = 100;

struct Arguments {
  std::uint64_t seed = 1, operations = 0;  // 0: no bound
  double seconds = 0;
  int threads = 8;
  MemoryKind memory = MemoryKind::kAutomatic;
};

[[noreturn]] void fail(const std::string& what, int status) {
  std::fprintf(stderr, "enfold-stress: %s\n", what.c_str());
  std::_Exit(status);
}

template <class T>
T must(Expected<T> result) {
  if (!result) fail(result.error().text(), 2);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

MemoryKind memory_kind(std::string_view name) {
  for (const MemoryKind kind :
       {MemoryKind::kAutomatic, MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict}) {
    if (enfold::name(kind) == name) return kind;
  }
  fail("--memory takes auto, alias, forced or strict", 2);
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) fail("usage: [--seed N] [--seconds S] [--operations N] [--threads T] [--memory KIND]", 2);
    const char* value = argv[i + 1];
    if (option == "--seed")
      arguments.seed = std::strtoull(value, nullptr, 10);
    else if (option == "--operations")
      arguments.operations = std::strtoull(value, nullptr, 10);
    else if (option == "--seconds")
      arguments.seconds = std::strtod(value, nullptr);
    else if (option == "--threads")
      arguments.threads = std::clamp(std::atoi(value), 1, kMaxThreads);
    else if (option == "--memory")
      arguments.memory = memory_kind(value);
    else
      fail("there is no option " + std::string(option), 2);
  }
  if (arguments.operations == 0 && arguments.seconds == 0) arguments.seconds = 10;
  return arguments;
}

// All that is random here, too, is drawn from the seed.
class Stress {
 public:
  explicit Stress(const Arguments& arguments)
      : arguments_(arguments), random_(arguments.seed), session_(new_session(arguments, runtime_)) {
    must(define_host_functions(*session_));
    session_->trim();
    before_ = session_->memory_use();
  }

  void run() {
    for (int t = 0; t < arguments_.threads; ++t) workers_.push_back(std::make_unique<Worker>(shared_, t));
    const auto between = [this]() noexcept { rest(); };
    std::barrier<decltype(between)> barrier(arguments_.threads, between);
    std::vector<std::jthread> threads;
    for (auto& worker : workers_) {
      threads.emplace_back([&] {
        while (!stop_) {
          for (std::uint64_t i = 0; i < steps_; ++i) worker->step();
          barrier.arrive_and_wait();
          if (unloaded_all_) worker->after_unload_all();
        }
        worker->finish();
      });
    }
    threads.clear();
    check_nothing_left();
    tell();
  }

 private:
  static std::unique_ptr<Session> new_session(const Arguments& arguments, std::shared_ptr<RuntimeHooks> runtime) {
    SessionOptions options;
    options.memory = must(make_memory(arguments.memory));
    options.runtime = std::move(runtime);
    options.detail = Detail::kSummary;  // usage is told
    return must(Session::create(std::move(options)));
  }

  // On one thread, while all others wait.
  void rest() {
    done_ += steps_;
    unloaded_all_ = std::uniform_int_distribution<int>(0, 9)(random_) == 0;
    if (unloaded_all_) {
      must(session_->unload_all());
      for (std::atomic<bool>& owned : shared_.owned) owned = false;
      ++unloaded_all_count_;
      if (session_->memory_use().block_count != 0) fail("blocks are left when all is unloaded", 1);
      if (runtime_->registered() != 0) fail("registrations are left when all is unloaded", 1);
    }
    const bool late = arguments_.seconds > 0 &&
                      std::chrono::steady_clock::now() - start_ >= std::chrono::duration<double>(arguments_.seconds);
    const bool enough = arguments_.operations > 0 && done_ >= arguments_.operations;
    if (arguments_.operations > 0)
      steps_ = std::min(steps_, arguments_.operations - std::min(done_, arguments_.operations));
    stop_ = late || enough;
  }

  void check_nothing_left() {
    for (int t = 0; t <= kNobody; ++t) {
      if (alive(t) != 0) fail("constructed objects are left", 1);
    }
    if (runtime_->registered() != 0) fail("registrations are left", 1);
    session_->trim();
    const MemoryUse after = session_->memory_use();
    if (after.block_count != 0 || after.granted != 0) fail("blocks are left", 1);
    if (after.mapping_count > before_.mapping_count) fail("mappings are left", 1);
  }

  void tell() const {
    Counts all;
    for (const auto& worker : workers_) {
      const Counts& c = worker->counts();
      all.steps += c.steps;
      all.linked += c.linked;
      all.refused += c.refused;
      all.unloaded += c.unloaded;
      all.dropped += c.dropped;
      all.replaced += c.replaced;
      all.calls += c.calls;
      all.shared += c.shared;
      all.contested += c.contested;
    }
    const auto n = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
    std::printf(
        "enfold-stress: good: seed %llu, %d threads, memory %s, %llu steps: %llu linked, %llu refused, "
        "%llu replaced, %llu unloaded, %llu dropped, all unloaded %llu times, %llu slots and stubs shared, "
        "%llu contested, %llu calls\n",
        n(arguments_.seed), arguments_.threads, std::string(name(arguments_.memory)).c_str(), n(all.steps),
        n(all.linked), n(all.refused), n(all.replaced), n(all.unloaded), n(all.dropped), n(unloaded_all_count_),
        n(all.shared), n(all.contested), n(all.calls));
  }

  const Arguments arguments_;
  std::mt19937_64 random_;
  const std::shared_ptr<CountingRuntime> runtime_ = std::make_shared<CountingRuntime>();
  const Files files_ = read_objects();
  const std::unique_ptr<Session> session_;
  Shared shared_{.session = *session_, .files = files_, .seed = arguments_.seed};
  MemoryUse before_;
  std::vector<std::unique_ptr<Worker>> workers_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::uint64_t steps_ = kStepsOfARound, done_ = 0, unloaded_all_count_ = 0;
  bool stop_ = false, unloaded_all_ = false;
};

}  // namespace
}  // namespace enfold::stress

int main(int argc, char** argv) {
  enfold::stress::Stress(enfold::stress::parse(argc, argv)).run();
  return 0;
}
