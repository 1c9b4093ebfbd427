// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pipeline. Each pass is one call; what it freezes stays as it is from there on.
#include "linker.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "apply/addresses.h"
#include "apply/thread_locals.h"
#include "apply/write.h"
#include "caller_state.h"
#include "image_header.h"
#include "link_state.h"
#include "load.h"
#include "plan/control_flow.h"
#include "plan/fragments.h"
#include "plan/frames.h"
#include "plan/layout.h"
#include "plan/liveness.h"
#include "plan/place.h"
#include "plan/resolve.h"
#include "plan/thread_models.h"
#include "plan/zones.h"
#include "report.h"
#include "runtime/commit.h"
#include "runtime/debug_object.h"
#include "runtime/keep_state.h"
#include "runtime/linked_functions.h"
#include "runtime/profiler.h"
#include "runtime/record.h"
#include "runtime/set_allocator.h"
#include "runtime/shared_object.h"
#include "runtime/thread_storage.h"
#include "session_scope.h"
#include "session_state.h"

namespace enfold {
namespace {

class Linker {
 public:
  Linker(const std::shared_ptr<Session::State>& session, const ObjectSet& set, const Replacing& replacing)
      : session_(session),
        options_(session->options),
        scope_(*session),
        table_(link_),
        keep_state_(replacing.keep_state) {
    link_.replaced = replacing.old;
    link_.set = &set;
    link_.options = &set.options();
    link_.thread_count = options_.thread_count;
  }
  ~Linker() { close_looked_up_libraries(); }
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  // Up to here nothing of the process has changed, and everything is known but addresses.
  Expected<Plan> plan() {
    timing_ = watched_ = true;
    if (auto done = plan_passes(); !done) return std::unexpected(std::move(done).error());
    return make_plan(link_, std::max(options_.detail, Detail::kSummary));
  }

  Expected<std::shared_ptr<SetRecord>> link() {
    std::shared_ptr<SetRecord> set = make_record();
    set->session = session_;
    set->name = link_.set->name();
    set->visibility = link_.options->visibility;
    set->replaceable = link_.options->replaceable;
    if (is_replaceable(link_)) set->versions = std::make_unique<Versions>();
    Undo undo{set.get()};  // also of what is thrown by hooks, by progress, by an indirect function's resolver
    if (auto done = link_passes(*set); !done) return std::unexpected(std::move(done).error());
    undo.set = nullptr;
    return set;
  }

 private:
  // Gives back whatever the link took until then.
  struct Undo {
    SetRecord* set;
    ~Undo() {
      if (set != nullptr) release(*set);
    }
  };

  // Where anybody wants to know of it: times the pass under its name and tells the progress.
  template <class Pass>
  auto timed(const char* name, Pass&& pass) {
    if (!watched_) [[likely]] return pass();
    return watch(name, pass);
  }

  template <class Pass>
  [[gnu::cold, gnu::noinline]] auto watch(const char* name, Pass& pass) {
    if (options_.progress) options_.progress(name, pass_number_++, kPassCount);
    if (!timing_) return pass();
    const auto start = std::chrono::steady_clock::now();
    struct Stop {
      LinkState& link;
      const char* name;
      std::chrono::steady_clock::time_point start;
      ~Stop() { link.passes.push_back({name, std::chrono::steady_clock::now() - start}); }
    } stop{link_, name, start};
    return pass();
  }

  Expected<void> plan_passes() {
    if (auto done = options_.runtime->check(); !done) return done;
    if (is_shared_object(link_)) {
      if (auto done = check_shared_object(link_); !done) return done;
    }
    // Sets that this one names stay as long as it is being linked, as do those that it finds symbols in.
    if (auto done = scope_.enter(*link_.set, link_.replaced); !done) return done;
    note_other_sets();
    // Inputs are found, opened and told apart; linker scripts and -l are followed.
    if (auto done = timed("open", [&] { return open_inputs(link_); }); !done) return done;
    // Objects are read, archive members pulled, definitions matched. The set of objects is fixed.
    if (auto done = timed("resolve", [&] { return resolve(link_, table_, scope_); }); !done) return done;
    // What the set leaves undefined is bound outside it. No symbol is added from here on.
    if (auto done = timed("bind", [&] { return bind_outside(link_, table_, scope_, *options_.runtime); }); !done) {
      return done;
    }
    find_allocator(link_, table_);
    table_.drop_names();
    // Variables that a replaced version has stay where they are.
    if (keep_state_) keep_state(link_, link_.replaced);
    // The set of sections is fixed.
    if (auto done = timed("live", [&] { return mark_sections(); }); !done) return done;
    // Zones are fixed, and with them which symbols are in reach without a look at any address.
    std::uint64_t span = 0;
    if (auto done = timed("zone", [&] { return partition(span); }); !done) return done;
    // Relocations are decoded once and counted. Slots, stubs and the window are fixed.
    span_ = span;
    if (auto done = timed("scan", [&] { return settle_place(link_, *options_.memory, span_); }); !done) return done;
    // Every section, slot and stub has its place in a segment. Sizes are fixed.
    timed("layout", [&] { lay_out(link_); });
    return {};
  }

