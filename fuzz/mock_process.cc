// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "mock_process.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define ENFOLD_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ENFOLD_POISONS 1
#endif
#endif
#ifdef ENFOLD_POISONS
#include <sanitizer/asan_interface.h>
#endif

namespace enfold::fuzz {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kGap = 64;  // poisoned, between segments
constexpr std::uint64_t kFarDistance = std::uint64_t{1} << 36;
constexpr std::uint64_t kSizes[] = {std::uint64_t{8} << 30, std::uint64_t{64} << 20};  // of the arenas
constexpr std::uint64_t kSlack = 1 << 20;  // of a window, for segments that begin on a page of their own

std::byte* bytes_at(std::uint64_t address) {
  return reinterpret_cast<std::byte*>(address);  // NOLINT(performance-no-int-to-ptr)
}

void poison([[maybe_unused]] std::uint64_t address, [[maybe_unused]] std::uint64_t size) {
#ifdef ENFOLD_POISONS
  __asan_poison_memory_region(bytes_at(address), size);
#endif
}

void unpoison([[maybe_unused]] std::uint64_t address, [[maybe_unused]] std::uint64_t size) {
#ifdef ENFOLD_POISONS
  __asan_unpoison_memory_region(bytes_at(address), size);
#endif
}

// Half as much where that much is not to be had, and so on.
AddressRange map(std::uint64_t size, int flags) {
  constexpr std::uint64_t kLeast = std::uint64_t{16} << 20;
  for (; size >= kLeast; size /= 2) {
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    if (p == MAP_FAILED) continue;
    const auto begin = reinterpret_cast<std::uint64_t>(p);
    return {begin, begin + size};
  }
  std::perror("mock process: mmap");
  std::exit(2);
}

void make_zero(const Block::Segment& segment) {
  constexpr std::uint64_t kWorthACall = 1 << 18;
  const std::uint64_t base = value(segment.base), size = segment.size;
  const std::uint64_t first_page = (base + kPage - 1) & ~(kPage - 1), end_page = (base + size) & ~(kPage - 1);
  if (size < kWorthACall) {
    std::memset(segment.working, 0, size);
    return;
  }
  std::memset(segment.working, 0, first_page - base);
  madvise(bytes_at(first_page), end_page - first_page, MADV_DONTNEED);
  std::memset(bytes_at(end_page), 0, base + size - end_page);
}

std::unexpected<Error> refuse() { return std::unexpected(Error(ErrorCode::kMemory, "the mock process has no room")); }

}  // namespace

MockMemory::MockMemory() {
  const AddressRange large = map(kSizes[0], 0), low = map(kSizes[1], MAP_32BIT);
  arenas_[0] = {.begin = large.lo, .end = large.hi - kHostSize};
  arenas_[1] = {.begin = low.lo, .end = low.hi};
}

MockMemory::~MockMemory() {
  munmap(bytes_at(arenas_[0].begin), arenas_[0].end + kHostSize - arenas_[0].begin);
  munmap(bytes_at(arenas_[1].begin), arenas_[1].end - arenas_[1].begin);
}

std::size_t MockMemory::arena_for(const Constraint& constraint) const {
  return constraint.kind == Constraint::Kind::kLow ? 1 : 0;
}

Expected<AddressRange> MockMemory::locate(const Constraint& constraint, std::uint64_t span) {
  constexpr std::uint64_t kUsual = std::uint64_t{16} << 20;
  const Arena& arena = arenas_[arena_for(constraint)];
  const std::uint64_t room = arena.end - arena.begin;
  if (span > room || room - span < kSlack) return refuse();
  const AddressRange window{arena.end - std::clamp((span + kSlack + kPage) & ~(kPage - 1), kUsual, room), arena.end};
  if (constraint.kind == Constraint::Kind::kNear) {
    const AddressRange target = constraint.target;
    const bool reaches = target.hi < std::uint64_t{1} << 62 && target.lo + constraint.reach > window.hi &&
                         window.lo + constraint.reach > target.hi;
    if (!reaches) return refuse();
  }
  return window;
}

