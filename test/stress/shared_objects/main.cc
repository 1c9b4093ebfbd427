// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold-object-stress OBJECT...: threads link and unload sets, as shared objects of the process and as sets whose data
// dl_iterate_phdr() lists, while others walk the process's objects, read what is listed, look names and addresses up,
// and throw.
#include <dlfcn.h>
#include <link.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

#include "../../sanitizer.h"

#if defined(ENFOLD_TEST_THREAD_SANITIZER)
// ThreadSanitizer does not see the dynamic linker take its lock, and would take what one call does after another for
// something that they do at once. So the same calls are made under a lock that it sees.
namespace {

std::recursive_mutex& loader_lock() {
  static std::recursive_mutex mutex;
  return mutex;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" void* dlopen(const char* path, int flags) noexcept {
  const std::lock_guard lock(loader_lock());
  return next<void* (*)(const char*, int)>("dlopen")(path, flags);
}

extern "C" int dlclose(void* handle) noexcept {
  const std::lock_guard lock(loader_lock());
  return next<int (*)(void*)>("dlclose")(handle);
}
#endif

namespace {

constexpr int kLinkers = 2;  // objects: one for each, and a last one for a set that stays
constexpr auto kTime = std::chrono::seconds(3);
constexpr auto kPause = std::chrono::microseconds(50);  // of those who ask, or hardly any set comes and goes
constexpr const char kPrefix[] = "stressed-";

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "enfold-object-stress: %s\n", what.c_str());
  std::_Exit(1);
}

template <class T>
T must(enfold::Expected<T> result) {
  if (!result) fail(result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

using Bytes = std::vector<char>;

Bytes contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string symbol(const char* stem, int number) { return stem + std::to_string(number); }

struct Process {
  std::unique_ptr<enfold::Session> session;
  std::vector<Bytes> objects;
  std::array<std::atomic<std::uintptr_t>, kLinkers> last_code{};  // of a set that may be gone
  std::atomic<bool> done{false};
  std::atomic<long> links{0}, walks{0}, read_count{0}, found{0}, throws{0};
};

enfold::LinkedSet link(Process& process, int number, bool as_shared_object) {
  enfold::ObjectSet set(kPrefix + std::to_string(number));
  set.options().as_shared_object = as_shared_object;
  set.add_bytes(std::as_bytes(std::span(process.objects[static_cast<std::size_t>(number)])), "thrower.o");
  return must(process.session->link(std::move(set)));
}

#if defined(__clang__)
[[clang::no_sanitize("function")]]
#endif
void use(int (*thrower)(int), int n) {
  if (thrower(n) != n + 41) fail("a throw within a set came out as something else");
}

void link_and_unload(Process& process, int number) {
  for (int i = 0; !process.done; ++i) {
    enfold::LinkedSet set = link(process, number, i % 3 != 2);
    const auto thrower = must(set.function<int(int)>(symbol("thrower_", number).c_str()));
    process.last_code[static_cast<std::size_t>(number)] = reinterpret_cast<std::uintptr_t>(thrower);
    use(thrower, i);
    must(set.unload());
    ++process.links;
  }
}

// What is listed stays as long as the callback has not returned: one byte of each page is read.
#if defined(__clang__)
[[clang::no_sanitize("address", "thread")]]
#else
[[gnu::no_sanitize("address", "thread")]]
#endif
long read_pages(std::uintptr_t begin, std::size_t size) {
  long count = 0;
  for (std::size_t offset = 0; offset < size; offset += 4096) {
    (void)*reinterpret_cast<const volatile char*>(begin + offset);
    ++count;
  }
  return count;
}

int read_listed(dl_phdr_info* info, std::size_t, void* data) {
  const bool is_ours = std::strncmp(info->dlpi_name, kPrefix, sizeof kPrefix - 1) == 0 ||
                       std::strcmp(info->dlpi_name, "[enfold data]") == 0;
  for (int i = 0; is_ours && i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    *static_cast<long*>(data) += read_pages(info->dlpi_addr + header.p_vaddr, header.p_memsz);
  }
  return 0;
}

void walk(Process& process) {
  while (!process.done) {
    long read_count = 0;
    dl_iterate_phdr(read_listed, &read_count);
    ++process.walks;
    process.read_count += read_count;
    std::this_thread::sleep_for(kPause);
  }
}

// By a handle, which ties what is found to nobody.
void look_up(Process& process) {
  const std::string lasting = symbol("thrower_", kLinkers);
  while (!process.done) {
    void* const program = dlopen(nullptr, RTLD_NOW);
    if (dlsym(program, lasting.c_str()) == nullptr) fail("dlsym does not find a set that stays");
    for (int number = 0; number < kLinkers; ++number) {
      process.found += dlsym(program, symbol("thrower_", number).c_str()) != nullptr;
      Dl_info info;
      dladdr(reinterpret_cast<void*>(process.last_code[static_cast<std::size_t>(number)].load()), &info);
    }
    dlclose(program);
    std::this_thread::sleep_for(kPause);
  }
}

void throw_again_and_again(Process& process, int (*thrower)(int)) {
  for (int i = 0; !process.done; ++i) {
    use(thrower, i);
    try {
      throw i;
    } catch (int caught) {
      if (caught != i) fail("a throw of the program's own came out as something else");
    }
    ++process.throws;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Process process;
  for (int i = 1; i < argc; ++i) process.objects.push_back(contents(argv[i]));
  if (process.objects.size() != kLinkers + 1) fail("three objects are wanted");
  enfold::SessionOptions options;
  options.list_data = true;
  process.session = must(enfold::Session::create(std::move(options)));
  {
    const enfold::LinkedSet lasting = link(process, kLinkers, true);
    const auto thrower = must(lasting.function<int(int)>(symbol("thrower_", kLinkers).c_str()));
    std::vector<std::jthread> threads;
    for (int i = 0; i < kLinkers; ++i) threads.emplace_back([&process, i] { link_and_unload(process, i); });
    threads.emplace_back([&] { walk(process); });
    threads.emplace_back([&] { walk(process); });
    threads.emplace_back([&] { look_up(process); });
    threads.emplace_back([&] { throw_again_and_again(process, thrower); });
    std::this_thread::sleep_for(kTime);
    process.done = true;
  }
  long left = 0;
  dl_iterate_phdr(read_listed, &left);
  if (left != 0) fail("data of sets that are gone are listed");
  if (process.walks == 0 || process.read_count == 0 || process.throws == 0) fail("not all threads came to anything");
  std::printf("enfold-object-stress: good: %ld links, %ld walks that read %ld pages, %ld names found, %ld throws\n",
              process.links.load(), process.walks.load(), process.read_count.load(), process.found.load(),
              process.throws.load());
}
