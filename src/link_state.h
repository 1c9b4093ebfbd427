// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything one link knows, handed from pass to pass. Each pass fills its own part and freezes it; src/link.cc says
// which.
#ifndef ENFOLD_LINK_STATE_H_
#define ENFOLD_LINK_STATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/object_set.h>
#include <enfold/plan.h>
#include <enfold/runtime.h>

#include "arena.h"
#include "arch/arch.h"
#include "face.h"
#include "hashed_name.h"
#include "model.h"
#include "rare_vector.h"
#include "read/archive.h"
#include "read/input_files.h"
#include "read/shared_library.h"
#include "reloc/reloc.h"
#include "scratch.h"
#include "sharing.h"
#include "workers.h"

namespace enfold {

struct SetRecord;
struct SharedObject;
struct ThreadStorage;

// Symbols that the linker itself defines when a set refers to them and nobody else does.
enum class Synthetic : std::uint8_t {
  kNone,
  kGotBase,     // _GLOBAL_OFFSET_TABLE_: the zone's
  kHandle,      // __dso_handle: the zone's first byte; its address is what names the set
  kBundleStart, // __start_NAME, __init_array_start
  kBundleStop,
  kTextEnd,     // etext
  kDataEnd,     // edata
  kImageEnd,    // end
  kImageStart,  // __executable_start
  kBoundStub,   // atexit and its kin, by way of a stub that adds the handle
  kThreadBase,  // _TLS_MODULE_BASE_: where local-dynamic code counts from
  kDataStart,   // data_start
  kHeader,      // __ehdr_start: see image_header.h
  kDynamic,     // _DYNAMIC, likewise
  kStdinUsed,   // _IO_stdin_used, likewise
  kFrameTable,  // __GNU_EH_FRAME_HDR: the first zone's search table
  kEmptyFunction,  // _init and _fini: pieces of them are functions of their own
};

// Who defines a global, in the order of resolution.
enum class Origin : std::uint8_t {
  kUndefined,
  kSet,        // an object of the set
  kCommon,     // the set, storage allotted by the linker
  kSession,    // an earlier set, or Session::define
  kLibrary,    // a shared library named by the set
  kProcess,    // the process's global scope
  kSynthetic,  // the linker
  kNull,       // undefined weak
  kMissing,    // nobody: an error of the link
};

constexpr std::uint32_t kNoProvider = 0xffff'ffff;

// A large set has a hundred thousand.
struct Global {
  std::string_view name;  // without a default version
  std::uint64_t value = 0;          // address outside the set, or absolute; in the set: after layout
  std::uint64_t size = 0;
  ObjectIndex object = kNone<ObjectIndex>;  // definer, when origin is kSet; largest tentative, when kCommon
  SymbolIndex symbol{};
  NeedIndex needs = kNone<NeedIndex>;       // first of its needs
  BundleIndex bundle = kNone<BundleIndex>;  // when synthetic start or stop
  GlobalIndex behind = kNone<GlobalIndex>;  // when kBoundStub: what the stub jumps to
  std::uint32_t library = 0;        // when kLibrary
  std::uint32_t provider = kNoProvider;  // when kSession: index in LinkState::dependencies, or none: defined by address
  std::uint32_t unresolved = 0;     // index + 1 in LinkState::unresolved
  std::uint32_t kept_by = 0;        // a variable of a replaced version: index + 1 in LinkState::kept
  std::uint32_t thread_module = 0;  // of a thread-local outside the set: index in ThreadLocals::modules
  std::uint32_t hash = 0;           // of the name
  Origin origin = Origin::kUndefined;
  Binding binding = Binding::kLocal;        // of the definition
  SymbolType type = SymbolType::kNone;
  SymbolVisibility visibility = SymbolVisibility::kDefault;  // the most constraining of all mentions
  Synthetic synthetic = Synthetic::kNone;
  std::uint8_t common_p2align = 0;
  std::uint8_t bound_function = 0;  // when kBoundStub
  std::uint16_t facts = 0;          // SymbolFact bits as the first zone sees it, from establish_facts on
  bool wanted : 1 = false;          // a strong reference: archives and libraries are asked
  bool referenced : 1 = false;
  bool grouped : 1 = false;         // a COMDAT group of that name is kept
  bool large_common : 1 = false;
  bool switchable : 1 = false;  // data of a set that may be replaced: reached through slots that can be switched
  bool addressed : 1 = false;   // such data is addressed directly all the same
  bool faced : 1 = false;       // a function that others know by a stub, because the set may be replaced
  bool thread_import : 1 = false;  // a thread-local of the process: its distance from the thread pointer is asked for
  // In a library that was not loaded when the link began: address unknown to the plan, which takes it to be near the
  // libraries that are.
  bool loaded_later : 1 = false;
  bool versioned : 1 = false;      // its name ends with a version: "name@VERSION"
  bool read_only : 1 = false;      // data outside the set that nobody writes to once it is relocated
  bool root : 1 = false;           // the options name it as one

