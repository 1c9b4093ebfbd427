// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What thread-local storage costs: nanoseconds to make a module and to remove it, of each kind; to find a variable by
// our functions and by the C library's, in turns; and to start and join a thread in this process, whose pool is of the
// size that it was linked with.
#include <enfold/runtime.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

#include <fmt/core.h>

extern "C" void* __tls_get_addr(void* index);

namespace {

using enfold::ThreadFunctions;
using enfold::ThreadImage;
using enfold::ThreadModule;

struct Index {
  std::uint64_t module, offset;
};
struct Descriptor {
  void* entry;
  std::uint64_t argument;
};

template <class Body>
double nanoseconds(int rounds, Body body) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) body(i);
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / rounds;
}

// The least of several runs.
template <class Body>
double least(int rounds, Body body) {
  double best = 1e300;
  for (int i = 0; i < 7; ++i) best = std::min(best, nanoseconds(rounds, body));
  return best;
}

void measure_modules(enfold::RuntimeHooks& runtime, const char* name, bool is_static) {
  const ThreadImage image{.bytes = {}, .size = 64, .p2align = 4};
  const int rounds = is_static ? 500 : 100'000;
  std::vector<ThreadModule> made;
  if (!runtime.add_thread_module(image, is_static)) return fmt::print("{}: none\n", name);
  double add = 0, remove = 0;
  for (int i = 0; i < rounds; ++i) {
    ThreadModule module;
    add += nanoseconds(1, [&](int) { module = *runtime.add_thread_module(image, is_static); });
    remove += nanoseconds(1, [&](int) { runtime.remove_thread_module(module); });
  }
  fmt::print("{}: add {:.0f} ns, remove {:.0f} ns\n", name, add / rounds, remove / rounds);
}

void* call(void* (*get)(void*), Index* index) {
  asm volatile("" : "+r"(get), "+r"(index));
  return get(index);
}

void call(const Descriptor* descriptor) {
  const Descriptor* in_out = descriptor;
  asm volatile("call *(%0)" : "+a"(in_out) : : "cc", "memory");
}

void measure_access(enfold::RuntimeHooks& runtime, const char* path) {
  constexpr int kRounds = 20'000'000;
  void* const library = dlopen(path, RTLD_NOW);
  if (library == nullptr) return fmt::print("{}\n", dlerror());
  const ThreadFunctions functions = runtime.thread_functions();
  const ThreadModule module = *runtime.add_thread_module({.bytes = {}, .size = 64, .p2align = 4}, false);
  std::size_t theirs_module = 0;
  dlinfo(library, RTLD_DI_TLS_MODID, &theirs_module);
  Index ours{module.id, 0}, theirs{theirs_module, 0};
  auto* const get = reinterpret_cast<void* (*)(void*)>(enfold::value(functions.get_address));
  fmt::print("__tls_get_addr: ours {:.2f} ns, ", least(kRounds, [&](int) { call(get, &ours); }));
  fmt::print("the C library's {:.2f} ns, ", least(kRounds, [&](int) { call(__tls_get_addr, &theirs); }));
  fmt::print("the C library's modules through ours {:.2f} ns\n", least(kRounds, [&](int) { call(get, &theirs); }));
  const auto entry = [](enfold::TargetAddr a) { return reinterpret_cast<void*>(enfold::value(a)); };
  const Descriptor dynamic{entry(functions.dynamic_descriptor), enfold::pack_thread_argument(module.id, 0)};
  const Descriptor fixed{entry(functions.static_descriptor), 0};
  const Descriptor foreign{entry(functions.dynamic_descriptor), enfold::pack_thread_argument(theirs_module, 0)};
  auto* const get_descriptor = reinterpret_cast<Descriptor* (*)()>(dlsym(library, "enfold_bench_descriptor"));
  const Descriptor* const real = get_descriptor();
  fmt::print("TLS descriptors: ours {:.2f} ns, ", least(kRounds, [&](int) { call(&dynamic); }));
  fmt::print("the C library's {:.2f} ns, ", least(kRounds, [&](int) { call(real); }));
  fmt::print("static {:.2f} ns, ", least(kRounds, [&](int) { call(&fixed); }));
  fmt::print("the C library's modules through ours {:.2f} ns\n", least(kRounds / 10, [&](int) { call(&foreign); }));
}

void measure_threads() {
  const double cost = least(2'000, [](int) {
    pthread_t thread{};
    if (pthread_create(
            &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0) {
      pthread_join(thread, nullptr);
    }
  });
  fmt::print("pthread_create and pthread_join: {:.0f} ns\n", cost);
}

}  // namespace

int main(int argc, char** argv) {
  const auto runtime = enfold::make_process_runtime();
  measure_threads();
  measure_modules(*runtime, "dynamic", false);
  measure_modules(*runtime, "static, in the pool", true);
  // What the pool has no room for, the C library places.
  std::vector<ThreadModule> filling;
  for (std::uint64_t size = 65536; size >= 64; size /= 2) {
    while (auto made = runtime->add_thread_module({.bytes = {}, .size = size, .p2align = 4}, true))
      filling.push_back(*made);
    if (size == 64) {
      runtime->remove_thread_module(filling.back());  // of the C library's storage
      filling.pop_back();
    }
  }
  measure_modules(*runtime, "static, by the C library", true);
  if (argc > 1) measure_access(*runtime, argv[1]);
}
