// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What unwinding costs among many sets: enfold-bench-unwind [COUNT...]
//
// For each count of live sets: linking and unloading one more, the first throw, throws within a set and native throws.
// Without ENFOLD_UNWIND=register the unwinder asks; with it every table is registered.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

#if defined(__clang__)
#define CALLS_LINKED_CODE [[clang::no_sanitize("function")]]
#else
#define CALLS_LINKED_CODE
#endif

namespace {

using Clock = std::chrono::steady_clock;
using Function = int(int);

double microseconds(Clock::time_point from) {
  return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
}

template <class T>
T must(enfold::Expected<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) return;
    else return std::move(*result);
  }
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  std::exit(1);
}

// The least of a few rounds: others use the machine, too.
template <class Work>
double best(int rounds, int each, Work&& work) {
  double least = 1e300;
  for (int r = 0; r < rounds; ++r) {
    const auto start = Clock::now();
    for (int i = 0; i < each; ++i) work();
    least = std::min(least, microseconds(start) / each);
  }
  return least;
}

__attribute__((noinline)) int native(int n) {
  if (n > 0) throw n;
  return n;
}

CALLS_LINKED_CODE int caught(Function* function) {
  try {
    return function(1);
  } catch (int thrown) {
    return thrown;
  }
}

class Bench {
 public:
  explicit Bench(const char* object) : object_(object) {}

  void run(std::size_t count) {
    while (sets_.size() < count) sets_.push_back(link());
    const double churn = best(5, 200, [&] { exchange_one(); });
    const auto start = Clock::now();
    caught(function(sets_.front()));
    const double first = microseconds(start);
    const double own = best(5, 500, [&] { caught(function_); });
    const double host = best(5, 500, [] { caught(&native); });
    std::printf("%8zu  %12.2f  %12.2f  %12.2f  %12.2f\n", count, churn, first, own, host);
  }

  // Registering a table and taking it back, apart from all else that a link does.
  void run_registration() {
    auto runtime = enfold::make_process_runtime();
    double in = 1e300, out = 1e300;
    const enfold::FrameTables frames = table();
    for (int r = 0; r < 2000; ++r) {
      auto start = Clock::now();
      must(runtime->register_frames(frames));
      in = std::min(in, microseconds(start));
      start = Clock::now();
      runtime->deregister_frames(frames);
      out = std::min(out, microseconds(start));
    }
    std::printf("one table: %.3f us to register, %.3f us to deregister, among %zu sets\n", in, out, sets_.size());
  }

 private:
  // A CIE that no FDE refers to, and a search table that is not searched.
  enfold::FrameTables table() {
    static const std::uint32_t cie[] = {12, 0, 0x00'52'7a'01, 0x01'10'78'01, 0x00'00'00'1b, 0};
    static const std::uint32_t header[3] = {0xffff'1b01, 0, 0};
    const auto at = [](const void* p) { return enfold::TargetAddr{reinterpret_cast<std::uint64_t>(p)}; };
    return {.eh_frame = at(cie),
            .eh_frame_size = sizeof cie,
            .search_table = at(header),
            .code = at(cie),
            .code_size = sizeof cie};
  }

  enfold::LinkedSet link() {
    enfold::ObjectSet set("thrower");
    set.options().visibility = enfold::Visibility::kPrivate;
    set.add_file(object_);
    return must(session_->link(std::move(set)));
  }
  // Any one of them goes, another comes.
  void exchange_one() {
    enfold::LinkedSet next = link();
    std::swap(sets_[exchanged_++ * 7919 % sets_.size()], next);
    must(next.unload());
  }
  Function* function(const enfold::LinkedSet& set) { return function_ = must(set.function<Function>("fail")); }

  const char* object_;
  std::unique_ptr<enfold::Session> session_ = must(enfold::Session::create());
  std::vector<enfold::LinkedSet> sets_;
  std::size_t exchanged_ = 0;
  Function* function_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::size_t> counts = {1, 1000, 10'000};
  if (argc > 1) counts.clear();
  for (int i = 1; i < argc; ++i) counts.push_back(std::strtoul(argv[i], nullptr, 10));
  Bench bench(ENFOLD_BENCH_THROWER);
  std::printf("%8s  %12s  %12s  %12s  %12s   (us)\n", "sets", "link+unload", "first throw", "set's throw",
              "native throw");
  for (const std::size_t count : counts) {
    bench.run(count);
    bench.run_registration();
  }
}