  HashedName hashed_name() const { return {name, hash}; }
};
static_assert(sizeof(Global) <= 88);

// A slot, stub or piece of storage, of one symbol in one zone.
struct Need {
  NeedKind kind = NeedKind::kSlot;
  Reason reason = Reason::kOutOfReach;
  ZoneIndex zone{};
  ObjectIndex object = kNone<ObjectIndex>;  // owner of a local symbol; none for a global
  std::uint32_t symbol = 0;                 // SymbolIndex or GlobalIndex
  NeedIndex next = kNone<NeedIndex>;        // of the same symbol
  NeedIndex slot = kNone<NeedIndex>;        // of a stub: what it jumps through
  bool holds_target = false;                // a slot of a canonical or bound stub: where the stub jumps
  std::uint32_t ordinal = 0;                // among words of slots, or stubs, of its zone
  std::uint32_t use_count = 0;
  bool used = false;                        // a fixup was applied to it
  bool face = false;                        // a stub, or its slot, that outlives this version of the set
  std::uint32_t sharing = 0;                // an earlier set's serves: index + 1 in LinkState::sharing
  TargetAddr shared_at{};                   // likewise: its address
  // First use
  ObjectIndex use_object{};
  SectionIndex use_section{};
  std::uint32_t use_relocation = 0;
  std::uint64_t use_offset = 0;
  // Layout
  std::uint32_t segment = 0;
  std::uint64_t offset = 0, size = 0;
};

// Sections of one name that lie contiguously because somebody asks where they start and stop, or that run in order.
struct Bundle {
  std::string_view name;
  SectionRole role = SectionRole::kConstant;
  ZoneIndex zone{};
  bool zero = true;
  struct Member {
    ObjectIndex object;
    SectionIndex section;
  };
  std::vector<Member> members{};
  std::uint32_t segment = 0;
  std::uint64_t begin = 0, end = 0;  // offsets in the segment
};

// Segments of a zone, in address order. Large ones come last: nothing refers to them directly.
enum class SegmentRole : std::uint8_t { kConstant, kCode, kRelro, kData, kLargeConstant, kLargeData };
constexpr std::uint32_t kSegmentsPerZone = 6;

constexpr std::uint32_t segment_of(ZoneIndex zone, SegmentRole role) {
  return raw(zone) * kSegmentsPerZone + static_cast<std::uint32_t>(role);
}

// After all zones' segments, where the set is replaceable: a block of their own.
enum class FaceSegment : std::uint8_t { kStubs, kSlots };
constexpr std::uint32_t kFaceSegments = 2;

struct Segment {
  Protection protection = Protection::kRead;
  std::uint8_t p2align = 0;
  std::uint32_t section_count = 0;
  std::uint64_t size = 0, written_size = 0;
  TargetAddr base{};             // once reserved
  std::byte* working = nullptr;  // likewise: where it is written
};

// The set's thread-local storage: sections of one block, of which every thread has a copy.
struct ThreadLocals {
  bool is_static = false;  // the block has the same distance from the thread pointer in every thread
  bool must_be = false;    // likewise, and code relies on it
  bool from_pointer = false;  // local-dynamic code of a static block was rewritten to count from the thread pointer
  std::uint64_t size = 0, image_size = 0;  // of the block; its first bytes, which are not zero
  std::uint8_t p2align = 0;
  std::uint64_t section_count = 0;
  std::vector<std::byte> image;  // working memory
  std::shared_ptr<ThreadStorage> kept;  // of a replaced version that has the same variables
  bool kept_is_static = false;
  std::shared_ptr<SetRecord> owner;     // likewise: the version that had them first
  GlobalIndex base = kNone<GlobalIndex>;  // _TLS_MODULE_BASE_
  std::vector<ThreadModule> modules;      // the set's own, then those that its code refers to; none without `base`
  ThreadFunctions functions;
};

constexpr std::uint32_t kThreadSegment = 0xffff'ffff;  // of sections and needs in that block

// What the linker adds to a zone's segments: offsets in them.
struct ZoneTables {
  std::uint64_t unwind_size = 0;                 // of constants: .eh_frame from the start on, with its terminator
  std::uint64_t search_at = 0, search_size = 0;  // behind it: its search table
  std::uint32_t frame_count = 0;                 // FDEs
  std::uint8_t frame_encoding = 0;               // of them all, or kMixedEncodings
  std::uint64_t stubs_at = 0, stubs_lead = 0;    // of code; padding before them
  std::uint64_t stub_frames_at = 0, stub_frames_size = 0;  // of the unwind tables, what stands there of stubs
  std::uint64_t slots_at = 0;                    // of what is read-only after relocation
};

// A stretch of the set whose parts all reach each other, with its own slots and stubs.
struct Zone {
  std::uint32_t slot_count = 0, stub_count = 0, bound_stub_count = 0;
  std::uint32_t slot_words = 0;  // some slots have two
  bool compact = true;  // all of it in reach; else huge and large sections are reached at their start at most
  ZoneTables tables;    // from layout on
};

struct Library {
  std::string path;
  std::string name;
  read::SharedLibrary symbols;
  void* handle = nullptr;    // ours to close, when open
  bool loaded_before = false;
  bool kept = false;         // the set keeps it open
  bool as_needed = false, used = false;
};

// What the library has for the symbol: the version that it asks for, or the default one.
std::optional<read::SharedSymbol> find_in(const Library& library, const Global& global);

// What the process is to be asked for, so that it finds the definition that was found in the library's file.
std::string exact_name(const Global& global, const read::SharedSymbol& found);

struct OpenArchive {
  read::Archive archive;
  std::size_t libraries_before = 0;  // shared libraries named earlier: what they define is taken from them
  std::unordered_set<std::uint64_t> loaded;  // header offsets of members linked
};

// What there is of a name that has not the version asked for.
struct OtherVersions {
  std::string_view name;  // "name@VERSION", as it was asked for
  std::vector<std::string> found;
};

// Whose variable or section of variables the set goes on with.
struct Kept {
  std::shared_ptr<SetRecord> owner;
  std::string_view name;
};

constexpr std::uint32_t kFaceSharing = 0xffff'ffff;  // Need::sharing of a stub that the replaced version has already

// Where the header and the empty function lie that are made for who asks for them: offsets in the first zone's segments.
struct ImageNames {
  std::uint64_t header_at = 0, function_at = 0;
};

struct LinkState {
  const ObjectSet* set = nullptr;
  const SetOptions* options = nullptr;
  Scratch scratch;
  Arena arena;
  RareVector<std::unique_ptr<Arena>> more_arenas;  // likewise, of other threads
  Workers workers;
  unsigned thread_count = 0;  // that may work at once; 0: as many as there are processors
  ScratchVector<read::InputFile> files{&scratch};
  RareVector<std::shared_ptr<const read::FileBytes>> storage;  // of thin archives' members
  RareVector<OpenArchive> archives;
  RareVector<Library> libraries;
  ScratchVector<Object> objects{&scratch};
  ScratchVector<Global> globals{&scratch};
  ScratchVector<Need> needs{&scratch};
  ScratchVector<Bundle> bundles{&scratch};
  ScratchVector<Zone> zones{&scratch};
  ThreadLocals threads;
  ScratchVector<Segment> segments{&scratch};  // zones * kSegmentsPerZone
  RareVector<UnresolvedSymbol> unresolved;
  const Architecture* arch = nullptr;
  const RelocationScheme* scheme = nullptr;
  const StubForm* stubs = nullptr;  // how this link's are written
  ControlFlowMarks marks;           // of the set
  Constraint constraint;
  AddressRange window;
  bool reserved = false;
  Usage usage;
  std::uint32_t synthetics = 0;    // those that the linker defines: a bit each
  std::uint64_t symbol_count = 0;  // of all objects
  // Whether any object has some: the first two once it is read, the others from assign_zones on.
  bool has_thread_locals = false, has_fragments = false, has_huge = false, has_arrays = false;
  std::uint64_t relocation_count = 0, relaxed_count = 0;
  std::vector<std::shared_ptr<SetRecord>> dependencies;  // whose symbols it binds to
  RareVector<SharingSet> sharing;                        // whose slots and stubs may serve
  std::shared_ptr<SetRecord> replaced;                   // the version that this one takes the place of
  const Face* face = nullptr;                            // of that version: the stubs that others know it by
  RareVector<Kept> kept;                                 // what it goes on with
  std::uint64_t kept_section_count = 0, kept_symbol_count = 0;
  RareVector<PassTime> passes;
  std::uint64_t lookup_count = 0;  // of names in indices of archives, and the other way round
  ImageNames names;  // from layout on
  std::shared_ptr<SharedObject> object_image;  // where the set is to be one
  std::uint64_t lead = 0;                      // bytes before its segments: the object's tables
  RareVector<GlobalIndex> allocator;         // malloc and its kin, in the order of AllocatorFunctions, where it shows any
  RareVector<OtherVersions> other_versions;  // of those that nobody defines

