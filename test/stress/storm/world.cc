// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "world.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

#include "doing.h"

// ThreadSanitizer does not see the dynamic linker's locks: what it wrote under them, and others read who have opened
// the same library after that, looks like a race.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:ld-linux\n"; }

namespace enfold::storm {
namespace {

bool is_child = false;

void born() { ++living(); }
void died() { --living(); }

template <class Function>
TargetAddr address_of(Function* function) {
  return TargetAddr{reinterpret_cast<std::uint64_t>(function)};
}

std::vector<char> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool in_child() { return is_child; }
void set_in_child() { is_child = true; }

Gate::Gate() {
  pthread_rwlockattr_t attributes;
  ::pthread_rwlockattr_init(&attributes);
  ::pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  ::pthread_rwlock_init(&lock_, &attributes);
  ::pthread_rwlockattr_destroy(&attributes);
}

void Gate::lock() {
  if (!in_child()) ::pthread_rwlock_wrlock(&lock_);
}
void Gate::unlock() {
  if (!in_child()) ::pthread_rwlock_unlock(&lock_);
}
void Gate::lock_shared() {
  if (!in_child()) ::pthread_rwlock_rdlock(&lock_);
}

std::string Counts::text() const {
  std::string all;
  for (const auto& [what, count] : counts_) all += (all.empty() ? "" : ", ") + what + " " + std::to_string(count);
  return all;
}

std::atomic<long>& living() {
  static std::atomic<long> count;
  return count;
}

Expected<void> define_host_functions(Session& session) {
  if (auto done = session.define("storm_born", address_of(&born), HostSymbolKind::kFunction); !done) return done;
  return session.define("storm_died", address_of(&died), HostSymbolKind::kFunction);
}

std::unique_ptr<Session> new_session(MemoryKind memory, bool with_all_symbols) {
  SessionOptions options;
  auto provider = make_memory(memory);
  if (!provider) fail(provider.error().text());
  options.memory = *std::move(provider);
  if (with_all_symbols) options.symbols = SymbolDetail::kAll;
  auto session = Session::create(std::move(options));
  if (!session) fail(session.error().text());
  if (auto done = define_host_functions(**session); !done) fail(done.error().text());
  return *std::move(session);
}

std::span<const std::byte> object(const World& world, const std::string& name) {
  const auto found = world.files.find(name);
  if (found == world.files.end()) fail("there is no object " + name);
  return std::as_bytes(std::span(found->second));
}

// The list has a name and a path, with a colon between, in each line.
World::World(std::uint64_t seed_of_all) : seed(seed_of_all) {
  std::ifstream list(ENFOLD_STORM_FILES);
  for (std::string line; std::getline(list, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = line.substr(0, colon), path = line.substr(colon + 1);
    if (name == "library")
      library = path;
    else
      files[name] = contents(path);
  }
  if (files.empty()) fail("no objects are listed in " ENFOLD_STORM_FILES);
}

}  // namespace enfold::storm
