// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold for C, and for whatever calls C: sessions, sets, plans and errors as in enfold/enfold.h, whose headers say
// more of each. Memory providers and runtime hooks of one's own are classes, and left to C++. A program is linked by
// the C++ compiler, whose library enfold needs.
//
//   #include <enfold/c.h>
//   #include <stdio.h>
//
//   static int failed(enfold_error* error) {
//     fprintf(stderr, "%s\n", enfold_error_text(error));
//     enfold_error_free(error);
//     return 1;
//   }
//
//   int main(void) {
//     enfold_session* session;
//     enfold_error* error = enfold_session_create(NULL, 0, &session);
//     if (error) return failed(error);
//
//     enfold_object_set* set = enfold_set_create("answer");
//     enfold_set_add_file(set, "answer.o");                          // int answer(int)
//
//     enfold_linked_set* linked;
//     error = enfold_session_link(session, set, &linked);
//     if (error) return failed(error);
//
//     enfold_function answer;
//     error = enfold_linked_function(linked, "answer", &answer);
//     if (error) return failed(error);
//     printf("%d\n", ((int (*)(int))answer)(6));
//
//     enfold_linked_free(linked);                                    // unloads the set
//     enfold_session_free(session);
//   }
//
// States are types: enfold_object_set (open) -> enfold_plan (counted, nothing written) -> enfold_linked_set (live).
//
// What holds for every function:
// Errors: a function that may fail returns NULL, or an error for the caller to free; what it would have written through
//   its last pointer is then NULL or 0. NULL instead of something needed is ENFOLD_CODE_INVALID_ARGUMENT; functions
//   without an error take it for something empty. No exception leaves the library: what callbacks throw becomes
//   ENFOLD_CODE_RUNTIME. What initialisers throw ends the process, as in a program.
// Ownership: a handle that is returned, or written through a parameter, goes to its type's *_free, which takes NULL,
//   too; a handle to const, and a string, belongs to what it was asked of and lives as long. Strings and structs that
//   are passed are copied, but for what is said of bytes and of argv. No string is NULL.
// Threads: session functions from several threads at once, each with sets of its own; look-ups in one linked set, and
//   reading of one plan or error, too; everything else one thread at a time. Callbacks of a session that is used by
//   several threads are called by all of them.
// Structs: are passed with their size, sizeof of what the caller knows: later versions add members at the end. 0 is the
//   default of each option: start with `= {0}`. enfold_place and enfold_window stay as they are.
#ifndef ENFOLD_C_H_
#define ENFOLD_C_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct enfold_error enfold_error;
typedef struct enfold_session enfold_session;
typedef struct enfold_object_set enfold_object_set;
typedef struct enfold_plan enfold_plan;
typedef struct enfold_linked_set enfold_linked_set;
typedef struct enfold_users enfold_users;

// Any function: cast it to what it is.
typedef void (*enfold_function)(void);

// ---------------------------------------------------------------------------------------------------------- errors

typedef enum enfold_code {
  ENFOLD_CODE_NONE = 0,              // of no error, NULL
  ENFOLD_CODE_INVALID_ARGUMENT = 1,  // a call that makes no sense as made
  ENFOLD_CODE_IO = 2,                // a file could not be opened or read
  ENFOLD_CODE_MALFORMED = 3,         // truncated or corrupt input
  ENFOLD_CODE_UNSUPPORTED = 4,       // well-formed, but not for this linker or architecture
  ENFOLD_CODE_UNDEFINED_SYMBOL = 5,  // one error for all undefined symbols of a set; see the causes
  ENFOLD_CODE_DUPLICATE_SYMBOL = 6,  // two strong definitions
  ENFOLD_CODE_OUT_OF_RANGE = 7,      // a fixup's value does not fit its field; see range and cure
  ENFOLD_CODE_DISCARDED = 8,         // a live section refers to a section that was discarded
  ENFOLD_CODE_MEMORY = 9,            // no memory, or the memory provider refused
  ENFOLD_CODE_RUNTIME = 10,          // the process refused something, or code that ran threw an exception
  ENFOLD_CODE_IN_USE = 11,           // another set depends on the set
  ENFOLD_CODE_NOT_FOUND = 12         // no such symbol or library
} enfold_code;

