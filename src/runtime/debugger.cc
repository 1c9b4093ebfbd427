// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/debugger.h"

#include <cstddef>
#include <cstdint>
#include <mutex>

#include <link.h>

#include "fork.h"
#include "runtime/thread_pointer.h"

// Names and layout are the interface's.
extern "C" {

enum jit_actions_t : std::uint32_t { JIT_NOACTION = 0, JIT_REGISTER_FN, JIT_UNREGISTER_FN };

struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  std::uint64_t symfile_size;
};

struct jit_descriptor {
  std::uint32_t version;
  std::uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};

// A debugger puts a breakpoint here, so it has to be a function that is called.
[[gnu::weak, gnu::noinline, gnu::used, gnu::visibility("default")]] void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}

[[gnu::weak, gnu::used, gnu::visibility("default")]] jit_descriptor __jit_debug_descriptor = {1, JIT_NOACTION, nullptr,
                                                                                              nullptr};
}

namespace enfold::runtime {
namespace {

// Never destroyed, like the list.
class DebuggerList final : private ForkAware {
 public:
  DebuggerList() { enlist(*this, ForkOrder::kRuntime); }

  void add(jit_code_entry* entry) {
    const std::scoped_lock lock(mutex_);
    entry->next_entry = __jit_debug_descriptor.first_entry;
    if (entry->next_entry != nullptr) entry->next_entry->prev_entry = entry;
    __jit_debug_descriptor.first_entry = entry;
    tell(JIT_REGISTER_FN, entry);
  }

  void remove(jit_code_entry* entry) {
    const std::scoped_lock lock(mutex_);
    (entry->prev_entry != nullptr ? entry->prev_entry->next_entry : __jit_debug_descriptor.first_entry) =
        entry->next_entry;
    if (entry->next_entry != nullptr) entry->next_entry->prev_entry = entry->prev_entry;
    tell(JIT_UNREGISTER_FN, entry);
  }

 private:
  // Once all have been told, nothing points to an entry but the list.
  void tell(jit_actions_t action, jit_code_entry* entry) {
    __jit_debug_descriptor.relevant_entry = entry;
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_register_code();
    __jit_debug_descriptor.action_flag = JIT_NOACTION;
    __jit_debug_descriptor.relevant_entry = nullptr;
  }

  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override { mutex_.unlock(); }

  std::mutex mutex_;
};

DebuggerList& list() { return lasting<DebuggerList>(); }

#if defined(__x86_64__)
using Trap = std::uint8_t;
constexpr Trap kTrap = 0xcc;  // int3
#elif defined(__aarch64__)
using Trap = std::uint32_t;
constexpr Trap kTrap = 0xd4200000;  // brk #0
#elif defined(__riscv)
using Trap = std::uint16_t;
constexpr Trap kTrap = 0x9002;  // c.ebreak
#endif

}  // namespace

std::optional<std::int64_t> first_block_offset() noexcept {
  constexpr std::size_t kFirst = 1;
  const void* block = nullptr;
  const auto look = [](dl_phdr_info* object, std::size_t size, void* found) {
    constexpr std::size_t kNeeded = offsetof(dl_phdr_info, dlpi_tls_data) + sizeof object->dlpi_tls_data;
    if (size < kNeeded || object->dlpi_tls_modid != kFirst) return 0;
    *static_cast<const void**>(found) = object->dlpi_tls_data;
    return 1;
  };
  if (::dl_iterate_phdr(look, &block) == 0 || block == nullptr) return std::nullopt;
  return distance_from_thread_pointer(reinterpret_cast<std::uint64_t>(block));
}

bool debugger_attends() noexcept {
  return *reinterpret_cast<const volatile Trap*>(&__jit_debug_register_code) == kTrap;
}

void* add_to_debugger(std::span<const std::byte> object) {
  auto* entry = new jit_code_entry{nullptr, nullptr, reinterpret_cast<const char*>(object.data()), object.size()};
  list().add(entry);
  return entry;
}

void remove_from_debugger(void* entry) noexcept {
  auto* const known = static_cast<jit_code_entry*>(entry);
  list().remove(known);
  delete known;
}

}  // namespace enfold::runtime
