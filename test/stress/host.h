// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What linked code calls, and what the session has of the process, both counted.
#ifndef ENFOLD_TEST_STRESS_HOST_H_
#define ENFOLD_TEST_STRESS_HOST_H_

#include <atomic>
#include <memory>

#include <enfold/enfold.h>

// Linked code has nothing in front of its functions for -fsanitize=function to look at.
#if defined(__clang__)
#define ENFOLD_STRESS_CALLS_LINKED_CODE [[clang::no_sanitize("function")]]
#else
#define ENFOLD_STRESS_CALLS_LINKED_CODE
#endif

namespace enfold::stress {

inline constexpr int kMaxThreads = 255, kNobody = 255;

// Constructors less destructors of the objects that carry the thread's name, or nobody's.
std::atomic<long>& alive(int thread);

// stress_one, stress_enter, stress_leave.
Expected<void> define_host_functions(Session& session);

// The process, with a count of what is registered and not taken back.
class CountingRuntime final : public RuntimeHooks {
 public:
  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    return inner_->find(library, symbol);
  }
  Expected<void> check() override { return inner_->check(); }
  Expected<void*> open_library(const std::string& path, bool global) override {
    return inner_->open_library(path, global);
  }
  void close_library(void* library) noexcept override { inner_->close_library(library); }
  void* find_loaded_library(const std::string& path) override { return inner_->find_loaded_library(path); }
  Expected<void> register_frames(const FrameTables& frames) override {
    ++registered_;
    return inner_->register_frames(frames);
  }
  void deregister_frames(const FrameTables& frames) noexcept override {
    --registered_;
    inner_->deregister_frames(frames);
  }
  TargetAddr resolve_indirect(TargetAddr resolver) override { return inner_->resolve_indirect(resolver); }
  Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) override {
    ++registered_;
    return inner_->at_exit(function, argument, handle);
  }
  void finalize(TargetAddr handle) override {
    --registered_;
    inner_->finalize(handle);
  }
  void call_initializer(TargetAddr function, int argc, char** argv, char** envp) override {
    inner_->call_initializer(function, argc, argv, envp);
  }
  void call_finalizer(TargetAddr function) override { inner_->call_finalizer(function); }

  long registered() const { return registered_; }

 private:
  std::shared_ptr<RuntimeHooks> inner_ = make_process_runtime();
  std::atomic<long> registered_ = 0;  // unwind tables and exit handlers
};

}  // namespace enfold::stress

#endif  // ENFOLD_TEST_STRESS_HOST_H_
