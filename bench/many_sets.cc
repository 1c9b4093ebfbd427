// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether memory comes back: COUNT live sets of one function are linked; all but a hundredth of them, chosen at random,
// are unloaded; then the session is trimmed. Next, among COUNT live sets again, a tenth is exchanged for new ones,
// again and again. After each step: resident memory of the process, what the provider has committed and granted, and
// the processor time that a link or an unload took. Beside it, what malloc does with blocks of the same sizes, in a
// process of its own.
//
//   enfold-bench-many-sets OBJECT [COUNT [ROUNDS]]
//
// OBJECT defines a function whose name ends in the digits _00000000: each set has other ones.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <enfold/enfold.h>

namespace {

constexpr std::string_view kDigits = "_00000000";

std::uint64_t resident() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, pages = 0;
  file >> size >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double mb(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

// Sets, each of one function with a name of its own.
class Sets {
 public:
  explicit Sets(std::vector<std::byte> object, std::size_t count) : object_(std::move(object)) {
    sets_.reserve(count);
    auto session = enfold::Session::create();
    if (!session) fail(session.error());
    session_ = std::move(*session);
    const auto* const text = reinterpret_cast<const char*>(object_.data());
    const std::string_view all(text, object_.size());
    for (std::size_t at = all.find(kDigits); at != all.npos; at = all.find(kDigits, at + 1)) places_.push_back(at + 1);
  }

  void make(std::size_t i) {
    const std::string digits = fmt::format("{:08}", next_++);
    for (const std::size_t place : places_) std::ranges::copy(digits, reinterpret_cast<char*>(&object_[place]));
    enfold::ObjectSet set("set");
    set.add_bytes(object_, "object.o");
    auto linked = session_->link(std::move(set));
    if (!linked) fail(linked.error());
    if (i == sets_.size()) return sets_.push_back(std::move(*linked));
    sets_[i] = std::move(*linked);
  }
  void drop(std::size_t i) {
    if (auto done = sets_[i].unload(); !done) fail(done.error());
  }
  void trim() { session_->trim(); }
  std::string more() const {
    const enfold::MemoryUse use = session_->memory_use();
    return fmt::format("{:10.1f} {:10.1f}", mb(use.committed), mb(use.granted));
  }
  static constexpr std::string_view kName = "enfold";

 private:
  [[noreturn]] static void fail(const enfold::Error& error) {
    fmt::print(stderr, "{}\n", error.text());
    std::exit(1);
  }

  std::vector<std::byte> object_;
  std::vector<std::size_t> places_;
  std::unique_ptr<enfold::Session> session_;
  std::vector<enfold::LinkedSet> sets_;
  std::size_t next_ = 0;
};

// Blocks of malloc: as many, and of the sizes, as a set takes.
class Blocks {
 public:
  explicit Blocks(std::size_t count) : blocks_(count) {}

  void make(std::size_t i) {
    for (std::size_t k = 0; k < kSizes.size(); ++k) {
      blocks_[i][k] = std::malloc(kSizes[k]);
      std::fill_n(static_cast<char*>(blocks_[i][k]), kSizes[k], 1);
    }
  }
  void drop(std::size_t i) {
    for (void* const block : blocks_[i]) std::free(block);
  }
  void trim() { malloc_trim(0); }
  std::string more() const { return {}; }
  static constexpr std::string_view kName = "malloc";

 private:
  static constexpr std::array<std::size_t, 3> kSizes = {376, 56, 120};  // a record, a node of an index, code and tables

  std::vector<std::array<void*, kSizes.size()>> blocks_;
};

template <class Things>
class Course {
 public:
  Course(Things things, std::size_t count, int rounds) : things_(std::move(things)), count_(count), rounds_(rounds) {}

  void run() {
    const std::uint64_t before = resident();
    step("linked", count_, [&] { each(0, count_, [&](std::size_t i) { things_.make(i); }); });
    std::vector<std::uint32_t> order(count_);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), random_);
    const std::size_t left = count_ / 100;
    step("a hundredth is left", count_ - left,
         [&] { each(left, count_, [&](std::size_t i) { things_.drop(order[i]); }); });
    step("trimmed", 0, [&] { things_.trim(); });
    step("linked again", count_ - left, [&] { each(left, count_, [&](std::size_t i) { things_.make(order[i]); }); });
    for (int round = 1; round <= rounds_; ++round) {
      const auto exchange = [&] { each(0, count_ / 10, [&](std::size_t) { replace(random_() % count_); }); };
      if (round == 1 || round == rounds_ || round % 10 == 0) {
        step(fmt::format("exchange {}", round), count_ / 10, exchange);
      } else {
        exchange();
      }
    }
    step("none is left", count_, [&] { each(0, count_, [&](std::size_t i) { things_.drop(i); }); });
    step("trimmed", 0, [&] { things_.trim(); });
    fmt::print("{:8} {:20} {:10.1f}\n", Things::kName, "before it all", mb(before));
  }

 private:
  template <class Body>
  static void each(std::size_t from, std::size_t to, Body body) {
    for (std::size_t i = from; i < to; ++i) body(i);
  }
  void replace(std::size_t i) {
    things_.drop(i);
    things_.make(i);
  }
  template <class Body>
  void step(const std::string& name, std::size_t count, Body body) {
    const std::clock_t start = std::clock();
    body();
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC * 1e6;
    const double each = took / static_cast<double>(std::max<std::size_t>(count, 1));
    fmt::print("{:8} {:20} {:10.1f} {:10.2f} {}\n", Things::kName, name, mb(resident()), each, things_.more());
    std::fflush(stdout);
  }

  Things things_;
  const std::size_t count_;
  const int rounds_;
  std::mt19937 random_{1};
};

template <class Run>
void in_child(Run run) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    run();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print(stderr, "usage: enfold-bench-many-sets OBJECT [COUNT [ROUNDS]]\n"), 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
  const std::size_t count = argc > 2 ? static_cast<std::size_t>(std::atol(argv[2])) : 1'000'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 100;
  fmt::print("{:8} {:20} {:>10} {:>10} {:>10} {:>10}\n", "", "", "resident", "each", "committed", "granted");
  fmt::print("{:8} {:20} {:>10} {:>10} {:>10} {:>10}\n", "", "", "MB", "us", "MB", "MB");
  in_child([&] { Course(Blocks(count), count, rounds).run(); });
  in_child([&] { Course(Sets({bytes, bytes + text.size()}, count), count, rounds).run(); });
}
