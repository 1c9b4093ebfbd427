// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What remains of a link once its set is live: what it takes to find the set's symbols and to undo the set. The input
// bytes and the link's own tables are gone by then. There may be tens of thousands of sets, so a record is small.
#ifndef ENFOLD_RUNTIME_SET_RECORD_H_
#define ENFOLD_RUNTIME_SET_RECORD_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/plan.h>
#include <enfold/runtime.h>
#include <enfold/session.h>

#include "hashed_name.h"
#include "sharing.h"

namespace enfold {

struct SetRecord;
struct Face;
struct SymbolMap;
struct KeptState;
struct FaceStubs;
struct ThreadStorage;

struct ExportedSymbol {
  std::string_view name;  // in SetRecord::storage
  TargetAddr address{};   // of a thread-local: its offset in the set's block
  std::uint64_t size = 0;
  std::uint32_t hash = 0;  // of the name
  HostSymbolKind kind = HostSymbolKind::kUnknown;
  bool strong : 1 = false;
  bool unique : 1 = false;
  bool local : 1 = false;  // for the set's handle only: hidden roots, and unique symbols that another definition serves

  HashedName hashed_name() const { return {name, hash}; }
};

// One symbol that a set has of another.
struct SymbolUse {
  std::string_view symbol;  // in the user's SetRecord::storage
  UseKind kind = UseKind::kBinding;
  TargetAddr slot{};  // of kDataSlot: the user's, to be switched when the provider is replaced
};

// A dependency: what keeps the provider loaded.
struct Edge {
  std::shared_ptr<SetRecord> provider;
  std::uint32_t index = 0;  // of this edge among the provider's dependents
  std::vector<SymbolUse> uses;
};

// The other end: an edge, found from its provider.
struct Dependent {
  SetRecord* user = nullptr;
  std::uint32_t edge = 0;  // index in the user's dependencies
};

// Whom a set depends on, and who depends on it.
struct Ties {
  std::vector<Edge> dependencies;
  std::vector<Dependent> dependents;
};

// Where an earlier version's stub will lead.
struct SwitchTarget {
  std::string_view symbol;  // in SetRecord::storage
  TargetAddr address{};
};

// A copy of an object, for debuggers.
struct ShownObject {
  std::unique_ptr<std::byte[]> bytes;
  std::size_t size = 0;
  void* entry = nullptr;  // the runtime's, while it is shown
};

// What runs at a set's beginning and end, and what it has of the process meanwhile. Most small sets have none of it.
struct Course {
  std::vector<void*> libraries;
  std::vector<TargetAddr> handles;                   // __dso_handle of each zone
  std::vector<TargetAddr> initialisers, finalisers;  // in the order in which they run
  std::uint32_t thread_exit_count = 0;               // destructors that threads have registered; see thread_exits.cc
  std::shared_ptr<ThreadStorage> threads;            // null where the set has no thread-locals
  std::vector<ShownObject> shown;                    // to debuggers
  void* object = nullptr;                            // the set as the dynamic linker knows it, if it does
  bool is_allocator = false;                         // its malloc is the process's
};

// What makes a set replaceable.
struct Versions {
  std::shared_ptr<Face> face;
  std::shared_ptr<KeptState> state;
  Block face_block;  // stubs made for this version, until publishing moves it to the face
  bool face_reserved = false;
  FaceStubs* face_stubs = nullptr;  // what is known to describe() of that block, until publishing moves it, too
  std::uint32_t number = 1;         // of the version; the first is 1
  std::vector<SwitchTarget> targets;  // by symbol; until it has taken the replaced version's place
};

// What was asked to be remembered of the link.
struct Report {
  Plan plan;
  Usage usage;
  std::shared_ptr<const SymbolMap> symbol_map;  // with SymbolDetail::kAll
};

// Threads: everything but the last group is fixed once the set is published, but for what replacing changes under the
// session's lock.
struct SetRecord : std::enable_shared_from_this<SetRecord> {
  enum class Phase : std::uint8_t {
    kLinking,
    kLive,
    kLeaving,     // being unloaded
    kFinalising,  // exit() runs its finalisers
    kFinalised,   // exit() has: the memory stays
    kUnloaded,
  };

