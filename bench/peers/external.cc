// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static linkers: `mold -shared` or `ld.lld -shared` in a process of its own, objects and shared library in a file
// system in memory, then dlopen(). Files of objects are there before the clock runs. mold works in a child of the
// process that is waited for, so that most of its memory and processor time is not seen here.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "peer.h"
#include "scratch.h"

namespace enfold::bench {
namespace {

struct Code : Linked {
  explicit Code(void* library) : handle(library) {}
  ~Code() override { dlclose(handle); }
  void* handle;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(const std::vector<std::string>& words, const std::string& errors) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed) throw Failure(words[0] + " is not there");
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw Failure(words[0] + ": " + read_file(errors).substr(0, 400));
}

class ExternalPeer : public Peer {
 public:
  explicit ExternalPeer(std::string linker) : linker_(std::move(linker)) {}

  void prepare(std::span<const Input> objects) override {
    for (const Input& object : objects) scratch_.file_of(object);
  }

  Linking link(std::span<const Input> objects, const std::string& entry) override {
    const std::string stem = scratch_.path("l" + std::to_string(count_++));
    const std::string library = stem + ".so";
    {
      std::ofstream response(stem + ".rsp");
      for (const Input& object : objects) response << scratch_.file_of(object) << '\n';
    }
    run({linker_, "-shared", "-Bsymbolic", "--eh-frame-hdr", "-z", "now", "-o", library, "@" + stem + ".rsp"},
        stem + ".err");
    void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) throw Failure(dlerror());
    auto code = std::make_unique<Code>(handle);
    for (const char* suffix : {".so", ".rsp", ".err"}) unlink((stem + suffix).c_str());
    void* const address = dlsym(handle, entry.c_str());
    return {std::move(code), address};
  }

 private:
  std::string linker_;
  Scratch scratch_;
  int count_ = 0;
};

PeerKind kind(const char* name, const char* program, const char* what) {
  return {.name = name,
          .what = what,
          .make = [program] { return std::make_unique<ExternalPeer>(program); },
          .takes_threads = false,
          .is_process = true};
}

}  // namespace

std::vector<PeerKind> external_kinds() {
  return {kind("mold", "mold", "mold -shared, then dlopen"), kind("lld", "ld.lld-19", "ld.lld -shared, then dlopen")};
}

}  // namespace enfold::bench