// Where it went wrong. Empty strings are unknown or do not apply.
typedef struct enfold_place {
  const char* object;      // "main.o", "libx.a(member.o)"
  const char* section;     // ".text.f"
  const char* symbol;      // mangled; enfold_error_text shows it demangled
  const char* relocation;  // "R_X86_64_PC32"
  uint64_t offset;         // bytes from the section's (or the file's) start
  bool has_offset;
} enfold_place;

// The half-open interval [lo, hi) that a value had to lie in.
typedef struct enfold_range {
  int64_t value;
  int64_t lo;
  uint64_t hi;
} enfold_range;

enfold_code enfold_error_code(const enfold_error* error);
const char* enfold_error_message(const enfold_error* error);  // what, without where
const char* enfold_error_text(const enfold_error* error);     // the whole report, several lines; no newline at its end
const char* enfold_error_cure(const enfold_error* error);     // what the user can do; may be empty
void enfold_error_place(const enfold_error* error, enfold_place* place, size_t size);
bool enfold_error_range(const enfold_error* error, enfold_range* range, size_t size);  // false: has none

// One for each symbol, file, ... of a collected report, and part of it; NULL past the last.
const enfold_error* enfold_error_cause(const enfold_error* error, size_t index);
size_t enfold_error_cause_count(const enfold_error* error);
void enfold_error_free(enfold_error* error);

const char* enfold_code_name(enfold_code code);

// The C++ name behind a mangled one, or the name itself, cut to `size` with its zero; returns its whole length.
size_t enfold_demangle(const char* symbol, char* buffer, size_t size);

// ------------------------------------------------------------------------------------------------------------ sets

typedef enum enfold_visibility {
  ENFOLD_VISIBILITY_SESSION = 0,  // later sets of the session bind to this set's symbols
  ENFOLD_VISIBILITY_PRIVATE = 1   // only the handle sees them, and sets that name this one (enfold_set_use)
} enfold_visibility;

typedef enum enfold_replaceable {
  ENFOLD_REPLACEABLE_NO = 0,
  ENFOLD_REPLACEABLE_BY_OTHERS = 1,  // others call the newest version; the set's own calls stay within theirs
  ENFOLD_REPLACEABLE_THROUGHOUT = 2  // its own calls, too, go to the newest
} enfold_replaceable;

// The inputs and options of one link, in order. Nothing is read until the set is planned or linked. Returns NULL only
// without memory; the functions below have no errors of their own: the first thing that is wrong with a set, be it that
// it is NULL, is what enfold_session_plan and enfold_session_link report.
enfold_object_set* enfold_set_create(const char* name);
void enfold_set_free(enfold_object_set* set);

// Any file a linker takes: object, archive, shared library, GNU linker script.
void enfold_set_add_file(enfold_object_set* set, const char* path);
// An object or an archive in memory, called `name` in reports. Ownership: the bytes stay the caller's, and where they
// are until the set was linked or freed.
void enfold_set_add_bytes(enfold_object_set* set, const void* bytes, size_t size, const char* name);
// An archive of which every member is linked, needed or not, when `whole`.
void enfold_set_add_archive(enfold_object_set* set, const char* path, bool whole);
// "-lNAME": libNAME.so, then libNAME.a, in the search directories.
void enfold_set_add_library(enfold_object_set* set, const char* name, bool whole_archive);
void enfold_set_add_search_directory(enfold_object_set* set, const char* path);

// `other`'s symbols are found before the session's visible ones.
void enfold_set_use(enfold_object_set* set, const enfold_linked_set* other);
// `other`'s slots and stubs serve where they can; where one does, `other` cannot be unloaded before the set.
void enfold_set_share_with(enfold_object_set* set, const enfold_linked_set* other);

// A symbol that the set is for: archives are asked for it, gc_sections keeps it, the handle finds it though hidden.
void enfold_set_add_root(enfold_object_set* set, const char* symbol);
void enfold_set_visibility(enfold_object_set* set, enfold_visibility visibility);
void enfold_set_replaceable(enfold_object_set* set, enfold_replaceable replaceable);
void enfold_set_relax(enfold_object_set* set, bool relax);  // rewrite loads and calls in reach; the default is true
void enfold_set_gc_sections(enfold_object_set* set, bool gc_sections);  // drop sections that no root reaches
void enfold_set_copy_data(enfold_object_set* set, bool copy_data);      // copy a library's data that is out of reach
// Thread-locals get the same distance from the thread pointer in every thread, so that any code may address them.
void enfold_set_static_thread_storage(enfold_object_set* set, bool static_thread_storage);
// Shared libraries are opened as a program's own are: visible to libraries opened later.
void enfold_set_global_libraries(enfold_object_set* set, bool global_libraries);
// The set is an object of the process's dynamic linker: dlsym(), dladdr() and dl_iterate_phdr() know it, and libraries
// bind to it. See SetOptions::as_shared_object.
void enfold_set_as_shared_object(enfold_object_set* set, bool as_shared_object);