Expected<Block> MockMemory::reserve(const Constraint& constraint, AddressRange within,
                                    std::span<const SegmentRequest> segments) {
  Grant grant{.segments = {}, .gaps = {}, .arena = arena_for(constraint)};
  Arena& arena = arenas_[grant.arena];
  if (within.lo < arena.begin || within.hi != arena.end) violations_.push_back("reserve() elsewhere than located");
  const std::uint64_t begin = arena.block_count == 0 ? within.lo : std::max(arena.free, within.lo);
  std::uint64_t at = begin;
  std::optional<Protection> last;
  for (const SegmentRequest& request : segments) {
    if (request.written_size > request.size) violations_.push_back("a segment is written beyond its size");
    if (request.p2align >= 48) return refuse();
    const std::uint64_t align = std::uint64_t{1} << request.p2align;
    const bool other_page = last && *last != request.protection && request.size != 0;
    std::uint64_t base = at + kGap;
    if (other_page) base = (base + kPage - 1) & ~(kPage - 1);
    base = (base + align - 1) & ~(align - 1);
    if (base > within.hi || request.size > within.hi - base || within.hi - base - request.size < kGap) return refuse();
    grant.segments.push_back({TargetAddr{base}, bytes_at(base), request.size, request.protection});
    grant.gaps.push_back({std::max(at, base - std::min(base, kPage)), base});
    at = base + request.size;
    if (request.size != 0) last = request.protection;
  }
  grant.gaps.push_back({at, at + kGap});
  for (const AddressRange& gap : grant.gaps) poison(gap.lo, gap.hi - gap.lo);
  arena.free = at + kGap;
  ++arena.block_count;
  Block block{.segments = grant.segments, .extent = {begin, at + kGap}, .cookie = bytes_at(next_cookie_++)};
  granted_.emplace(block.cookie, std::move(grant));
  return block;
}

MockMemory::Grant* MockMemory::find(const Block& block) {
  const auto found = granted_.find(block.cookie);
  return found == granted_.end() ? nullptr : &found->second;
}

Expected<void> MockMemory::seal(Block& block, SealStage stage) {
  Grant* grant = find(block);
  const std::size_t expected = stage == SealStage::kCode ? 0 : 1;
  if (grant == nullptr || grant->seal_count++ != expected) violations_.push_back("seal() out of order");
  return {};
}

void MockMemory::release(Block& block) noexcept {
  Grant* grant = find(block);
  if (grant == nullptr) {
    violations_.push_back("release() of what was not granted");
    return;
  }
  for (const AddressRange& gap : grant->gaps) unpoison(gap.lo, gap.hi - gap.lo);
  for (const Block::Segment& segment : grant->segments) make_zero(segment);
  --arenas_[grant->arena].block_count;
  granted_.erase(block.cookie);
  block = {};
}

Violations MockMemory::take_violations() { return std::exchange(violations_, {}); }

namespace {

bool is_name(std::string_view name) {
  return !name.empty() && !name.starts_with("missing") && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.@$").find(c) != std::string_view::npos;
  });
}

bool is_data_name(std::string_view name) {
  constexpr std::string_view kStems[] = {"std", "env", "_ZTV", "_ZTI", "_ZTS", "_ZSt4c", "data", "far"};
  return std::ranges::any_of(kStems, [&](std::string_view stem) { return name.starts_with(stem); });
}

std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
  return hash;
}

// Out of direct reach of every block: the program itself.
alignas(64) std::array<std::byte, 512> g_far_data;

}  // namespace

// Every proper name is known but those that begin with "missing". Data is in reach unless its name begins with "far";
// functions are by the toss of their hash.
std::optional<HostSymbol> MockRuntime::find(void*, const std::string& symbol) {
  if (!is_name(symbol)) return std::nullopt;
  const std::uint64_t hash = hash_of(symbol);
  if (symbol.starts_with("tls_")) {
    return HostSymbol{.address = TargetAddr{hash % 512}, .kind = HostSymbolKind::kThreadLocal, .module = 1 + hash % 3};
  }
  if (symbol.starts_with("far")) {
    return HostSymbol{TargetAddr{reinterpret_cast<std::uint64_t>(g_far_data.data())}, 64, HostSymbolKind::kData};
  }
  const std::uint64_t near = host_data_ + (hash % (MockMemory::kHostSize / 2) & ~std::uint64_t{7});
  if (is_data_name(symbol)) return HostSymbol{TargetAddr{near}, hash % 128, HostSymbolKind::kData};
  const bool far = (hash & 0x1000) != 0;
  const HostSymbolKind kind = (hash & 0xe000) == 0 ? HostSymbolKind::kUnknown : HostSymbolKind::kFunction;
  return HostSymbol{TargetAddr{far ? near - kFarDistance : near}, 0, kind};
}

