// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A carrier: a shared object made in memory that has next to nothing but a PT_TLS segment, so that the C library places
// the block in static storage, and starts it in every thread that is and will be. Relocations of its own report where.
#ifndef ENFOLD_RUNTIME_THREAD_CARRIER_H_
#define ENFOLD_RUNTIME_THREAD_CARRIER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <enfold/error.h>
#include <enfold/runtime.h>

#include "runtime/loadable_file.h"

namespace enfold::runtime {

struct CarrierSpec {
  ThreadImage image{};  // of no size: the carrier has no block
  bool is_static = false;
  // Thread-locals of the process, "name" or "name@version", that get a place in static storage if they have none. Where
  // the carrier has no block of its own, the first is reported on.
  std::vector<std::string> imports{};
  bool optional = false;  // an import that nobody defines is no error
  // Paths, or names of libraries that are loaded. They are loaded with the carrier; imports are looked up in them, behind
  // the global scope.
  std::vector<std::string> libraries{};
  InitFunction constructor = nullptr;  // to be called while it is loaded
};

// The bytes of a carrier, and where in them, which is where in memory from its start, the reports are.
struct CarrierFile {
  std::vector<std::byte> bytes;
  std::uint64_t reports = 0;
};

// In memory, too: one carrier cannot be taken for another.
struct CarrierReports {
  std::uint64_t serial = 0;
  std::uint64_t module = 0;
  std::int64_t tp_offset = 0;
};

CarrierFile make_carrier_file(const CarrierSpec& spec, std::uint64_t serial);

// Ownership: the object stays loaded until the carrier is destroyed; its file is open until then or close_file().
// Threads: one at a time; the C library's lock serves the rest.
class Carrier {
 public:
  // All but loading. Errors: kMemory, for alignments that no C library grants; kRuntime, when there is no file for it.
  static Expected<Carrier> prepare(const CarrierSpec& spec);

  Carrier(Carrier&& other) noexcept;
  Carrier& operator=(Carrier&&) = delete;
  ~Carrier();

  // Errors: kMemory, with what the loader says: want of static storage is what can go wrong.
  // `global`: what its libraries define is for all to use, as RTLD_GLOBAL says.
  Expected<void> load(bool global = false);
  void unload() noexcept;      // and it can be loaded again, while its file is open
  void close_file() noexcept;  // it stays as it is
  void keep() noexcept;        // for good

  std::uint64_t module() const { return reports_.module; }
  std::int64_t tp_offset() const { return reports_.tp_offset; }

 private:
  Carrier() = default;
  bool is_own(void* handle);

  void* handle_ = nullptr;
  std::optional<LoadableFile> file_;
  std::uint64_t serial_ = 0, reports_at_ = 0;
  CarrierReports reports_;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_CARRIER_H_