// -------------------------------------------------------------------------------------------------------- sessions

typedef enum enfold_memory_kind {
  ENFOLD_MEMORY_KIND_AUTO = 0,    // what the system allows, in this order
  ENFOLD_MEMORY_KIND_ALIAS = 1,   // small sets share pages, written through a second mapping of them
  ENFOLD_MEMORY_KIND_FORCED = 2,  // the same, with private pages written through /proc/self/mem
  ENFOLD_MEMORY_KIND_STRICT = 3   // pages of their own for every set, flipped by mprotect once
} enfold_memory_kind;

// What enfold_linked_plan and enfold_linked_usage know; enfold_session_plan knows the summary at least.
typedef enum enfold_detail {
  ENFOLD_DETAIL_NONE = 0,
  ENFOLD_DETAIL_SUMMARY = 1,
  ENFOLD_DETAIL_SECTIONS = 2  // with every section and global symbol
} enfold_detail;

// What enfold_describe knows.
typedef enum enfold_symbol_detail {
  ENFOLD_SYMBOL_DETAIL_EXPORTED = 0,  // a set's name and the symbols that its handle finds
  ENFOLD_SYMBOL_DETAIL_ALL = 1        // objects, sections and all named symbols, too
} enfold_symbol_detail;

typedef enum enfold_symbol_kind {
  ENFOLD_SYMBOL_KIND_UNKNOWN = 0,
  ENFOLD_SYMBOL_KIND_FUNCTION = 1,
  ENFOLD_SYMBOL_KIND_DATA = 2,
  ENFOLD_SYMBOL_KIND_THREAD_LOCAL = 3
} enfold_symbol_kind;

// Called at the start of each pass and, within long ones, now and then, on the linking thread.
typedef void (*enfold_progress)(void* user, const char* pass, size_t done, size_t total);

typedef enum enfold_debugger {
  ENFOLD_DEBUGGER_WITH_DEBUG_INFORMATION = 0,  // debuggers see objects that were compiled with -g
  ENFOLD_DEBUGGER_NONE = 1,
  ENFOLD_DEBUGGER_ALL = 2
} enfold_debugger;

typedef enum enfold_profiler {
  ENFOLD_PROFILER_NONE = 0,
  ENFOLD_PROFILER_PERF_MAP = 1,  // /tmp/perf-PID.map; takes ENFOLD_MEMORY_KIND_FORCED where the kind is left to enfold
  ENFOLD_PROFILER_JIT_DUMP = 2   // $JITDUMPDIR/jit-PID.dump
} enfold_profiler;

typedef struct enfold_session_options {
  enfold_memory_kind memory;
  enfold_detail detail;
  int argc;  // passed to initialisers, as the C library does; argv and envp are borrowed for the session's life
  char** argv;
  char** envp;               // NULL: the process's environment
  enfold_progress progress;  // may be NULL
  void* progress_user;
  unsigned thread_count;  // that write and relocate one large set, at most; 0: as many as the process may run
  enfold_debugger debugger;
  enfold_profiler profiler;  // files cannot be made or written: ENFOLD_CODE_IO, of creating a session or of linking
  enfold_symbol_detail symbols;
  bool list_data;  // dl_iterate_phdr lists the sets' variables: see enfold/session.h
} enfold_session_options;

typedef struct enfold_replace_options {
  bool keep_state;  // the new version goes on with the variables of the old one: see enfold/session.h
} enfold_replace_options;

// What the session's memory provider holds. Units: bytes.
typedef struct enfold_memory_use {
  uint64_t block_count;    // live
  uint64_t granted;        // in segments of live sets, as requested
  uint64_t committed;      // pages that may hold memory
  uint64_t mapping_count;  // mappings of the process that are the provider's
  uint64_t window_count;
} enfold_memory_use;

// A range of addresses [lo, hi) that sets are placed in, and the bytes of it that are taken.
typedef struct enfold_window {
  uint64_t lo;
  uint64_t hi;
  uint64_t taken;
} enfold_window;

