// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/listed_data.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <utility>

#include <dlfcn.h>
#include <link.h>

#include "fork.h"
#include "lock.h"

// The run times of sanitizers walk the objects of a process before they are ready for code that they watch.
#if defined(__clang__)
#define ENFOLD_UNWATCHED [[clang::disable_sanitizer_instrumentation]]
#else
#define ENFOLD_UNWATCHED [[gnu::no_sanitize("address", "thread", "undefined")]]
#endif

namespace enfold::runtime {
namespace {

using Callback = int (*)(dl_phdr_info*, std::size_t, void*);
using Iterate = int (*)(Callback, void*);

constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kSegmentCount = 16;  // of an entry, at most

// Callbacks may list objects themselves, so the lock is a thread's as long as any of its calls is under way.
constinit thread_local unsigned calls_under_way = 0;

class ListedData final : private ForkAware {
 public:
  ListedData() { enlist(*this, ForkOrder::kRuntime); }

  void add(std::uint64_t lo, std::uint64_t hi) {
    // Collectors hold locks of their own while they ask, and malloc may be theirs: it is not called under this lock.
    Ends made;
    made.try_emplace(lo);
    made.try_emplace(hi);
    Ends::node_type first = made.extract(lo), last = made.extract(hi);
    const Holding holding(*this);
    count(first, +1);
    count(last, -1);
    ++added_;
  }

  void remove(std::uint64_t lo, std::uint64_t hi) noexcept {
    Ends::node_type first, last;  // freed when the lock is given up
    const Holding holding(*this);
    first = uncount(lo, +1);
    last = uncount(hi, -1);
    ++removed_;
  }

  int iterate(Iterate next, Callback callback, void* data) {
    const Holding holding(*this);
    Caller caller{.data_list = this, .callback = callback, .data = data};
    if (const int result = next(&pass_on, &caller)) return result;
    return iterate_own(caller);
  }

 private:
  // How many more ranges have the pages from here on than those before, and how many ranges begin or end here.
  struct End {
    std::int64_t change = 0;
    std::uint64_t range_count = 0;
  };
  using Ends = std::map<std::uint64_t, End>;

  struct Walk {
    Ends::const_iterator at;
    unsigned long long changes = 0;  // of the list by then: what has come and gone
    std::uint64_t told_to = 0;
  };

  struct Caller {
    ListedData* data_list;
    Callback callback;
    void* data;
    unsigned long long adds = 0, subs = 0;  // of the dynamic linker's
  };

  class Holding {
   public:
    explicit Holding(ListedData& list) : list_(list) {
      if (calls_under_way == 0) list_.lock_.lock();
      ++calls_under_way;
    }
    ~Holding() {
      if (--calls_under_way == 0) list_.lock_.unlock();
    }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;

   private:
    ListedData& list_;
  };

  // Of what a node is for, the list may have one; then it stays the caller's.
  void count(Ends::node_type& node, std::int64_t change) {
    auto at = ends_.find(node.key());
    if (at == ends_.end()) at = ends_.insert(std::move(node)).position;
    at->second.change += change;
    ++at->second.range_count;
  }

  Ends::node_type uncount(std::uint64_t address, std::int64_t change) {
    const auto at = ends_.find(address);
    at->second.change -= change;
    if (--at->second.range_count != 0) return {};
    return ends_.extract(at);
  }

  // Callers tell by the counts whether what they keep is still right.
  static int pass_on(dl_phdr_info* info, std::size_t size, void* caller_data) {
    Caller& caller = *static_cast<Caller*>(caller_data);
    dl_phdr_info told = *info;
    caller.adds = info->dlpi_adds;
    caller.subs = info->dlpi_subs;
    told.dlpi_adds += caller.data_list->added_;
    told.dlpi_subs += caller.data_list->removed_;
    return caller.callback(&told, std::min(size, sizeof told), caller.data);
  }

  int iterate_own(const Caller& caller) {
    std::array<ElfW(Phdr), kSegmentCount> segments;
    Walk walk{.at = ends_.begin(), .changes = added_ + removed_};
    for (;;) {
      const std::size_t segment_count = next_segments(walk, segments);
      if (segment_count == 0) return 0;
      const std::uint64_t base = segments.front().p_vaddr;
      for (ElfW(Phdr)& segment : std::span(segments).first(segment_count)) segment.p_vaddr -= base;
      dl_phdr_info info{};
      info.dlpi_addr = base;
      info.dlpi_name = "[enfold data]";
      info.dlpi_phdr = segments.data();
      info.dlpi_phnum = static_cast<ElfW(Half)>(segment_count);
      info.dlpi_adds = caller.adds + added_;
      info.dlpi_subs = caller.subs + removed_;
      if (const int result = caller.callback(&info, sizeof info, caller.data)) return result;
    }
  }