  // What was free when the window was looked for may have gone to another thread since.
  Expected<void> reserve_somewhere(SetRecord& set) {
    Expected<void> done = reserve(set);
    if (done) [[likely]] return done;
    return reserve_elsewhere(set, std::move(done));
  }

  // Once where there is no room: who finds none in a second place has none. Where others of the process have come to lie
  // there, such as another session, there is room.
  [[gnu::cold, gnu::noinline]] Expected<void> reserve_elsewhere(SetRecord& set, Expected<void> done) {
    constexpr int kTries = 20;
    for (int tries = 0; !done && tries < kTries; ++tries) {
      const bool overtaken = done.error().code() == ErrorCode::kInUse;
      if (!overtaken && (done.error().code() != ErrorCode::kMemory || tries != 0)) break;
      if (std::exchange(set.reserved, false)) options_.memory->release(set.block);
      if (!plan_again()) break;
      done = reserve(set);
    }
    return done;
  }

  // With what is known by now.
  [[gnu::cold, gnu::noinline]] Expected<void> plan_again() {
    if (!link_.libraries.empty() && !is_shared_object(link_)) learn_libraries(link_);
    if (auto done = settle_place(link_, *options_.memory, span_); !done) return done;
    lay_out(link_);
    return {};
  }

  // Their constructors find what the caller of link() had.
  Expected<void> load_libraries(SetRecord& set) {
    if (link_.libraries.empty()) return {};
    caller_.restore();
    if (auto done = open_libraries(link_, set); !done) return done;
    return libraries_are_near(link_) ? Expected<void>() : plan_again();
  }

  Expected<void> link_passes(SetRecord& set) {
    if (auto done = plan_passes(); !done) return done;
    if (!link_.unresolved.empty()) return std::unexpected(undefined_symbols(link_));
    if (!link_.allocator.empty()) {
      if (auto done = check_allocator(); !done) return done;
    }
    if (auto done = is_shared_object(link_) ? open_and_fill(set) : fill_and_register(set); !done) return done;
    // The commit point: others see the set. What failed before was rolled back.
    if (auto done = timed("publish", [&] { return publish_set(set); }); !done) return done;
    if (options_.detail != Detail::kNone) set.report->plan.passes.assign(link_.passes.begin(), link_.passes.end());
    return {};
  }

  [[gnu::cold, gnu::noinline]] Expected<void> check_allocator() {
    const Global& global = first_allocator_function(link_);
    Place place;
    place.object = link_.object(global.object).name;
    place.symbol = global.name;
    if (is_replaceable(link_)) {
      return std::unexpected(Error(ErrorCode::kUnsupported, "a set that is replaceable cannot define it for the process",
                                   std::move(place))
                                 .with_cure("hide the definitions (visibility hidden), or link them as another set"));
    }
    Expected<void> done = options_.runtime->check_allocator();
    if (done) return done;
    return std::unexpected(std::move(done).error().with_place(std::move(place)));
  }

  Expected<void> fill_and_register(SetRecord& set) {
    // Shared libraries are opened: their constructors run, as they would before a program's own. Where the plan took
    // them to lie elsewhere, it is made again.
    if (auto done = timed("libraries", [&] { return load_libraries(set); }); !done) return done;
    // One call for all memory. Addresses are fixed.
    if (auto done = timed("reserve", [&] { return reserve_somewhere(set); }); !done) return done;
    return fill(set);
  }

  // The same of a set that is a shared object: the dynamic linker opens it and its libraries at once. Constructors of
  // the libraries run when the set is registered.
  [[gnu::cold, gnu::noinline]] Expected<void> open_and_fill(SetRecord& set) {
    if (auto done = timed("reserve", [&] { return reserve_somewhere(set); }); !done) return done;
    assign_global_addresses(link_);
    caller_.restore();
    return timed("load", [&] { return load_object(link_, set, [&] { return fill(set); }); });
  }

