// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tiny set costs in each kind of memory: nanoseconds to reserve, write, seal and release it, in one place and
// among ten thousand live ones; bytes that a live one keeps resident; and what changing a word of it takes.
#include <enfold/memory.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>

namespace {

using enfold::Block;
using enfold::Constraint;
using enfold::MemoryKind;
using enfold::MemoryProvider;
using enfold::Protection;
using enfold::SealStage;
using enfold::SegmentRequest;

constexpr int kLive = 10000;

std::vector<SegmentRequest> tiny() {
  return {{.protection = Protection::kReadExecute, .size = 128, .written_size = 128, .p2align = 4},
          {.protection = Protection::kRead, .size = 96, .written_size = 96, .p2align = 3},
          {.protection = Protection::kRelro, .size = 8, .written_size = 8, .p2align = 3},
          {.protection = Protection::kReadWrite, .size = 8, .written_size = 8, .p2align = 3}};
}

// Bytes, by what /proc/self/smaps_rollup calls them.
std::uint64_t measured(const std::string& key) {
  std::ifstream file("/proc/self/smaps_rollup");
  std::string word;
  std::uint64_t kib = 0;
  while (file >> word) {
    if (word == key + ":" && file >> kib) return kib * 1024;
  }
  return 0;
}

template <class Body>
double nanoseconds(int rounds, Body body) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) body(i);
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / rounds;
}

// Each set has bytes of its own.
Block link(MemoryProvider& memory, const std::vector<SegmentRequest>& segments) {
  static int count = 0;
  const int byte = ++count;
  const Constraint constraint{.reach = 1ull << 31};
  const auto within = memory.locate(constraint, 4 * 4096);
  auto block = memory.reserve(constraint, *within, segments);
  if (!block) return {};
  for (const Block::Segment& segment : block->segments) std::memset(segment.working, byte, segment.size);
  if (!memory.seal(*block, SealStage::kCode) || !memory.seal(*block, SealStage::kRelro)) memory.release(*block);
  return *std::move(block);
}

void measure(MemoryKind kind) {
  const auto made = enfold::make_memory(kind);
  if (!made) return fmt::print("{:8} {}\n", enfold::name(kind), made.error().message());
  MemoryProvider& memory = **made;
  const std::vector<SegmentRequest> segments = tiny();
  const auto churn = [&](int) {
    Block block = link(memory, segments);
    memory.release(block);
  };
  nanoseconds(200, churn);
  const double alone = nanoseconds(5000, churn);

  std::vector<Block> live(kLive);
  const std::uint64_t rss = measured("Rss");
  const std::uint64_t pss = measured("Pss");
  const double grow = nanoseconds(kLive, [&](int i) { live[static_cast<std::size_t>(i)] = link(memory, segments); });
  const auto each = [&](std::uint64_t now, std::uint64_t before) { return (now - before) / kLive; };
  const std::uint64_t rss_each = each(measured("Rss"), rss);
  const std::uint64_t pss_each = each(measured("Pss"), pss);
  const std::uint64_t mappings = memory.use().mapping_count;

  std::mt19937 random(1);
  const double among = nanoseconds(5000, [&](int) {
    Block& block = live[random() % kLive];
    memory.release(block);
    block = link(memory, segments);
  });
  const double word = nanoseconds(1000, [&](int i) {
    const enfold::WordWrite write{live[static_cast<std::size_t>(i % 10)].segments[2].base,
                                  static_cast<std::uint64_t>(i)};
    static_cast<void>(memory.rewrite({&write, 1}));
  });
  const double gone = nanoseconds(kLive, [&](int i) { memory.release(live[static_cast<std::size_t>(i)]); });
  fmt::print("{:8} {:8.0f} {:8.0f} {:8.0f} {:8.0f} {:8.0f} {:6} {:6} {:8}\n", enfold::name(kind), alone, grow, among,
             gone, word, rss_each, pss_each, mappings);
}

}  // namespace

int main() {
  fmt::print("{:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>8}\n", "", "churn", "grow", "among", "release", "word",
             "Rss", "Pss", "mappings");
  fmt::print("{:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>8}\n", "", "ns", "ns", "ns", "ns", "ns", "bytes",
             "bytes", "");
  for (const MemoryKind kind : {MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict}) measure(kind);
}