// `options` may be NULL: then all are defaults. Members beyond those known here have to be 0, or are
// ENFOLD_CODE_UNSUPPORTED.
enfold_error* enfold_session_create(const enfold_session_options* options, size_t size, enfold_session** session);
// Sets that are live stay so until their handles are freed.
void enfold_session_free(enfold_session* session);

// What linking `set` would need. Changes nothing: undefined symbols are listed in the plan and are no error here.
enfold_error* enfold_session_plan(enfold_session* session, const enfold_object_set* set, enfold_plan** plan);

// Links `set` and runs its initialisers. All or nothing: after an error the process is as before.
// Ownership: takes `set` and frees it, whatever becomes of the link.
enfold_error* enfold_session_link(enfold_session* session, enfold_object_set* set, enfold_linked_set** linked);

// Links `next` and puts it in the place of `set`, which was linked as replaceable. `set` then is the new version's
// handle, and `old` the old one's, to be freed when no thread is in its code any more. All or nothing.
// Ownership: takes `next` and frees it, whatever becomes of it.
// Errors: those of linking; ENFOLD_CODE_IN_USE, with a cause for each symbol that users need and `next` does not have.
enfold_error* enfold_session_replace(enfold_session* session, enfold_linked_set* set, enfold_object_set* next,
                                     const enfold_replace_options* options, size_t size, enfold_linked_set** old);

// Unloads all sets of the session, users before what they use; their handles stay, of no use, to be freed.
// Errors: ENFOLD_CODE_IN_USE, while a link is under way that binds to one of them; nothing is unloaded then.
enfold_error* enfold_session_unload_all(enfold_session* session);

// Gives `symbol` an address for sets linked later. Errors: ENFOLD_CODE_DUPLICATE_SYMBOL.
enfold_error* enfold_session_define(enfold_session* session, const char* symbol, const void* address,
                                    enfold_symbol_kind kind);
enfold_error* enfold_session_define_function(enfold_session* session, const char* symbol, enfold_function function);

// The visible definition of `symbol`: of a live set, or defined. Errors: ENFOLD_CODE_NOT_FOUND.
enfold_error* enfold_session_address(const enfold_session* session, const char* symbol, void** address);
enfold_error* enfold_session_function(const enfold_session* session, const char* symbol, enfold_function* function);

enfold_error* enfold_session_memory_use(const enfold_session* session, enfold_memory_use* use, size_t size);
// Writes the first `capacity` windows, and returns how many there are.
enfold_error* enfold_session_windows(const enfold_session* session, enfold_window* windows, size_t capacity,
                                     size_t* count);
// What lies at an address of a live set. Strings are empty where something is unknown.
typedef struct enfold_description {
  const char* set;
  const char* object;
  const char* section;
  const char* symbol;  // mangled
  uint64_t lo, hi;     // of the symbol; without one, of the section; without one, of what the set has there
  uint64_t offset;     // of the address from lo
} enfold_description;

// False, and nothing written, where no live set of the session has the address. Neither allocates nor locks: may be
// called in a signal handler, whatever the process was doing, and in any thread while others link and unload.
// Ownership: the strings are the set's, and live until it is unloaded or freed.
bool enfold_describe(const enfold_session* session, const void* address, enfold_description* description, size_t size);

// Gives back what is kept for sets to come.
void enfold_session_trim(enfold_session* session);

const char* enfold_memory_kind_name(enfold_memory_kind kind);  // "auto", "alias", "forced", "strict"

// ------------------------------------------------------------------------------------------------------- live sets

// What relocating touched, counted while it was done; equal to the plan's figures.
typedef struct enfold_usage {
  uint64_t slot_count, stub_count, slot_size, stub_size;  // entries written and referred to
  uint64_t written_size;  // bytes of sections, slots, stubs and unwinding's search tables copied or made
  uint64_t relaxed_count;
  uint64_t shared_slot_count, shared_stub_count;  // of earlier sets, referred to
} enfold_usage;

// What one set has of another.
typedef enum enfold_use_kind {
  ENFOLD_USE_KIND_BINDING = 0,      // binds to a symbol by its address, or a replaceable set's stub
  ENFOLD_USE_KIND_DATA_SLOT = 1,    // reaches data of a replaceable set through a slot of its own
  ENFOLD_USE_KIND_DIRECT_DATA = 2,  // addresses data of a replaceable set directly
  ENFOLD_USE_KIND_SHARED_SLOT = 3,
  ENFOLD_USE_KIND_SHARED_STUB = 4,
  ENFOLD_USE_KIND_STATE = 5,     // goes on with data of the version it replaced
  ENFOLD_USE_KIND_STUBS = 6,     // has stubs that still lead to functions of the version it replaced
  ENFOLD_USE_KIND_SUCCESSOR = 7  // was replaced by it, and calls it where it calls through stubs
} enfold_use_kind;