  // The set gets its contents. All that it binds to has its address.
  Expected<void> fill(SetRecord& set) {
    timed("addresses", [&] { assign_addresses(link_); });
    // What threads start with is written first: static blocks are in place in all of them when their offset is known.
    if (auto done = timed("tls", [&] { return make_thread_storage(set); }); !done) return done;
    // Bytes are copied and relocated, each section while it is in cache.
    if (auto done = timed("write", [&] { return write_image(link_, options_.thread_count); }); !done) return done;
    link_.workers.dismiss();  // resolvers of indirect functions run
    note_functions(link_, set);
    copy_debug_objects(link_, set);
    if (link_.has_names()) write_image_header(link_, *options_.runtime);
    // Nothing is writable and executable, ever; slots are read-only before any code but resolvers runs.
    if (auto done = timed("seal", [&] { return seal(set); }); !done) return done;
    std::optional<AllocatorFunctions> allocator;
    if (!link_.allocator.empty()) allocator = allocator_functions(link_);  // objects go
    if (!asks_for_objects(set)) drop_objects();
    // Unwinding works, and the set's end is known to the process.
    fill_record(link_, set);
    if (auto done = timed("register", [&] { return register_set(link_, set); }); !done) return done;
    // Debuggers and profilers know it.
    if (auto done = announce(set); !done) return done;
    return allocator ? replace_allocator(set, *allocator) : Expected<void>();
  }

  // Constructors of its libraries use it already.
  [[gnu::cold, gnu::noinline]] Expected<void> replace_allocator(SetRecord& set, const AllocatorFunctions& functions) {
    if (auto done = options_.runtime->replace_allocator(functions); !done) return done;
    set.make_course().is_allocator = true;
    return {};
  }

  void note_other_sets() {
    for (const std::shared_ptr<SetRecord>& set : link_.set->sharing_sets()) {
      link_.sharing.push_back({.set = set, .name = set->name, .slots = set->slots(), .stubs = set->stubs()});
    }
    if (link_.replaced) link_.face = link_.replaced->versions->face.get();
  }

  Expected<void> mark_sections() {
    if (link_.scheme == nullptr) {
      return std::unexpected(Error(ErrorCode::kInvalidArgument, "the set has no objects")
                                 .with_cure("add an object file, or an archive with whole-archive"));
    }
    if (link_.options->gc_sections) {
      if (auto done = mark_live(link_); !done) return done;
    }
    settle_control_flow(link_);
    if (auto done = wrap_fragments(link_); !done) return done;
    return trim_frames(link_);
  }

  Expected<void> partition(std::uint64_t& span) {
    span = assign_zones(link_);
    if (is_replaceable(link_) && link_.zones.size() > 1) {
      return std::unexpected(
          Error(ErrorCode::kUnsupported, "a set that spans more than its code reaches is not replaceable")
              .with_cure("link its large part as a set of its own"));
    }
    if (is_shared_object(link_)) span += bound_of_tables(link_);
    if (span > kAddressSpace) return std::unexpected(Error(ErrorCode::kMemory, "the set is larger than memory can be"));
    if (auto done = gather_bundles(link_); !done) return done;
    if (keep_state_) keep_thread_storage(link_, link_.replaced);
    settle_thread_models(link_);
    establish_facts(link_);
    return {};
  }

  Expected<void> make_thread_storage(SetRecord& set) {
    if (link_.threads.base == kNone<GlobalIndex>) return {};
    if (auto done = write_thread_image(link_); !done) return done;
    return open_thread_storage(link_, set);
  }

  Expected<void> reserve(SetRecord& set) {
    if (is_shared_object(link_)) {
      if (auto done = describe_object(link_, *options_.runtime); !done) return done;
      link_.constraint.lead = static_cast<std::uint32_t>(link_.lead);
    }
    const std::span<Segment> segments(link_.segments);
    const std::size_t own = segments.size() - (is_replaceable(link_) ? kFaceSegments : 0);
    if (auto done = take_block(segments.first(own), set.block, set.reserved); !done) return done;
    const std::span<Segment> face = segments.subspan(own);
    if (std::ranges::any_of(face, [](const Segment& s) { return s.size != 0; })) {
      Versions& versions = *set.versions;
      if (auto done = take_block(face, versions.face_block, versions.face_reserved); !done) return done;
    }
    link_.reserved = true;
    return {};
  }

  Expected<void> take_block(std::span<Segment> segments, Block& block, bool& taken) {
    Expected<Block> granted = options_.memory->reserve(link_.constraint, link_.window, requests_for(segments));
    if (!granted) return std::unexpected(std::move(granted).error());
    block = *std::move(granted);
    taken = true;
    const Block::Segment* at = block.segments.begin();
    const Block::Segment* const last = &block.segments.back();
    for (Segment& segment : segments) {
      segment.base = at->base;
      segment.working = at->working;
      if (segment.size != 0 && at != last) ++at;
    }
    return {};
  }

