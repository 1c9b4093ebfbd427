// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/jit_dump.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

#include <elf.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "fork.h"
#include "runtime/process_file.h"

namespace enfold::runtime {
namespace {

struct FileHeader {
  std::uint32_t magic = 0x4a695444;  // "JiTD", which also tells the byte order
  std::uint32_t version = 1;
  std::uint32_t total_size = sizeof(FileHeader);
  std::uint32_t machine;
  std::uint32_t padding = 0;
  std::uint32_t process;
  std::uint64_t time;
  std::uint64_t flags = 0;
};

enum RecordKind : std::uint32_t { kCodeLoad = 0, kCodeClose = 3 };

struct RecordHeader {
  std::uint32_t kind;
  std::uint32_t total_size = sizeof(RecordHeader);
  std::uint64_t time;
};

// Followed by the name with its zero, and the code.
struct CodeLoad {
  RecordHeader header;
  std::uint32_t process;
  std::uint32_t thread;
  std::uint64_t address;
  std::uint64_t code_address;
  std::uint64_t code_size;
  std::uint64_t index;  // never the same again
};

static_assert(sizeof(FileHeader) == 40 && sizeof(RecordHeader) == 16 && sizeof(CodeLoad) == 56);

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint32_t kMachine = EM_RISCV;
#endif

std::uint64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

template <class Record>
void put(std::string& out, const Record& record) {
  out.append(reinterpret_cast<const char*>(&record), sizeof record);
}

void write_close();

class JitDump final : public ProcessFile {
 public:
  Expected<int> make(std::string& path, int) override {
    const char* directory = secure_getenv("JITDUMPDIR");
    path = fmt::format("{}/jit-{}.dump", directory != nullptr && *directory != '\0' ? directory : "/tmp", getpid());
    Expected<int> file = create_profile_file(path.c_str(), [](int) { return false; });
    if (!file) return file;
    if (auto done = begin(*file, path.c_str()); !done) {
      close(*file);
      return std::unexpected(std::move(done).error());
    }
    static const int at_end = std::atexit(write_close);  // the record is optional, and so is its success
    static_cast<void>(at_end);
    return file;
  }

  std::string render(std::span<const LinkedFunction> functions) override {
    std::string out;
    for (const LinkedFunction& function : functions) load(out, function);
    return out;
  }

  void end() {
    const std::unique_lock lock(mutex(), std::try_to_lock);
    if (!lock || !is_current() || !is_still_ours()) return;
    std::string out;
    put(out, RecordHeader{.kind = kCodeClose, .time = now()});
    static_cast<void>(append(file(), out, path().c_str()).has_value());
  }

 private:
  // The mapping stays: perf that attaches later finds it in the address map.
  static Expected<void> begin(int file, const char* path) {
    std::string out;
    put(out, FileHeader{.machine = kMachine, .process = static_cast<std::uint32_t>(getpid()), .time = now()});
    if (auto done = append(file, out, path); !done) return done;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    if (mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) != MAP_FAILED) return {};
    return std::unexpected(profile_error("mmap as executable", path, errno));
  }

  void load(std::string& out, const LinkedFunction& function) {
    const std::size_t size = sizeof(CodeLoad) + function.name.size() + 1 + function.size;
    put(out, CodeLoad{.header = {.kind = kCodeLoad, .total_size = static_cast<std::uint32_t>(size), .time = now()},
                      .process = static_cast<std::uint32_t>(getpid()),
                      .thread = static_cast<std::uint32_t>(syscall(SYS_gettid)),
                      .address = value(function.address),
                      .code_address = value(function.address),
                      .code_size = function.size,
                      .index = ++index_});
    out.append(function.name.c_str(), function.name.size() + 1);
    out.append(reinterpret_cast<const char*>(value(function.address)), function.size);
  }

  std::uint64_t index_ = 0;
};

JitDump& dump() { return lasting<JitDump>(); }

void write_close() { dump().end(); }

}  // namespace

Expected<Profile*> open_jit_dump() {
  if (auto done = dump().open(); !done) return std::unexpected(std::move(done).error());
  return &dump();
}

}  // namespace enfold::runtime
