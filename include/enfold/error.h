// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_ERROR_H_
#define ENFOLD_ERROR_H_

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace enfold {

// What went wrong, for callers to switch on. People read Error::text().
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,   // a call that makes no sense as made
  kIo,                // a file could not be opened or read
  kMalformed,         // truncated or corrupt input
  kUnsupported,       // well-formed, but not for this linker or architecture
  kUndefinedSymbol,   // one error for all undefined symbols of a set; see `causes`
  kDuplicateSymbol,   // two strong definitions
  kOutOfRange,        // a fixup's value does not fit its field; see `range` and `cure`
  kDiscarded,         // a live section refers to a section that was discarded
  kMemory,            // the memory provider refused
  kRuntime,           // the process refused a registration, or a library could not be opened
  kInUse,             // another set depends on the set
  kNotFound,          // no such symbol or library
};

std::string_view name(ErrorCode code);

// Where it went wrong. Empty fields are unknown or do not apply.
struct Place {
  std::string object{};   // "main.o", "libx.a(member.o)"
  std::string section{};  // ".text.f"
  std::optional<std::uint64_t> offset{};  // bytes from the section's (or the file's) start
  std::string symbol{};      // mangled; text() shows it demangled
  std::string relocation{};  // "R_X86_64_PC32"
};

// The half-open interval [lo, hi) that a value had to lie in. hi is unsigned because fields are.
struct RangeViolation {
  std::int64_t value = 0;
  std::int64_t lo = 0;
  std::uint64_t hi = 0;
};

// Static thread-local storage: a block of that size and alignment, that lies at the same distance from the thread pointer
// in every thread. A process has no more of it than it was started with: what glibc.rtld.optional_static_tls says, aligned
// to the largest alignment of the objects that are loaded at the start.
struct StaticStorage {
  std::uint64_t size = 0;
  std::uint8_t p2align = 0;
};

// What a process has to be started with, so that a set can be linked into it.
struct Lack {
  StaticStorage static_storage{};
  bool allocator = false;  // libenfold-allocator.so, preloaded: see RuntimeHooks::check_allocator
  std::vector<std::string> libraries{};  // that cannot be opened later (-z nodlopen), preloaded
};

struct ErrorDetail;

// One failure with everything known about it. Move-only and pointer-sized, so that std::expected stays small. Compilers
// are told that there is seldom one: code that handles some is kept apart from the code of links that succeed.
class [[nodiscard]] Error {
 public:
  [[gnu::cold]] Error(ErrorCode code, std::string message, Place place = {});
  [[gnu::cold]] Error(Error&&) noexcept;
  [[gnu::cold]] Error& operator=(Error&&) noexcept;
  [[gnu::cold]] ~Error();

  ErrorCode code() const;
  const std::string& message() const;  // what, without where
  const Place& place() const;
  const std::optional<RangeViolation>& range() const;
  const std::string& cure() const;               // what the user can do; may be empty
  const std::vector<Error>& causes() const;      // one for each symbol, file, ... of a collected report
  const std::optional<Lack>& lacks() const;      // what another process may have, and this one has not

  Error with_place(Place place) &&;
  Error with_range(RangeViolation range) &&;
  Error with_cure(std::string cure) &&;
  Error with_cause(Error cause) &&;
  Error with_lack(Lack lack) &&;

  // The whole report: "main.o: .text+0x12: R_X86_64_PC32 against 'x': ...", one line for the error, one for each cause,
  // and "cure: ..." where there is one. No trailing newline.
  std::string text() const;

 private:
  std::unique_ptr<ErrorDetail> detail_;
};

template <class T>
using Expected = std::expected<T, Error>;

// The C++ name behind a mangled one, or the name itself.
std::string demangle(std::string_view symbol);

}  // namespace enfold

#endif  // ENFOLD_ERROR_H_
