// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a link leaves of itself in the thread that it runs in, and what code that it runs would see: errno, and the
// exceptions that floating-point arithmetic has raised (hash tables compute with it). A program finds neither set when
// it starts.
#ifndef ENFOLD_CALLER_STATE_H_
#define ENFOLD_CALLER_STATE_H_

#include <cerrno>
#include <cstdint>

namespace enfold {

// As it is when this is made, for restore() to bring back. Control words are left alone: nobody changes them.
class CallerState {
 public:
  void restore() const {
    errno = errno_;
#if defined(__x86_64__)
    if (vector() != vector_) set_vector(vector_);
    if ((scalar() & kExceptions) != (scalar_ & kExceptions)) restore_scalar();
#endif
  }

 private:
#if defined(__x86_64__)
  static constexpr std::uint16_t kExceptions = 0x3f;  // of the status word (Intel SDM, volume 1, 8.1.3)

  static std::uint32_t vector() {
    std::uint32_t word = 0;
    asm volatile("stmxcsr %0" : "=m"(word));
    return word;
  }
  static void set_vector(std::uint32_t word) { asm volatile("ldmxcsr %0" : : "m"(word)); }
  static std::uint16_t scalar() {
    std::uint16_t word = 0;
    asm volatile("fnstsw %0" : "=a"(word));
    return word;
  }
  [[gnu::cold, gnu::noinline]] void restore_scalar() const {
    std::uint16_t environment[14] = {};  // as FNSTENV writes it, in 32-bit format: the status word is the third
    asm volatile("fnstenv %0" : "=m"(environment));
    environment[2] = static_cast<std::uint16_t>((environment[2] & ~kExceptions) | (scalar_ & kExceptions));
    asm volatile("fldenv %0" : : "m"(environment));
  }

  std::uint32_t vector_ = vector();
  std::uint16_t scalar_ = scalar();
#endif
  int errno_ = errno;
};

}  // namespace enfold

#endif  // ENFOLD_CALLER_STATE_H_