typedef struct enfold_use {
  const char* set;     // that uses
  const char* symbol;  // that it uses
  enfold_use_kind kind;
} enfold_use;

// Unloads the set, or, where others depend on it, has it unloaded as soon as the last of those goes.
void enfold_linked_free(enfold_linked_set* set);

// Runs the set's exit handlers and finalisers, and gives everything back, but for the handle, which is to be freed.
// Errors: ENFOLD_CODE_IN_USE, with a cause for each use by another set; the set then stays as it is.
enfold_error* enfold_linked_unload(enfold_linked_set* set);

// The plan and the usage are empty at ENFOLD_DETAIL_NONE.
// Ownership: the name and the plan live until the set is unloaded, replaced or freed.
const char* enfold_linked_name(const enfold_linked_set* set);
const enfold_plan* enfold_linked_plan(const enfold_linked_set* set);
void enfold_linked_usage(const enfold_linked_set* set, enfold_usage* usage, size_t size);

// The address of a symbol that the set defines and does not hide, or that is one of its roots.
// Errors: ENFOLD_CODE_NOT_FOUND, of any symbol once the set is unloaded.
enfold_error* enfold_linked_address(const enfold_linked_set* set, const char* symbol, void** address);
enfold_error* enfold_linked_function(const enfold_linked_set* set, const char* symbol, enfold_function* function);

// Who depends on the set now, symbol by symbol: a list to be freed.
enfold_error* enfold_linked_users(const enfold_linked_set* set, enfold_users** users);
bool enfold_users_get(const enfold_users* users, size_t index, enfold_use* use, size_t size);  // false past the last
void enfold_users_free(enfold_users* users);

const char* enfold_use_kind_name(enfold_use_kind kind);

// ----------------------------------------------------------------------------------------------------------- plans

// One slot, stub or piece of storage that the linker adds.
typedef enum enfold_need_kind {
  ENFOLD_NEED_KIND_SLOT = 0,            // a GOT entry
  ENFOLD_NEED_KIND_STUB = 1,            // an indirect jump through a slot
  ENFOLD_NEED_KIND_CANONICAL_STUB = 2,  // a stub that is also the function's address for the whole set
  ENFOLD_NEED_KIND_BOUND_STUB = 3,      // a stub that passes the set's handle as an argument: atexit and its kin
  ENFOLD_NEED_KIND_COPY = 4,            // a copy of a shared library's data object
  ENFOLD_NEED_KIND_COMMON = 5,          // storage of a common symbol
  ENFOLD_NEED_KIND_THREAD_OFFSET = 6,     // GOT entries of thread-locals: a distance from the thread pointer
  ENFOLD_NEED_KIND_THREAD_INDEX = 7,      // two words, the argument of __tls_get_addr
  ENFOLD_NEED_KIND_THREAD_MODULE = 8,     // the same for the start of the set's own block
  ENFOLD_NEED_KIND_THREAD_DESCRIPTOR = 9  // two words: an entry point and its argument
} enfold_need_kind;

// Why a need could not be avoided.
typedef enum enfold_reason {
  ENFOLD_REASON_OUT_OF_REACH = 0,
  ENFOLD_REASON_OTHER_ZONE = 1,
  ENFOLD_REASON_NOT_REWRITABLE = 2,
  ENFOLD_REASON_RELAXATION_OFF = 3,
  ENFOLD_REASON_INDIRECT_FUNCTION = 4,
  ENFOLD_REASON_UNDEFINED_WEAK = 5,
  ENFOLD_REASON_FOR_STUB = 6,
  ENFOLD_REASON_ADDRESS_TAKEN = 7,
  ENFOLD_REASON_HANDLE_ARGUMENT = 8,
  ENFOLD_REASON_TENTATIVE = 9,
  ENFOLD_REASON_REPLACEABLE = 10,
  ENFOLD_REASON_PER_THREAD = 11
} enfold_reason;

