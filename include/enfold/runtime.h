// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_H_
#define ENFOLD_RUNTIME_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/error.h>
#include <enfold/memory.h>

namespace enfold {

enum class HostSymbolKind : std::uint8_t { kUnknown, kFunction, kData, kThreadLocal };

struct HostSymbol {
  TargetAddr address{};      // of a thread-local: its offset in its module's block
  std::uint64_t size = 0;    // 0 where unknown
  HostSymbolKind kind = HostSymbolKind::kUnknown;
  bool read_only = false;    // data that is constant, or that only the dynamic linker wrote
  std::uint64_t module = 0;  // of a thread-local: see ThreadModule::id
};

// What the C library calls a module: thread-local variables of which every thread has a block of its own, made from one
// image ("ELF Handling For Thread-Local Storage", section 2).
struct ThreadImage {
  std::span<const std::byte> bytes;  // what a block starts with; the rest is zero
  std::uint64_t size = 0;            // of a block, bytes
  std::uint8_t p2align = 0;
};

struct ThreadModule {
  std::uint64_t id = 0;        // below 2^32: what a tls_index holds
  std::int64_t tp_offset = 0;  // of the block from the thread pointer, the same in every thread; of static ones
  bool is_static = false;
  void* cookie = nullptr;      // the runtime's own
};

// A thread-local of the process in static storage.
struct ThreadImport {
  std::int64_t tp_offset = 0;  // of the variable
  void* library = nullptr;     // keeps it where it is; to be closed like an opened library
};

// What linked code calls to get at thread-locals.
struct ThreadFunctions {
  TargetAddr get_address{};  // __tls_get_addr
  // Entry points of TLS descriptors, called with the descriptor's address as the architecture says. The argument, the
  // descriptor's second word, is a distance from the thread pointer, or pack_thread_argument() of module and offset.
  TargetAddr static_descriptor{}, dynamic_descriptor{};
};

constexpr std::uint64_t pack_thread_argument(std::uint64_t module, std::int64_t offset) {
  return module << 32 | (static_cast<std::uint64_t>(offset) & 0xffff'ffff);  // the offset is an int32
}

// Unwind tables of a stretch of code, each in its final place.
struct FrameTables {
  TargetAddr eh_frame{};  // .eh_frame: a zero-terminated run of CIEs and FDEs
  std::uint64_t eh_frame_size = 0;
  // .eh_frame_hdr, of the same FDEs, or of none that may be searched (LSB Core 5.0, 10.6.2); null: there is none.
  TargetAddr search_table{};
  TargetAddr code{};
  std::uint64_t code_size = 0;
};

// A symbol that a set shows to the dynamic linker.
struct ObjectSymbol {
  std::string_view name{};  // or "name@version", or "name@@version" for references without a version, too
  TargetAddr address{};     // of a thread-local: its offset in the set's block
  std::uint64_t size = 0;
  HostSymbolKind kind = HostSymbolKind::kUnknown;
  bool weak = false;
  bool absolute = false;
};

// What a set has of libraries that are opened with it, or addresses by constants.
struct ObjectImport {
  enum class Kind : std::uint8_t {
    kAddress,
    kThreadLocal,   // module and offset
    kThreadOffset,  // distance from the thread pointer: the library's block has to be static
    kCopied,        // the address that the first library has it at, though the set has a copy under the same name
  };
  std::string name{};  // "name" or "name@version"
  Kind kind = Kind::kAddress;
};

struct ObjectValue {
  std::uint64_t value = 0;   // the address; of a thread-local, its offset in its block, or its distance
  std::uint64_t module = 0;  // of kThreadLocal
};

// A set as an object of the dynamic linker. Until the set is placed, addresses are zeros.
struct ObjectImage {
  std::string name{};                         // what the process calls it
  std::vector<std::string> libraries{};       // that are opened with it: paths, in their order
  std::vector<ObjectSymbol> symbols{};
  std::vector<ObjectImport> imports{};
  AddressRange tables{};                      // where the object's own tables lie, before all segments
  std::vector<Block::Segment> segments{};     // of the set, without empty ones, at rising addresses
  FrameTables frames{};                       // of its first zone; may have no search table
  ThreadImage threads{};                      // its bytes are written when it is loaded
  bool threads_are_static = false;
  bool global = false;                        // it and its libraries are for all to see
};

// What is known of an object when it has its place, and its libraries theirs.
struct LoadedObject {
  ThreadModule threads{};                  // where the set has thread-locals
  std::span<std::byte> thread_image{};     // to be written: what their blocks begin with
  std::span<const ObjectValue> imports{};  // in the order of the image's
};

// The shared libraries that a set names, to be opened before the set has any memory.
struct LibraryRequest {
  std::vector<std::string> paths{};  // in their order
  bool global = false;
  // Their thread-locals that the set's code addresses by constants: "name" or "name@version".
  std::vector<std::string> constants{};
  StaticStorage own{};  // the static block that the set itself is going to ask for; of size 0: it has none
};

// A set's definitions of malloc and its kin (GNU C Library manual, "Replacing malloc"); null: it leaves that one out.
struct AllocatorFunctions {
  TargetAddr malloc{}, free{}, calloc{}, realloc{}, memalign{}, aligned_alloc{}, posix_memalign{}, valloc{}, pvalloc{},
      malloc_usable_size{};
};

using InitFunction = void (*)(int, char**, char**);

// Everything a link asks of the process that its code will run in, but memory. The default talks to the C library and
// the unwinder of this process; tests and fuzzers replace it, so that nothing they link ever runs.
// Threads: all functions may be called from several threads at once.
// Errors: kRuntime. A failing call leaves the process as it found it.
class RuntimeHooks {
 public:
  virtual ~RuntimeHooks();

  // Whether the process is in a state to be linked into; each plan and link begins with it. Libraries are closed and
  // threads' storage is freed in any state: what cannot be given back then stays.
  // Errors: kRuntime, in the child of a fork that another thread's call of the dynamic linker outlasted.
  virtual Expected<void> check();

  // The process's definition of `symbol` ("name" or "name@version"), as its dynamic linker finds it. `library` null
  // means the global scope.
  virtual std::optional<HostSymbol> find(void* library, const std::string& symbol) = 0;

  virtual Expected<void*> open_library(const std::string& path, bool global) = 0;
  // Opens all of them, or none, and gives their handles in the same order. One after another by default, by
  // open_library(). The process's has their thread-locals that are asked for in static storage, and knows that there is
  // room for the set's own, before a constructor of any runs. Errors: kRuntime; kMemory, which says what it lacks.
  virtual Expected<std::vector<void*>> open_libraries(const LibraryRequest& request);
  virtual void close_library(void* library) noexcept = 0;
  // The handle of a library that is loaded already, or null; to be closed like an opened one.
  virtual void* find_loaded_library(const std::string& path) = 0;

  // From here on exceptions pass through that code. Frames are deregistered as they were registered, before their
  // memory goes.
  virtual Expected<void> register_frames(const FrameTables& frames) = 0;
  virtual void deregister_frames(const FrameTables& frames) noexcept = 0;

  // Calls the resolver of an indirect function (STT_GNU_IFUNC).
  virtual TargetAddr resolve_indirect(TargetAddr resolver) = 0;

  // Registers function(argument) to run when the process exits or when finalize(handle) is called, after whatever is
  // registered later (Itanium C++ ABI, 3.3.5.3).
  virtual Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) = 0;
  virtual void finalize(TargetAddr handle) = 0;

  virtual void call_initializer(TargetAddr function, int argc, char** argv, char** envp) = 0;
  virtual void call_finalizer(TargetAddr function) = 0;

  // Sets that define malloc or its kin, and show them, replace them for the whole process, as a program does: what the
  // C library and others make goes to the same free() from then on, and what they made before goes back to the old one.
  // check_allocator() says whether that is possible, before anything of such a set is in the process: by default, it is
  // not. Errors: kUnsupported, with Error::lacks(); kInUse, where another set's are in use.
  virtual Expected<void> check_allocator();
  virtual Expected<void> replace_allocator(const AllocatorFunctions& functions);
  virtual void give_up_allocator() noexcept;

  // Variables of a set, for whoever looks for pointers: leak checkers, collectors. Nothing by default.
  virtual void show_data(TargetAddr begin, std::uint64_t size);
  virtual void hide_data(TargetAddr begin, std::uint64_t size) noexcept;

  // The same for whoever walks the process's objects by dl_iterate_phdr(), of sessions with SessionOptions::list_data.
  // check_data_list() says whether anybody who does comes to see them: by default, nobody does.
  // Errors: kUnsupported; kMemory.
  virtual Expected<void> check_data_list();
  virtual Expected<void> list_data(TargetAddr begin, std::uint64_t size);
  virtual void unlist_data(TargetAddr begin, std::uint64_t size) noexcept;

  // ---- Thread-local storage. A runtime that does not implement it serves sets without.

  // Blocks of a new module: a static one is in place in every thread when this returns, others are made when a thread
  // first asks. The image is copied. Errors: kMemory, when static storage is exhausted; kUnsupported.
  virtual Expected<ThreadModule> add_thread_module(const ThreadImage& image, bool is_static);
  // Frees the blocks of all threads. No code that knows the module runs any more.
  virtual void remove_thread_module(const ThreadModule& module) noexcept;

  // The distance of a thread-local of the process, as find() knows it, from the thread pointer.
  // Errors: kRuntime, when it is not in static storage, and there is no room there for it.
  virtual Expected<ThreadImport> import_thread_local(void* library, const std::string& symbol);

  virtual ThreadFunctions thread_functions();

  // The calling thread's copy, made if it has none yet.
  virtual TargetAddr thread_address(std::uint64_t module, std::uint64_t offset);

  // ---- Debuggers. A runtime that does not implement it shows them nothing.

  // `object` is a relocatable object whose allocated sections have the addresses that they were linked to; it is
  // borrowed until hide_object() of what is returned, which may be null.
  virtual Expected<void*> show_object(std::span<const std::byte> object);
  virtual void hide_object(void* entry) noexcept;

  // ---- Sets that are shared objects. A runtime that does not implement it has none.

  // Bytes that the tables of such an object take. Of the image, only what is no address is looked at.
  virtual Expected<std::uint64_t> object_tables_size(const ObjectImage& image);

  // Has the dynamic linker map the image where its addresses say, which nobody has, and open its libraries. Calls
  // `fill`, which must not throw, when it and they have their places and before any of their constructors runs: code
  // and data are to be written then. Where `fill` returns false, nothing stays of it all, and no constructor has run.
  // The handle is to be closed like an opened library's.
  // Errors: kRuntime; kInUse, where something else has come to lie at these addresses; kMemory, where static
  // thread-local storage is wanting; kUnsupported.
  virtual Expected<void*> load_object(const ObjectImage& image, const std::function<bool(const LoadedObject&)>& fill);

  // ---- Names, for messages and copies. A runtime that does not implement it knows none.

  // For a message: which versions of `name` the process has, as "VERSION in FILE". None by default.
  virtual std::vector<std::string> versions_of(const std::string& name);
  // The names that the object of the process which holds `address` has for it. None by default.
  virtual std::vector<std::string> names_at(TargetAddr address);
};

struct HostFunction {
  std::string name{};
  TargetAddr address{};
};

// `instead`: functions that linked code gets in place of the process's own of those names.
std::shared_ptr<RuntimeHooks> make_process_runtime(std::vector<HostFunction> instead = {});

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_H_