  std::shared_ptr<Session::State> session;
  std::unique_ptr<Report> report;
  Visibility visibility = Visibility::kSession;
  Replaceable replaceable = Replaceable::kNo;
  bool reserved = false, exit_registered = false, data_shown = false;
  bool was_shown = false;     // to debuggers, which may have breakpoints in it
  bool described = false;     // its addresses are known to describe(), but for its first segment's
  bool tables_alone : 1 = false;  // where that holds unwind tables alone: many a tiny set's only constants
  bool data_listed : 1 = false;   // by dl_iterate_phdr
  // Exports, slots, stubs and frames, so many of each, and then the names of the set, of exports, uses and targets, in
  // one block: a tiny set's in `room`.
  std::unique_ptr<std::byte[]> storage;
  std::uint32_t export_count = 0, slot_count = 0, stub_count = 0, frame_count = 0;
  std::uint32_t registered_count = 0;  // of frames, the first that are
  std::uint32_t index = 0;             // among the session's live sets; guarded by its lock
  std::string_view name;
  Block block;  // without empty segments, unless it has no other
  std::unique_ptr<Course> course;
  std::unique_ptr<Versions> versions;
  std::shared_ptr<SetRecord> behind;  // while it goes: the set that goes next, see going.h. From release() until nobody
                                      // reads it any more: itself

  // Guarded by the session's lock, but for `phase` and `pin_count`, which change under a reader's lock.
  std::unique_ptr<Ties> ties;               // null where there are none
  std::uint64_t sequence = 0;               // of publishing: later sets depend on earlier ones, replacing aside
  std::atomic<std::uint32_t> pin_count{0};  // links under way that bind to it
  std::atomic<Phase> phase{Phase::kLinking};
  bool orphaned = false;                    // its handle is gone: unload with the last dependent
  bool used_to_the_end = false;             // others depended on it when it was taken out
  bool waiting = false;                     // unloaded, but for what threads have still to run: see thread_exits.cc

  // Until the storage is made, names are the link's.
  std::byte* make_storage(std::size_t size);

  std::span<const ExportedSymbol> exports() const { return run<ExportedSymbol>(items(), export_count); }  // by hash
  // What others may share, each by target.
  std::span<const SharedEntry> slots() const { return run<SharedEntry>(exports().data() + export_count, slot_count); }
  std::span<const SharedEntry> stubs() const { return run<SharedEntry>(slots().data() + slot_count, stub_count); }
  std::span<const FrameTables> frames() const { return run<FrameTables>(stubs().data() + stub_count, frame_count); }

  bool retired() const { return versions && replaceable == Replaceable::kNo; }  // another version has its place
  bool live() const { return phase.load() == Phase::kLive; }
  const ExportedSymbol* find(HashedName symbol) const;
  std::span<Edge> dependencies() const { return ties ? std::span(ties->dependencies) : std::span<Edge>(); }
  std::span<Dependent> dependents() const { return ties ? std::span(ties->dependents) : std::span<Dependent>(); }
  std::shared_ptr<ThreadStorage> threads() const { return course ? course->threads : nullptr; }
  bool has_initialisers() const { return course && !course->initialisers.empty(); }
  Report& make_report() {
    if (!report) report = std::make_unique<Report>();
    return *report;
  }
  Course& make_course() {
    if (!course) course = std::make_unique<Course>();
    return *course;
  }
  Ties& make_ties() {
    if (!ties) ties = std::make_unique<Ties>();
    return *ties;
  }

  // A symbol or two, an unwind table, and names that are not long. Not initialised.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): memory for storage
  SetRecord() {}
  alignas(8) std::array<std::byte, 104> room;

 private:
  template <class T>
  static std::span<const T> run(const void* first, std::uint32_t count) {
    return {static_cast<const T*>(first), count};
  }
  const std::byte* items() const { return storage ? storage.get() : room.data(); }
};

static_assert(sizeof(SetRecord) <= 360);

// In memory that records share: they outlive what made them, and there may be tens of thousands.
std::shared_ptr<SetRecord> make_record();

// Gives the system what records that went have left.
void trim_records() noexcept;

template <class Visit>
void each_data_segment(const SetRecord& set, Visit&& visit) {
  for (const Block::Segment& segment : set.block.segments) {
    if (segment.protection == Protection::kReadWrite && segment.size != 0) visit(segment);
  }
}

// "'name'", and of a replaceable set which version: "'name' (version 2)".
std::string quoted(const SetRecord& set);

// Runs the initialisers: preinit arrays, then init arrays.
void run_initialisers(SetRecord& set);

// Runs the set's exit handlers, then its finalisers, once.
void run_finalisers(SetRecord& set);

// The exit handler of a set that has anything to run at its end: runs its finalisers. Registered before the first
// initialiser runs, so that it comes after everything that the set registers itself, as in a program.
void finalise_at_exit(void* set);

// The first half of release(): nothing is left of what the set registered. Its memory and libraries are still there.
void withdraw(SetRecord& set) noexcept;

// Gives back what the link took: registrations, libraries, memory. Each part only if it was taken.
void release(SetRecord& set) noexcept;

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_SET_RECORD_H_
