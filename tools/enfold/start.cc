// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "start.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "read_all.h"

namespace tool {
namespace {

constexpr std::string_view kPathStart = "/proc/self/fd//";
constexpr std::string_view kMagic = "enfold start 2";
constexpr std::string_view kTunables = "GLIBC_TUNABLES=";
constexpr std::string_view kPreload = "LD_PRELOAD=";
constexpr std::string_view kFiller = "ENFOLD_START=";  // and how many entries are ours: see drop_added()
constexpr std::string_view kPreloadStart = "/proc/self/fd/../fd/";  // spelt as no program does: to the C library it is a name

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~Descriptor() { close(); }
  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

// Is this a virtual processor, which would not follow to the new process? valgrind's client request 0x1001, "running on
// valgrind": rotations of rdi that come to nothing, then an exchange of rbx with itself (memory/code_changed.h).
bool runs_on_valgrind() {
  std::uint64_t result = 0;
#if defined(__x86_64__)
  const volatile std::uint64_t request[6] = {0x1001, 0, 0, 0, 0, 0};
  asm volatile(
      "rolq $3, %%rdi\n\t"
      "rolq $13, %%rdi\n\t"
      "rolq $61, %%rdi\n\t"
      "rolq $51, %%rdi\n\t"
      "xchgq %%rbx, %%rbx"
      : "+d"(result)
      : "a"(&request[0])
      : "cc", "memory");
#endif
  return result != 0;
}

// The dynamic linker as a command: then /proc/self/exe is that.
bool has_interpreter() { return getauxval(AT_BASE) != 0; }

void append(std::string& text, std::string_view word) {
  text += word;
  text += '\0';
}

// As LD_PRELOAD has them.
std::string joined(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) all += (all.empty() ? "" : ":") + path;
  return all;
}

// What the new process reads: null-terminated words.
std::string instructions(const Start& start, const NewStart& next) {
  std::string text;
  append(text, kMagic);
  append(text, std::to_string(::getpid()));
  append(text, std::to_string(next.static_thread_storage));
  append(text, std::to_string(next.static_p2align));
  append(text, next.replaceable_allocator ? "1" : "0");
  append(text, joined(next.preloads));
  append(text, joined(next.variables));
  const auto end = std::ranges::find(start.words, "--");
  for (auto word = start.words.begin(); word != end; ++word) append(text, *word);
  return text;
}

std::vector<std::string> take_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\0'), text.size() - 1);
    words.emplace_back(text.substr(0, size));
    text.remove_prefix(size + 1);
  }
  return words;
}