  // Callbacks may change the list: then it is walked from its begin, to where they have been told of it.
  std::size_t next_segments(Walk& walk, std::span<ElfW(Phdr)> segments) {
    if (std::exchange(walk.changes, added_ + removed_) != added_ + removed_) walk.at = ends_.begin();
    std::size_t found_count = 0;
    while (found_count < segments.size() && walk.at != ends_.end()) {
      const std::uint64_t lo = walk.at->first, hi = pass_run(walk.at);
      if (lo < walk.told_to) continue;
      ElfW(Phdr)& segment = segments[found_count++] = {};
      segment.p_type = PT_LOAD;
      segment.p_flags = PF_R | PF_W;
      segment.p_vaddr = lo;
      segment.p_memsz = hi - lo;
      segment.p_align = kPage;
      walk.told_to = hi;
    }
    return found_count;
  }

  // Where the run of pages ends that begins at `at`, which is left behind it.
  std::uint64_t pass_run(Ends::const_iterator& at) const {
    std::uint64_t hi = 0;
    std::int64_t range_count = 0;
    do {
      range_count += at->second.change;
      hi = at->first;
      ++at;
    } while (range_count != 0 && at != ends_.end());
    return hi;
  }

  // A thread that forks in a callback goes on holding the lock, in both processes.
  void before_fork() override {
    if (calls_under_way == 0) lock_.lock();
  }
  void after_fork_in_parent() override {
    if (calls_under_way == 0) lock_.unlock();
  }
  void after_fork_in_child() override {
    if (calls_under_way == 0) lock_.unlock();
  }

  Lock lock_;
  Ends ends_;
  unsigned long long added_ = 0, removed_ = 0;  // ranges, ever
};

// Constant-initialised: sanitizers' run times ask before any constructor has run.
constinit ListedData* listed = nullptr;  // null until something was listed
constinit Iterate next_definition = nullptr;

ENFOLD_UNWATCHED Iterate next_iterate() {
  if (const Iterate known = __atomic_load_n(&next_definition, __ATOMIC_ACQUIRE)) return known;
  const auto next = reinterpret_cast<Iterate>(dlsym(RTLD_NEXT, "dl_iterate_phdr"));
  __atomic_store_n(&next_definition, next, __ATOMIC_RELEASE);
  return next;
}

// Watched, so that a sanitizer sees how a thread comes to know the list.
[[gnu::noinline]] int iterate_listed(Iterate next, Callback callback, void* data) {
  return __atomic_load_n(&listed, __ATOMIC_ACQUIRE)->iterate(next, callback, data);
}

// What the library's definition knows its own process by: it does not call it, and others give 0.
int ask(dl_phdr_info*, std::size_t, void*) { return 0; }
constexpr int kOurs = 0x0e2f01d;

std::uint64_t page_of(std::uint64_t address) { return address & ~(kPage - 1); }

}  // namespace

Expected<void> check_data_list() {
  const auto first = reinterpret_cast<Iterate>(dlsym(RTLD_DEFAULT, "dl_iterate_phdr"));
  if (first != nullptr && first(&ask, nullptr) == kOurs) return {};
  return std::unexpected(
      Error(ErrorCode::kUnsupported, "the process's dl_iterate_phdr is not the library's, which lists the sets' data")
          .with_cure("link the program with enfold::host, or with -Wl,--export-dynamic-symbol=dl_iterate_phdr"));
}

void list_data(std::uint64_t begin, std::uint64_t size) {
  ListedData& data_list = lasting<ListedData>();
  __atomic_store_n(&listed, &data_list, __ATOMIC_RELEASE);
  data_list.add(page_of(begin), page_of(begin + size + kPage - 1));
}

void unlist_data(std::uint64_t begin, std::uint64_t size) noexcept {
  lasting<ListedData>().remove(page_of(begin), page_of(begin + size + kPage - 1));
}

}  // namespace enfold::runtime

// Weak, as the C library's own is.
extern "C" [[gnu::weak, gnu::visibility("default")]] ENFOLD_UNWATCHED int dl_iterate_phdr(
    int (*callback)(dl_phdr_info*, std::size_t, void*), void* data) {
  using namespace enfold::runtime;
  if (callback == &ask) [[unlikely]] return kOurs;
  const Iterate next = next_iterate();
  if (next == nullptr) return 0;  // a program without a dynamic linker
  const bool is_any_listed = __atomic_load_n(&listed, __ATOMIC_RELAXED) != nullptr;
  return is_any_listed ? iterate_listed(next, callback, data) : next(callback, data);
}
