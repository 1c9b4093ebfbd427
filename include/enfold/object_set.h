// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_OBJECT_SET_H_
#define ENFOLD_OBJECT_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace enfold {

class LinkedSet;
struct SetRecord;

enum class Visibility : std::uint8_t {
  kSession,  // later sets of the session bind to this set's symbols
  kPrivate,  // only the handle sees them, and sets that name this one (ObjectSet::use)
};

// Whether Session::replace may put a new version in the set's place, and who then calls the new one. A replaceable
// set's exported functions are known by the addresses of stubs that outlive the version; the slots that the stubs jump
// through are switched.
enum class Replaceable : std::uint8_t {
  kNo,
  kByOthers,    // other sets and whoever asked the handle for an address; the set's own calls stay within their version
  kThroughout,  // its own calls, too: a function that runs on, such as main, calls what is newest
};

struct SetOptions {
  Visibility visibility = Visibility::kSession;
  bool relax = true;         // rewrite GOT loads and indirect calls whose target is in reach
  bool gc_sections = false;  // drop sections that no root reaches
  // Symbols that the set is for: archives are asked for them, gc_sections keeps them (beside initialisers and retained
  // sections), and the handle finds them even where they are hidden.
  std::vector<std::string> roots;
  // Copy a data object of a shared library that is out of reach of direct addressing into the set once, as a static
  // linker's copy relocation does. The library goes on using its own: writes by one are not seen by the other. But
  // libraries that are opened with a set that is a shared object use its copy; so their data are copied without this, and
  // so are constants.
  bool copy_data = false;
  Replaceable replaceable = Replaceable::kNo;
  // Give thread-locals the same distance from the thread pointer in every thread, even where none of the set's own code
  // asks for it: code of other sets that was compiled with default flags may address them then. Such room is scarce.
  bool static_thread_storage = false;
  bool global_libraries = false;  // open shared libraries as a program's own are: visible to libraries opened later
  // Make the set an object of the process's dynamic linker, as a program or a shared library is: dlsym(), dladdr(),
  // dl_iterate_phdr(), backtrace_symbols() and libraries that are opened later find what it does not hide. The shared
  // libraries that the set names are opened with it, in their order, bind to its symbols first, as in a program that
  // was linked with -rdynamic, and have the scope that the set has: the process's, or, of a private set, its own.
  // Its constructors run after theirs. What the dynamic linker binds to the set keeps its memory until it goes:
  // dlsym(RTLD_DEFAULT) does so for good, as for every shared object.
  // Such a set has pages of its own, and costs some 100 us more. It cannot be replaceable. It needs glibc, hooks that
  // can load objects (RuntimeHooks::load_object) and a provider that hands addresses over (MemoryProvider::hand_over);
  // make_process_runtime() and make_memory() can.
  bool as_shared_object = false;
};

// The inputs and options of one link, in order. Nothing is read until the set is planned or linked.
// Ownership: byte buffers are borrowed until Session::link or Session::plan returns; names and paths are copied. Named
// sets are not kept live.
// Threads: one thread at a time.
class ObjectSet {
 public:
  struct Input {
    enum class Kind : std::uint8_t {
      kAny,      // found from its first bytes: object, archive, shared library or GNU linker script
      kLibrary,  // "-lNAME": `name` searched as libNAME.so, then libNAME.a, in the search directories
    };
    Kind kind = Kind::kAny;
    bool is_bytes = false;
    bool whole_archive = false;
    bool as_needed = false;  // a shared library: not opened unless the set binds to it
    std::string name{};                // path, display name of bytes, or NAME of -lNAME (":file" as in GNU ld)
    std::span<const std::byte> bytes{};  // when is_bytes
  };

  explicit ObjectSet(std::string name) : name_(std::move(name)) {}
  ObjectSet(ObjectSet&&) noexcept = default;
  ObjectSet& operator=(ObjectSet&&) noexcept = default;

  // Any file a linker takes: its kind is found from its contents.
  void add_file(std::string path) { inputs_.push_back({.name = std::move(path)}); }
  // An object or an archive in memory.
  void add_bytes(std::span<const std::byte> bytes, std::string name) {
    Input& input = inputs_.emplace_back();
    input.is_bytes = true;
    input.name = std::move(name);
    input.bytes = bytes;
  }
  // An archive of which every member is linked, needed or not, when `whole`.
  void add_archive(std::string path, bool whole = false) {
    inputs_.push_back({.whole_archive = whole, .name = std::move(path)});
  }
  void add_library(std::string name, bool whole_archive = false) {
    inputs_.push_back({.kind = Input::Kind::kLibrary, .whole_archive = whole_archive, .name = std::move(name)});
  }
  // A shared library that is opened only if the set binds to it, as those named behind a linker's --as-needed.
  void add_as_needed(std::string path) { inputs_.push_back({.as_needed = true, .name = std::move(path)}); }
  void add_search_directory(std::string path) { others().search_directories.push_back(std::move(path)); }

  // Symbols that `set` defines and does not hide are found before the session's visible ones; sets in the order of the
  // calls. Serves private sets. It has to be live when this set is linked, and is a dependency if anything is found.
  void use(const LinkedSet& set);

  // Slots and stubs of `set` serve this one where they hold what is needed and are in reach. Saves memory, and makes
  // `set` a dependency where one is used.
  void share_with(const LinkedSet& set);

  const std::string& name() const { return name_; }
  SetOptions& options() { return options_; }
  const SetOptions& options() const { return options_; }
  const std::vector<Input>& inputs() const { return inputs_; }
  std::span<const std::string> search_directories() const { return list(&Others::search_directories); }
  std::span<const std::shared_ptr<SetRecord>> used_sets() const { return list(&Others::used_sets); }
  std::span<const std::shared_ptr<SetRecord>> sharing_sets() const { return list(&Others::sharing_sets); }

 private:
  // What few sets name.
  struct Others {
    std::vector<std::string> search_directories;
    std::vector<std::shared_ptr<SetRecord>> used_sets, sharing_sets;
  };

  Others& others() {
    if (!others_) others_ = std::make_unique<Others>();
    return *others_;
  }
  template <class T>
  std::span<const T> list(std::vector<T> Others::*which) const {
    return others_ ? std::span<const T>((*others_).*which) : std::span<const T>();
  }

  std::string name_;
  SetOptions options_;
  std::vector<Input> inputs_;
  std::unique_ptr<Others> others_;
};

}  // namespace enfold

#endif  // ENFOLD_OBJECT_SET_H_