  bool defines(Synthetic which) const { return (synthetics >> static_cast<unsigned>(which) & 1) != 0; }
  // The first that is made for who asks, and those behind it.
  bool has_names() const { return synthetics >> static_cast<unsigned>(Synthetic::kHeader) != 0; }
  Object& object(ObjectIndex i) { return objects[raw(i)]; }
  const Object& object(ObjectIndex i) const { return objects[raw(i)]; }
  Section& section(ObjectIndex o, SectionIndex s) { return object(o).sections[s]; }
  Global& global(GlobalIndex i) { return globals[raw(i)]; }
  const Global& global(GlobalIndex i) const { return globals[raw(i)]; }
  Need& need(NeedIndex i) { return needs[raw(i)]; }
  const Need& need(NeedIndex i) const { return needs[raw(i)]; }
};

// Calls visit(index, zone) for each zone.
template <class Link, class Visit>
void for_each_zone(Link& link, Visit&& visit) {
  std::uint32_t i = 0;
  for (auto& zone : link.zones) visit(ZoneIndex{i++}, zone);
}

// Asks for the bytes of the object behind that one, which a pass over the objects will look at next: where there are
// many they have left the nearer caches since they were read.
inline void fetch_next(const LinkState& link, ObjectIndex object) {
  if (raw(object) + 1 < link.objects.size()) read::fetch_ahead(read::Bytes(link.objects[raw(object) + 1].file));
}

inline std::uint32_t face_segment(const LinkState& link, FaceSegment which) {
  return static_cast<std::uint32_t>(link.zones.size()) * kSegmentsPerZone + static_cast<std::uint32_t>(which);
}
// How many threads are worth it where a pass takes some dozens of nanoseconds for each symbol.
inline unsigned threads_for_symbols(const LinkState& link) {
  constexpr std::uint64_t kWorthOfThread = 20'000;
  return threads_for(link.symbol_count, kWorthOfThread, link.thread_count);
}

inline bool is_shared_object(const LinkState& link) { return link.options->as_shared_object; }

// Data of the host's that direct addressing cannot reach may be copied into the set: where that was asked for; and into
// what is a shared object where nobody can tell, as the library will bind to the copy, or the data are constant.
inline bool may_copy_some(const LinkState& link) { return link.options->copy_data || is_shared_object(link); }
inline bool may_copy(const LinkState& link, const Global& global) {
  return link.options->copy_data || (is_shared_object(link) && (global.loaded_later || global.read_only));
}

inline bool is_replaceable(const LinkState& link) { return link.options->replaceable != Replaceable::kNo; }

inline TargetAddr address_of(const LinkState& link, std::uint32_t segment, std::uint64_t offset) {
  return link.segments[segment].base + offset;
}
inline TargetAddr address_of(const LinkState& link, const Section& section) {
  return address_of(link, section.segment, section.offset);
}
inline TargetAddr address_of(const LinkState& link, const Need& need) {
  if (need.sharing != 0) return need.shared_at;
  if (need.segment == kThreadSegment) return TargetAddr{need.offset};  // in each thread's block
  return address_of(link, need.segment, need.offset);
}
inline std::byte* working(const LinkState& link, std::uint32_t segment, std::uint64_t offset) {
  return link.segments[segment].working + offset;
}

// A byte of a section, as errors name it.
Place place_in(const Object& object, const Section& section, std::uint64_t offset);

// Where a fixup stands, likewise.
Place place_of(const Object& object, SectionIndex section, std::uint32_t relocation, const Fixup& fixup);
// A symbol's name for people: its own, or its section's.
std::string display_name(const Object& object, SymbolIndex symbol);
// The offset in the image of a byte of the input section; nothing when it was trimmed away.
std::optional<std::uint64_t> laid_offset(const Section& section, std::uint64_t offset);

// The same for offsets that mostly rise, as those of relocations do.
class LaidOffsets {
 public:
  explicit LaidOffsets(const Section& section) : section_(section), pieces_(section.pieces()) {}

  std::optional<std::uint64_t> find(std::uint64_t offset) {
    for (std::size_t near = at_; near < std::min(at_ + 2, pieces_.size()); ++near) {
      const Piece& piece = pieces_[near];
      if (offset - piece.from >= piece.size) continue;
      at_ = near;
      return piece.to + (offset - piece.from);
    }
    return seek(offset);
  }

 private:
  std::optional<std::uint64_t> seek(std::uint64_t offset);

  const Section& section_;
  std::span<const Piece> pieces_;
  std::size_t at_ = 0;  // the piece that the last one was in
};

}  // namespace enfold

#endif  // ENFOLD_LINK_STATE_H_