// The end of a pipe that holds `text`, all of it.
Descriptor filled_pipe(const std::string& text) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Descriptor(-1);
  Descriptor reader(ends[0]), writer(ends[1]);
  constexpr std::size_t kUsualCapacity = std::size_t{64} << 10;
  if (text.size() > kUsualCapacity) {
    if (text.size() > INT_MAX || ::fcntl(writer.get(), F_SETPIPE_SZ, static_cast<int>(text.size())) < 0) {
      return Descriptor(-1);
    }
  }
  if (::write(writer.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return Descriptor(-1);
  return reader;
}

// Copies of both, one behind the other.
std::optional<std::pair<Descriptor, Descriptor>> in_a_row(const Descriptor& pipe, const Descriptor& executable) {
  for (int lowest = 3;; ++lowest) {
    Descriptor first(::fcntl(pipe.get(), F_DUPFD_CLOEXEC, lowest));
    if (!first.is_open()) return std::nullopt;
    lowest = first.get();
    Descriptor second(::fcntl(executable.get(), F_DUPFD_CLOEXEC, lowest + 1));
    if (!second.is_open()) return std::nullopt;
    if (second.get() == first.get() + 1) return std::pair(std::move(first), std::move(second));
  }
}

// "/proc/self/fd///5", long enough for `name`.
std::optional<std::string> path_for(const std::string& name, const Descriptor& executable) {
  const std::string number = std::to_string(executable.get());
  std::string path(kPathStart);
  if (path.size() + number.size() < name.size()) path.append(name.size() - path.size() - number.size(), '/');
  path += number;
  if (path.size() >= PATH_MAX) return std::nullopt;
  return path;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// Two more entries, or four, where the process is to be started with anything. Of several that set one variable or
// tunable the last one counts. A program's malloc comes before those of libraries that the user preloads.
std::vector<std::string> more_environment(const NewStart& next) {
  std::vector<std::string> more;
  if (next.static_thread_storage != 0) {
    more.push_back(fmt::format("{}glibc.rtld.optional_static_tls={}", kTunables, next.static_thread_storage));
  }
  if (!next.preloads.empty()) {
    const char* users = ::getenv("LD_PRELOAD");
    const bool any = users != nullptr && *users != '\0';
    more.push_back(fmt::format("{}{}{}{}", kPreload, joined(next.preloads), any ? ":" : "", any ? users : ""));
  }
  const std::size_t count = 2 * more.size();
  while (more.size() < count) more.push_back(fmt::format("{}{}", kFiller, count));
  return more;
}

// The pipe's descriptor, if this process was started by start_anew().
std::optional<int> handed_pipe() {
  const auto* path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (path == nullptr || !std::string_view(path).starts_with(kPathStart)) return std::nullopt;
  const char* number = std::strrchr(path, '/') + 1;
  int descriptor = 0;
  const auto [end, error] = std::from_chars(number, path + std::strlen(path), descriptor);
  if (error != std::errc() || *end != '\0' || descriptor < 1) return std::nullopt;
  struct stat status {};
  const bool is_pipe = ::fstat(descriptor - 1, &status) == 0 && S_ISFIFO(status.st_mode);
  return is_pipe ? std::optional(descriptor - 1) : std::nullopt;
}

// The last two or four entries of the environment were ours. In their place, and that of the null behind them, are a
// null and entries of the auxiliary vector that say nothing (AT_IGNORE), so that one still follows the other.
void drop_added(char** environment) {
  std::size_t count = 0;
  while (environment[count] != nullptr) ++count;
  if (count < 2 || !std::string_view(environment[count - 1]).starts_with(kFiller)) return;
  const std::size_t added = environment[count - 1][kFiller.size()] == '4' ? 4 : 2;
  if (count < added) return;
  char** ours = environment + count - added;
  char* text = ours[1] - 1;  // the C library may have put a copy in the place of the first
  while (text[-1] != '\0') --text;
  const char* end = ours[added - 1] + std::strlen(ours[added - 1]);
  std::memset(text, 0, static_cast<std::size_t>(end - text));
  const std::uint64_t ignored[] = {0, AT_IGNORE, 0, AT_IGNORE, 0};
  static_assert(sizeof ignored[0] == sizeof(char*));
  std::memcpy(ours, ignored, (added + 1) * sizeof ignored[0]);
}

std::vector<std::string> split_paths(std::string_view paths) {
  std::vector<std::string> all;
  while (!paths.empty()) {
    const std::size_t size = std::min(paths.find(':'), paths.size());
    all.emplace_back(paths.substr(0, size));
    paths.remove_prefix(std::min(size + 1, paths.size()));
  }
  return all;
}

void forget_preload(const std::string& path) {
  if (void* handle = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {
    link_map* map = nullptr;
    if (::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && path == map->l_name) *map->l_name = '\0';
    ::dlclose(handle);
  }
  int descriptor = -1;
  std::from_chars(path.data() + kPreloadStart.size(), path.data() + path.size(), descriptor);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

// The entry behind the environment, as it was when the process began.
Elf64_auxv_t* auxiliary_vector(int argc, char** argv) {
  char** environment = argv + argc + 1;
  while (*environment != nullptr) ++environment;
  return reinterpret_cast<Elf64_auxv_t*>(environment + 1);
}

// AT_EXECFN: "the pathname used to execute program" (getauxval(3)).
void set_executed_name(const Start& start, const std::string& name) {
  if (start.is_programs) {
    std::memcpy(reinterpret_cast<char*>(getauxval(AT_EXECFN)), name.c_str(), name.size() + 1);
    return;
  }
  for (Elf64_auxv_t* entry = auxiliary_vector(start.argc, start.argv); entry->a_type != AT_NULL; ++entry) {
    if (entry->a_type == AT_EXECFN) entry->a_un.a_val = reinterpret_cast<std::uint64_t>(start.argv[0]);
  }
}

// What error() and the C library's own messages call the program, and what the kernel does.
void take_name(char* name) {
  program_invocation_name = name;
  const char* slash = std::strrchr(name, '/');
  program_invocation_short_name = slash == nullptr ? name : const_cast<char*>(slash) + 1;
  ::prctl(PR_SET_NAME, program_invocation_short_name);
}

}  // namespace

Start take_start(int argc, char** argv) {
  Start start{.argc = argc, .argv = argv, .words = {argv + std::min(argc, 1), argv + argc}};
  const std::optional<int> pipe = handed_pipe();
  if (!pipe) return start;
  const auto bytes = read_all(*pipe).value_or(std::vector<std::byte>());
  ::close(*pipe);
  std::vector<std::string> words = take_words({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  constexpr std::size_t kOfStart = 7;
  if (words.size() < kOfStart || words[0] != kMagic || words[1] != std::to_string(::getpid())) return start;
  start.is_programs = true;
  const auto number = [&](std::size_t i, auto& into) {
    std::from_chars(words[i].data(), words[i].data() + words[i].size(), into);
  };
  number(2, start.static_thread_storage);
  number(3, start.static_p2align);
  start.replaceable_allocator = words[4] == "1";
  const std::vector<std::string> preloads = split_paths(words[5]);
  if (start.static_thread_storage != 0 || !preloads.empty()) drop_added(argv + argc + 1);
  for (const std::string& path : preloads) {
    if (path.starts_with(kPreloadStart)) {
      forget_preload(path);
    } else {
      start.libraries.push_back(path);
    }
  }
  start.variables = split_paths(words[6]);
  words.erase(words.begin(), words.begin() + kOfStart);
  words.emplace_back("--");
  words.insert(words.end(), start.words.begin(), start.words.end());
  start.words = std::move(words);
  return start;
}

std::string preload_path(int descriptor) { return fmt::format("{}{}", kPreloadStart, descriptor); }

void start_anew(const Start& start, const NewStart& next) {
  if (!has_interpreter() || runs_on_valgrind()) return;
  const Descriptor executable(::open("/proc/self/exe", O_PATH | O_CLOEXEC));
  if (!executable.is_open()) return;
  const Descriptor pipe = filled_pipe(instructions(start, next));
  if (!pipe.is_open()) return;
  auto handed = in_a_row(pipe, executable);
  if (!handed) return;
  const std::optional<std::string> path = path_for(next.name, handed->second);
  if (!path) return;
  std::vector<std::string> words = next.program_arguments, more = more_environment(next);
  words.insert(words.begin(), next.name);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  for (std::string& entry : more) environment.push_back(entry.data());
  environment.push_back(nullptr);
  ::fcntl(handed->first.get(), F_SETFD, 0);
  ::execve(path->c_str(), pointers(words).data(), environment.data());
}

void reset_processor_state() {
#if defined(__x86_64__)
  const std::uint32_t vector = 0x1f80;
  asm volatile("fninit\n\tldmxcsr %0" : : "m"(vector));
#endif
}

void become_program(Start& start, const std::string& name, std::size_t argument_count) {
  if (!start.is_programs) {
    start.argv += start.argc - 1 - static_cast<int>(argument_count);
    start.argc = static_cast<int>(argument_count) + 1;
    start.argv[0] = (new std::string(name))->data();  // for as long as the process lives
    const auto count = static_cast<std::uint64_t>(start.argc);
    std::memcpy(start.argv - 1, &count, sizeof count);
  }
  set_executed_name(start, name);
  take_name(start.argv[0]);
}

}  // namespace tool