Expected<void*> MockRuntime::open_library(const std::string& path, bool) {
  if (path.find("broken") != std::string::npos) {
    return std::unexpected(Error(ErrorCode::kRuntime, "the library cannot be opened", {.object = path}));
  }
  ++open_libraries_;
  return this;
}

void MockRuntime::close_library(void* library) noexcept {
  if (library != this || open_libraries_ == 0) {
    violations_.push_back("close_library() of what was not opened");
  } else {
    --open_libraries_;
  }
}

void* MockRuntime::find_loaded_library(const std::string& path) {
  if (path.find("loaded") == std::string::npos) return nullptr;
  ++open_libraries_;
  return this;
}

Expected<void> MockRuntime::register_frames(const FrameTables& frames) {
  const std::string wrong = check_frames(bytes_at(value(frames.eh_frame)), frames.eh_frame_size);
  if (!wrong.empty()) violations_.push_back("an unwind table is malformed: " + wrong);
  const std::string unsearchable = check_search_table(frames, bytes_at(value(frames.search_table)));
  if (!unsearchable.empty()) violations_.push_back("a search table is malformed: " + unsearchable);
  if (!frames_.emplace(frames.eh_frame, frames.eh_frame_size).second)
    violations_.push_back("an unwind table is registered twice");
  return {};
}

void MockRuntime::deregister_frames(const FrameTables& frames) noexcept {
  const auto found = frames_.find(frames.eh_frame);
  if (found == frames_.end() || found->second != frames.eh_frame_size) {
    violations_.push_back("deregister_frames() of what was not registered");
  } else {
    frames_.erase(found);
  }
}

// The image is read whole. A block that no thread could have is refused, as the C library does.
Expected<ThreadModule> MockRuntime::add_thread_module(const ThreadImage& image, bool is_static) {
  constexpr std::uint64_t kMostStatic = 1 << 16, kMost = 1 << 28;
  if (image.bytes.size() > image.size) violations_.push_back("an image is larger than its block");
  if (image.size == 0) violations_.push_back("a block without a byte");
  static_cast<void>(hash_of({reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()}));
  if (image.size > (is_static ? kMostStatic : kMost) || image.p2align > 20) {
    return std::unexpected(Error(ErrorCode::kMemory, "no room for thread-locals"));
  }
  thread_modules_.insert(next_thread_module_);
  return ThreadModule{.id = next_thread_module_++, .tp_offset = is_static ? -0x10000 : 0, .is_static = is_static};
}

void MockRuntime::remove_thread_module(const ThreadModule& module) noexcept {
  if (thread_modules_.erase(module.id) == 0) violations_.push_back("remove_thread_module() of what was not added");
}

Expected<ThreadImport> MockRuntime::import_thread_local(void*, const std::string& symbol) {
  if (!symbol.starts_with("tls_")) violations_.push_back("import_thread_local() of what is none");
  ++open_libraries_;
  return ThreadImport{.tp_offset = -0x80, .library = this};
}

ThreadFunctions MockRuntime::thread_functions() {
  return {TargetAddr{host_data_}, TargetAddr{host_data_ + 16}, TargetAddr{host_data_ + 32}};
}

TargetAddr MockRuntime::resolve_indirect(TargetAddr) { return TargetAddr{host_data_}; }

Expected<void> MockRuntime::at_exit(void (*function)(void*), void* argument, TargetAddr handle) {
  handlers_.push_back({function, argument, handle});
  return {};
}

void MockRuntime::finalize(TargetAddr handle) {
  for (;;) {
    const auto last = std::ranges::find_if(handlers_.rbegin(), handlers_.rend(),
                                           [&](const Handler& h) { return h.handle == handle; });
    if (last == handlers_.rend()) return;
    const Handler handler = *last;
    handlers_.erase(std::next(last).base());
    handler.function(handler.argument);
  }
}

void MockRuntime::call_initializer(TargetAddr, int, char**, char**) {}
void MockRuntime::call_finalizer(TargetAddr) {}

Violations MockRuntime::take_violations() { return std::exchange(violations_, {}); }

}  // namespace enfold::fuzz
