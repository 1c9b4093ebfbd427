// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The handler runs wherever the program crashed, with any lock held and the heap in any state: it allocates nothing,
// and asks the session only for what is safe in a signal handler. Of addresses outside the program only the number is
// told, as the dynamic linker would have to be asked under its lock. The walk along the stack is the unwinder's, as a
// debugger without frame pointers would do it: where the stack itself is damaged, it may fault, which then ends the
// process with the first lines written.
#include "explain_crash.h"

#include <execinfo.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace tool {
namespace {

constexpr std::array kFatal = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT};

const enfold::Session* explained;
alignas(16) std::array<std::byte, std::size_t{64} << 10> own_stack;  // the program's may be exhausted

// One line, written whole.
class Line {
 public:
  void put(std::string_view text) {
    const std::size_t size = std::min(text.size(), bytes_.size() - 1 - used_);
    std::memcpy(bytes_.data() + used_, text.data(), size);
    used_ += size;
  }
  void put_address(std::uint64_t address) {
    char digits[16];
    put("0x");
    put({digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, address, 16).ptr - digits)});
  }
  // The address as the program's names have it, or the number.
  bool put_place(std::uint64_t address) {
    enfold::AddressNote note;
    if (!explained->describe(enfold::TargetAddr{address}, note)) return put_address(address), false;
    used_ += write_text(note, bytes_.data() + used_, bytes_.size() - 1 - used_);
    return true;
  }
  void write() {
    bytes_[used_++] = '\n';
    if (::write(STDERR_FILENO, bytes_.data(), used_) < 0) return;  // nobody is left to be told
  }

 private:
  std::array<char, 1024> bytes_;
  std::size_t used_ = 0;
};

std::uint64_t program_counter(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uint64_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
  return machine.__gregs[REG_PC];
#endif
}

bool has_address(int signal) { return signal == SIGSEGV || signal == SIGBUS; }

void write_head(int signal, const siginfo_t& info, std::uint64_t at) {
  Line line;
  line.put("enfold: SIG");
  line.put(::sigabbrev_np(signal));
  line.put(" at ");
  line.put_place(at);
  if (has_address(signal) && info.si_code > 0) {
    line.put(", address ");
    line.put_place(reinterpret_cast<std::uint64_t>(info.si_addr));
  }
  line.write();
}

// From the frame that the signal interrupted; what is above it is the handler.
void write_frames(std::uint64_t at) {
  std::array<void*, 128> frames;
  const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  const std::span<void* const> walked(frames.data(), static_cast<std::size_t>(count));
  std::size_t first = 0;
  while (first < walked.size() && reinterpret_cast<std::uint64_t>(walked[first]) != at) ++first;
  if (first == walked.size()) first = 0;
  for (std::size_t i = first; i < walked.size(); ++i) {
    // Return addresses are those of the instructions behind the calls.
    const std::uint64_t frame = reinterpret_cast<std::uint64_t>(walked[i]) - (i == first ? 0 : 1);
    Line line;
    line.put("  ");
    line.put_place(frame);
    line.write();
  }
}

void explain(int signal, siginfo_t* info, void* context) {
  const std::uint64_t at = program_counter(context);
  write_head(signal, *info, at);
  write_frames(at);
  // The default is in place again. A fault comes back with the instruction, what was sent has to be sent again.
  if (info->si_code <= 0) ::raise(signal);
}

}  // namespace

void explain_crashes(const enfold::Session& session) {
  explained = &session;
  void* frame = nullptr;
  ::backtrace(&frame, 1);  // loads what it needs
  const stack_t stack = {.ss_sp = own_stack.data(), .ss_flags = 0, .ss_size = own_stack.size()};
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = explain;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
  for (const int signal : kFatal) ::sigaction(signal, &action, nullptr);
}

}  // namespace tool
