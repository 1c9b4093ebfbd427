// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How many exit handlers the C library has been asked to register. glibc counts them in a variable of its own, so that
// exit() sees when a handler has registered another (stdlib/exit.c, `__new_exitfn_called`), and does not export it. It
// is found by what it does: it is the one word of the C library's data that each registration raises by one, and that
// taking handlers back leaves alone.
//
// Who reads the count sees all registrations that happened before, and maybe some that go on at the moment.
#ifndef ENFOLD_RUNTIME_REGISTRATION_COUNT_H_
#define ENFOLD_RUNTIME_REGISTRATION_COUNT_H_

#include <cstdint>
#include <memory>
#include <span>

namespace enfold::runtime {

class RegistrationCount {
 public:
  // What a search takes: memory, and a question to the dynamic linker. Both are had before the caller takes its lock.
  struct Search {
    std::span<const std::uint64_t> words{};         // of the C library
    std::unique_ptr<std::uint64_t[]> before{};      // what each held
    std::unique_ptr<std::uint32_t[]> candidates{};  // which they are
    std::size_t candidate_count = 0;
  };
  static Search prepare() noexcept;

  // Registers a few handlers and takes them back. It may fail while other threads register some, too, and is tried
  // again then, so many times.
  // Threads: the caller's lock. So for all functions below.
  void find(Search& search) noexcept;
  bool wanted() const { return word_ == nullptr && attempts_ != 0; }
  bool known() const { return word_ != nullptr; }
  std::uint64_t now() const { return __atomic_load_n(word_, __ATOMIC_ACQUIRE); }
  void forget() {  // it is something else
    word_ = nullptr;
    attempts_ = 0;
  }

 private:
  const std::uint64_t* word_ = nullptr;
  int attempts_ = 8;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_REGISTRATION_COUNT_H_