// What a segment is protected as once its set is live.
typedef enum enfold_protection {
  ENFOLD_PROTECTION_READ = 0,
  ENFOLD_PROTECTION_READ_EXECUTE = 1,
  ENFOLD_PROTECTION_RELRO = 2,  // written by the linker, read-only once code runs
  ENFOLD_PROTECTION_READ_WRITE = 3
} enfold_protection;

typedef struct enfold_totals {
  const char* set;
  const char* architecture;
  uint64_t window_lo, window_hi;  // where the set will lie
  uint64_t zone_count;
  uint64_t size;  // bytes, all segments
  uint64_t object_count, section_count, relocation_count, relaxed_count;
  uint64_t discarded_section_count, discarded_size;
  uint64_t shared_slot_count, shared_stub_count;   // of earlier sets
  uint64_t kept_section_count, kept_symbol_count;  // that stay where the replaced version has them
  uint64_t unresolved_count;                       // symbols nobody defines: linking would fail
  uint64_t thread_size, thread_image_size;         // bytes of thread-locals; of them, that are not zero at first
  bool thread_static;  // they have the same distance from the thread pointer in every thread
  bool landing_pads;  // all code of the set is marked as compiled for them (x86-64: IBT)
  bool shadow_stack;  // likewise (x86-64: SHSTK)
} enfold_totals;

typedef struct enfold_segment {
  enfold_protection protection;
  uint32_t zone;
  uint64_t base;  // address; 0 in a plan that was not linked
  uint64_t size;  // bytes, as are the other sizes
  uint64_t written_size;
  uint64_t alignment;
  uint32_t section_count, slot_count, stub_count;
  uint64_t slot_size, stub_size;
} enfold_segment;

typedef struct enfold_need {
  enfold_need_kind kind;
  enfold_reason reason;
  uint32_t zone;
  uint32_t use_count;         // fixups served
  const char* symbol;         // as in the object; a local's name, or its section's
  const char* symbol_object;  // the object that owns a local symbol; empty for globals
  const char* shared_with;    // the set whose slot or stub serves; empty when it is the set's own
  uint64_t size;              // bytes of this set; 0 when shared
  enfold_place first_use;     // that made it necessary
  uint64_t address;           // 0 in a plan that was not linked, unless shared; of a thread-local: its offset
} enfold_need;

// A symbol nobody defines, and who refers to it.
typedef struct enfold_unresolved {
  const char* name;
  uint32_t reference_count;  // all of them; enfold_plan_reference has the first few
} enfold_unresolved;

typedef struct enfold_section {
  const char* object;
  const char* name;
  uint32_t segment;  // its index
  uint64_t offset;   // bytes from the segment's start
  uint64_t size;
  uint64_t alignment;
} enfold_section;

typedef struct enfold_symbol {
  const char* name;
  const char* origin;  // the object, set, library or "process" that defines it
  uint64_t address;    // 0 in a plan that was not linked, unless known before
  uint64_t size;
} enfold_symbol;

typedef struct enfold_pass {
  const char* name;
  uint64_t nanoseconds;
} enfold_pass;

void enfold_plan_free(enfold_plan* plan);

void enfold_plan_totals(const enfold_plan* plan, enfold_totals* totals, size_t size);
uint64_t enfold_plan_count(const enfold_plan* plan, enfold_need_kind kind);  // needs of that kind

// The lists of a plan, one element a call: false, and nothing written, past the last.
bool enfold_plan_segment(const enfold_plan* plan, size_t index, enfold_segment* segment, size_t size);
bool enfold_plan_need(const enfold_plan* plan, size_t index, enfold_need* need, size_t size);
bool enfold_plan_unresolved(const enfold_plan* plan, size_t index, enfold_unresolved* symbol, size_t size);
bool enfold_plan_reference(const enfold_plan* plan, size_t unresolved, size_t index, enfold_place* place, size_t size);
bool enfold_plan_section(const enfold_plan* plan, size_t index, enfold_section* section, size_t size);
bool enfold_plan_symbol(const enfold_plan* plan, size_t index, enfold_symbol* symbol, size_t size);
bool enfold_plan_pass(const enfold_plan* plan, size_t index, enfold_pass* pass, size_t size);
const char* enfold_plan_input(const enfold_plan* plan, size_t index);  // an object linked; NULL past the last

const char* enfold_need_kind_name(enfold_need_kind kind);
const char* enfold_reason_name(enfold_reason reason);
const char* enfold_protection_name(enfold_protection protection);

#ifdef __cplusplus
}
#endif

#endif  // ENFOLD_C_H_
