// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a set costs that has one static object, and so an exit handler: linked and unloaded among none and many live
// ones; by two threads in one session, and in a session each. Beside it, dlclose() of the same as a shared library.
//
//   enfold-bench-exits OBJECT LIBRARY
#include <enfold/enfold.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fmt/core.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 100, kAtOnce = 100, kPerThread = 30'000;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "enfold-bench-exits: %s\n", what.c_str());
  std::exit(1);
}

std::vector<std::byte> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (bytes.empty()) fail(std::string(path) + " cannot be read");
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return {first, first + bytes.size()};
}

std::unique_ptr<enfold::Session> make_session() {
  auto session = enfold::Session::create();
  if (!session) fail(session.error().text());
  return *std::move(session);
}

enfold::LinkedSet link(enfold::Session& session, std::span<const std::byte> object) {
  enfold::ObjectSet set("static object");
  set.options().visibility = enfold::Visibility::kPrivate;
  set.add_bytes(object, "object.o");
  auto linked = session.link(std::move(set));
  if (!linked) fail(linked.error().text());
  const auto answer = linked->function<int()>("exits_answer");
  if (!answer || (*answer)() != 1) fail("linked code returned something else");
  return *std::move(linked);
}

double microseconds(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

// Of this thread's processor time, which is the same whatever else the machine does. Asking for it is a system call.
double processor_microseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

void unload_all(std::vector<enfold::LinkedSet>& sets) {
  for (enfold::LinkedSet& set : sets) {
    if (!set.unload()) fail("a set that nobody uses is not unloaded");
  }
  sets.clear();
}

void among(std::span<const std::byte> object, std::size_t live_count) {
  const auto session = make_session();
  std::vector<enfold::LinkedSet> live;
  for (std::size_t i = 0; i < live_count; ++i) live.push_back(link(*session, object));
  double linking = 0, unloading = 0;
  for (int i = -1; i < kRounds; ++i) {
    std::vector<enfold::LinkedSet> some;
    const double start = processor_microseconds();
    for (int k = 0; k < kAtOnce; ++k) some.push_back(link(*session, object));
    const double linked = processor_microseconds();
    unload_all(some);
    if (i < 0) continue;
    linking += linked - start;
    unloading += processor_microseconds() - linked;
  }
  constexpr int kCount = kRounds * kAtOnce;
  fmt::print("{:6} live sets: {:6.2f} us to link, {:6.2f} us to unload\n", live_count, linking / kCount,
             unloading / kCount);
  if (live_count == 0) return;
  const double start = processor_microseconds();
  unload_all(live);
  fmt::print("{:6} sets, oldest first: {:6.2f} us to unload\n", live_count,
             (processor_microseconds() - start) / static_cast<double>(live_count));
}

void by_threads(std::span<const std::byte> object, std::size_t thread_count, std::size_t session_count) {
  std::vector<std::unique_ptr<enfold::Session>> sessions;
  for (std::size_t i = 0; i < session_count; ++i) sessions.push_back(make_session());
  for (const auto& session : sessions) static_cast<void>(link(*session, object));
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < thread_count; ++i) {
      threads.emplace_back([&, i] {
        for (int k = 0; k < kPerThread; ++k) static_cast<void>(link(*sessions[i % session_count], object));
      });
    }
  }
  const double seconds = microseconds(Clock::now() - start) / 1e6;
  fmt::print("{} threads, {} sessions: {:8.0f} sets a second\n", thread_count, session_count,
             kPerThread * static_cast<double>(thread_count) / seconds);
}

// A file of its own, with a name of its own, since the dynamic linker knows what it has loaded.
void* open_copy(std::span<const std::byte> library) {
  static int count = 0;
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("enfold-bench-{}-{}.so", ::getpid(), count++);
  {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(library.data()), static_cast<std::streamsize>(library.size()));
  }
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::filesystem::remove(path);
  if (handle == nullptr) fail(::dlerror());
  return handle;
}

void libraries(std::span<const std::byte> library, std::size_t live_count) {
  std::vector<void*> live;
  for (std::size_t i = 0; i < live_count; ++i) live.push_back(open_copy(library));
  constexpr int kSome = 200;
  double closing = 0;
  for (int i = 0; i < kSome; ++i) {
    void* const handle = open_copy(library);
    const double start = processor_microseconds();
    ::dlclose(handle);
    closing += processor_microseconds() - start;
  }
  fmt::print("{:6} live libraries: {:6.2f} us for dlclose\n", live_count, closing / kSome);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) fail("usage: enfold-bench-exits OBJECT LIBRARY");
  const std::vector<std::byte> object = read_file(argv[1]), library = read_file(argv[2]);
  for (const std::size_t live : {0uz, 2000uz, 30'000uz}) among(object, live);
  by_threads(object, 1, 1);
  by_threads(object, 2, 1);
  by_threads(object, 2, 2);
  libraries(library, 2000);
}