  // Segments that are empty are not asked for: they have the place of the next one that is not, or of the last.
  std::span<const SegmentRequest> requests_for(std::span<const Segment> segments) {
    const std::span<SegmentRequest> requests = link_.arena.make_for_overwrite<SegmentRequest>(segments.size());
    std::size_t count = 0;
    std::uint8_t p2align = 0;  // of those since the last
    for (const Segment& segment : segments) {
      p2align = std::max(p2align, segment.p2align);
      if (segment.size == 0) continue;
      requests[count++] = {segment.protection, segment.size, worth_bringing_in(segment), p2align};
      p2align = 0;
    }
    if (count == 0) requests[count++] = {};
    SegmentRequest& last = requests[count - 1];
    last.p2align = std::max(last.p2align, p2align);
    return requests.first(count);
  }

  // Providers bring in what will be written. Where alignment has left most of it out, that would take memory for gaps.
  std::uint64_t worth_bringing_in(const Segment& segment) const {
    constexpr std::uint8_t kLeavesGaps = 16;
    if (segment.p2align < kLeavesGaps) return segment.written_size;
    return is_sparse(segment) ? 0 : segment.written_size;
  }

  [[gnu::cold, gnu::noinline]] bool is_sparse(const Segment& segment) const {
    std::uint64_t filled = 0;
    for (const Object& object : link_.objects) {
      for (const Section& section : object.sections) {
        if (section.in_image() && !section.zero && &link_.segments[section.segment] == &segment) filled += section.size;
      }
    }
    return filled < segment.written_size / 4;
  }

  Expected<void> seal(SetRecord& set) {
    if (auto done = seal(set, SealStage::kCode); !done) return done;
    resolve_indirect_functions(link_, *options_.runtime);
    count_usage(link_);
    return seal(set, SealStage::kRelro);
  }

  Expected<void> seal(SetRecord& set, SealStage stage) {
    if (auto done = options_.memory->seal(set.block, stage); !done) return done;
    if (!set.versions || !set.versions->face_reserved) return {};
    return options_.memory->seal(set.versions->face_block, stage);
  }

  Expected<void> announce(SetRecord& set) {
    if (auto done = show_debug_objects(set); !done) return done;
    if (session_->profile == nullptr) return {};
    return session_->profile->add(linked_functions(link_));
  }

  Expected<void> publish_set(SetRecord& set) {
    if (options_.detail != Detail::kNone) {
      set.make_report().plan = make_plan(link_, options_.detail);
      set.report->usage = link_.usage;
    }
    drop_symbols();
    if (!link_.replaced) return publish(set);
    return attach(set);  // it takes the old one's place when its initialisers have run
  }

  // Will anything of the set's sections or local symbols be told, or kept for a version to come?
  bool asks_for_objects(const SetRecord& set) const {
    return options_.detail != Detail::kNone || options_.symbols == SymbolDetail::kAll || session_->profile != nullptr ||
           set.versions != nullptr;
  }

  // Once the image is sealed: the tables of a large set's objects are half as large as its image, and go before those
  // of its record are made.
  void drop_objects() {
    link_.objects.clear();
    link_.more_arenas.clear();
    link_.arena.clear();
  }

  // Once the record has all that remains: before the session's tables grow.
  void drop_symbols() {
    drop_objects();
    decltype(link_.globals)(&link_.scratch).swap(link_.globals);
    decltype(link_.needs)(&link_.scratch).swap(link_.needs);
  }

  void close_looked_up_libraries() {
    for (const Library& library : link_.libraries) {
      if (library.handle != nullptr && !library.kept) options_.runtime->close_library(library.handle);
    }
  }

  const CallerState caller_;
  static constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;

  const std::shared_ptr<Session::State>& session_;
  const SessionOptions& options_;
  SessionScope scope_;
  LinkState link_;
  SymbolTable table_;
  const bool keep_state_;
  std::uint64_t span_ = 0;
  std::size_t pass_number_ = 0;
  bool timing_ = options_.detail != Detail::kNone;  // will anybody ask how long passes took?
  bool watched_ = timing_ || options_.progress;     // or be told of them?
};

}  // namespace

Expected<Plan> plan_set(const std::shared_ptr<Session::State>& session, const ObjectSet& set) {
  return Linker(session, set, {}).plan();
}

Expected<std::shared_ptr<SetRecord>> link_set(const std::shared_ptr<Session::State>& session, const ObjectSet& set,
                                              const Replacing& replacing) {
  constexpr int kAttempts = 100;  // to tell a link that others keep overtaking from one that never ends
  for (int i = 1;; ++i) {
    Expected<std::shared_ptr<SetRecord>> linked = Linker(session, set, replacing).link();
    if (linked || linked.error().code() != ErrorCode::kInUse || i == kAttempts) return linked;
  }
}

}  // namespace enfold
