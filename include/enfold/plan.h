// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_PLAN_H_
#define ENFOLD_PLAN_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/error.h>
#include <enfold/memory.h>

namespace enfold {

enum class NeedKind : std::uint8_t {
  kSlot,           // a GOT entry
  kStub,           // an indirect jump through a slot
  kCanonicalStub,  // a stub that is also the function's address for the whole set
  kBoundStub,      // a stub that passes the set's handle as an argument: atexit and its kin
  kCopy,           // a copy of a shared library's data object
  kCommon,         // storage of a common symbol
  // GOT entries of thread-locals
  kThreadOffset,      // distance from the thread pointer (initial-exec)
  kThreadIndex,       // two words, the argument of __tls_get_addr (general-dynamic)
  kThreadModule,      // the same for the start of the set's own block (local-dynamic)
  kThreadDescriptor,  // two words: an entry point and its argument (TLSDESC)
};

// Why a need could not be avoided.
enum class Reason : std::uint8_t {
  kOutOfReach,        // the symbol is not in direct reach of every address the set may lie at
  kOtherZone,         // the symbol lies in another zone of the set
  kNotRewritable,     // the instruction or relocation type has no direct form
  kRelaxationOff,     // it has one, but relaxation was turned off
  kIndirectFunction,  // the address is known only when the resolver has run
  kUndefinedWeak,     // the address is null
  kForStub,           // a stub jumps through the slot
  kAddressTaken,      // the function's address is used by code that cannot hold the real one
  kHandleArgument,    // the C library's function takes the caller's handle
  kTentative,         // a definition without storage (-fcommon)
  kReplaceable,       // another version may come to define it
  kPerThread,         // the distance from the thread pointer differs from thread to thread
};

std::string_view name(NeedKind kind);
std::string_view name(Reason reason);
std::string_view name(Protection protection);

struct PlannedSegment {
  Protection protection = Protection::kRead;
  std::uint32_t zone = 0;
  std::uint64_t size = 0;           // bytes
  std::uint64_t written_size = 0;   // bytes that are not implicitly zero
  std::uint8_t p2align = 0;
  std::uint32_t section_count = 0;  // input sections laid out in it
  std::uint32_t slot_count = 0;
  std::uint32_t stub_count = 0;
  std::uint64_t slot_size = 0;      // bytes of `size` that are slots
  std::uint64_t stub_size = 0;      // bytes of `size` that are stubs
  TargetAddr base{};                // 0 in a plan that was not linked
};

// One slot, stub or piece of storage that the linker adds, and the first use that made it necessary.
struct PlannedNeed {
  NeedKind kind = NeedKind::kSlot;
  Reason reason = Reason::kOutOfReach;
  std::uint32_t zone = 0;
  std::string symbol;          // as in the object; a local's name, or its section's
  std::string symbol_object;   // the object that owns a local symbol; empty for globals
  std::string shared_with;     // the set whose slot or stub serves; empty when it is the set's own
  TargetAddr address{};        // 0 in a plan that was not linked, unless shared; of a thread-local: its offset
  std::uint64_t size = 0;      // bytes of this set; 0 when shared
  std::uint32_t use_count = 0; // fixups served
  Place first_use;             // object, section, offset, relocation
};

struct PlannedSection {
  std::string object;
  std::string name;
  std::uint32_t segment = 0;   // index into segments
  std::uint64_t offset = 0;    // bytes from the segment's start
  std::uint64_t size = 0;
  std::uint8_t p2align = 0;
};

struct PlannedSymbol {
  std::string name;
  std::string origin;          // the object, set, library or "process" that defines it
  TargetAddr address{};        // 0 in a plan that was not linked, unless known before; of a thread-local: its offset
  std::uint64_t size = 0;
};

// A symbol nobody defines, and who refers to it.
struct UnresolvedSymbol {
  std::string name;
  std::vector<Place> references;  // at most 3
  std::uint32_t reference_count = 0;
};

// Thread-local storage that the set defines.
struct PlannedThreadStorage {
  std::uint64_t size = 0;          // bytes of each thread's block; 0: none
  std::uint64_t image_size = 0;    // of them, that are not zero at first
  std::uint8_t p2align = 0;
  std::uint64_t section_count = 0;
  bool is_static = false;          // at the same distance from the thread pointer in every thread
  std::uint64_t module = 0;        // 0 in a plan that was not linked
  std::int64_t tp_offset = 0;      // likewise; of static storage
};

struct PassTime {
  std::string_view pass;
  std::chrono::nanoseconds time{};
};

// What a link needs, known before memory is touched. `segments`, `needs` and the totals of a LinkedSet's plan are what
// the link used.
struct Plan {
  std::string set;
  std::string architecture;
  AddressRange window;                    // where the set will lie
  std::uint32_t zone_count = 1;
  std::vector<PlannedSegment> segments;   // rising addresses
  std::vector<PlannedNeed> needs;         // in input order
  PlannedThreadStorage threads;
  std::vector<UnresolvedSymbol> unresolved;
  std::vector<PlannedSection> sections;   // by address; filled when Detail::kSections was asked for
  std::vector<PlannedSymbol> symbols;     // global ones, by name; likewise
  std::vector<std::string> inputs;        // the objects linked, archive members included
  std::vector<PassTime> passes;
  std::uint64_t object_count = 0, section_count = 0, relocation_count = 0, relaxed_count = 0;
  std::uint64_t discarded_section_count = 0, discarded_size = 0;
  bool landing_pads = false;  // all code of the set is marked as compiled for them (x86-64: IBT)
  bool shadow_stack = false;  // likewise (x86-64: SHSTK)
  std::uint64_t shared_slot_count = 0, shared_stub_count = 0;  // of earlier sets: part of `needs`, of no segment
  std::uint64_t kept_section_count = 0, kept_symbol_count = 0;  // that stay where the replaced version has them

  std::uint64_t size() const;  // bytes, all segments
  std::uint64_t count(NeedKind kind) const;
};

enum class Detail : std::uint8_t {
  kNone,      // a linked set keeps no plan: the least time and memory
  kSummary,
  kSections,  // with every section and global symbol
};

}  // namespace enfold

#endif  // ENFOLD_PLAN_H_
