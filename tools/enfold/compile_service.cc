// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compile_service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "orphan.h"
#include "read_all.h"
#include "status.h"

namespace tool {
namespace {

using Bytes = std::vector<std::byte>;
using Objects = std::expected<std::vector<Bytes>, std::string>;

// An answer is a letter, and then a message, or for each object its size and its bytes.
constexpr char kObjects = 'o';
constexpr char kMessage = 'e';

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }

  bool is_open() const { return ends_[0] >= 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

std::string encode(const Objects& objects) {
  if (!objects) return kMessage + objects.error();
  std::string text(1, kObjects);
  for (const Bytes& bytes : *objects) {
    std::uint64_t size = bytes.size();
    text.append(reinterpret_cast<const char*>(&size), sizeof size);
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return text;
}

std::optional<Bytes> take_object(std::string_view& text) {
  std::uint64_t size = 0;
  if (text.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, text.data(), sizeof size);
  text.remove_prefix(sizeof size);
  if (text.size() < size) return std::nullopt;
  Bytes bytes(size);
  std::memcpy(bytes.data(), text.data(), size);
  text.remove_prefix(size);
  return bytes;
}

Objects decode(std::string_view text, std::size_t count) {
  if (text.starts_with(kMessage)) return std::unexpected(std::string(text.substr(1)));
  std::vector<Bytes> objects;
  text.remove_prefix(text.empty() ? 0 : 1);
  while (objects.size() < count) {
    std::optional<Bytes> object = take_object(text);
    if (!object) return std::unexpected("the process that runs the compilers ended");
    objects.push_back(std::move(*object));
  }
  return objects;
}

int start(const Pipe& life, const Pipe& answer, const std::string& directory, const posix_spawnattr_t& attributes,
          Orphan orphan) {
  posix_spawn_file_actions_t actions;
  if (int error = posix_spawn_file_actions_init(&actions)) return error;
  posix_spawn_file_actions_adddup2(&actions, life.reader(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answer.writer(), STDOUT_FILENO);
  int error = posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  orphan.path = "/proc/self/exe";
  orphan.actions = &actions;
  orphan.attributes = &attributes;
  if (error == 0) error = start_orphan(orphan);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Asks this process to end when the other end of the pipe has gone.
void end_with(int descriptor) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the signal is for the thread that waits for compilers
  std::thread([descriptor] {
    (void)read_all(descriptor);
    ::kill(::getpid(), SIGTERM);
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

CompileService::CompileService(std::string directory) : directory_(std::move(directory)) {
  for (char** entry = environ; *entry != nullptr; ++entry) environment_.emplace_back(*entry);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
  sigemptyset(&not_ignored_);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    bool known = sigaction(number, nullptr, &action) == 0;
    if (known && action.sa_handler != SIG_IGN) sigaddset(&not_ignored_, number);
  }
}

Objects CompileService::compile(const std::vector<std::string>& sources, const CompileOptions& options) const {
  Pipe life, answer;
  if (!life.is_open() || !answer.is_open()) return std::unexpected(fmt::format("pipe: {}", std::strerror(errno)));
  std::vector<std::string> words = {"enfold", std::string(kCompileServiceWord), options.replaceable ? "1" : "0",
                                    std::to_string(options.flags.size())};
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  words.insert(words.end(), sources.begin(), sources.end());
  posix_spawnattr_t attributes;
  if (int error = posix_spawnattr_init(&attributes)) return std::unexpected(std::strerror(error));
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask(&attributes, &mask_);
  posix_spawnattr_setsigdefault(&attributes, &not_ignored_);
  std::vector<char*> argv = pointers(words), environment = pointers(environment_);
  int error = start(life, answer, directory_, attributes, {.argv = argv.data(), .environment = environment.data()});
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return std::unexpected(fmt::format("cannot start a process for the compilers: {}", std::strerror(error)));
  life.close(0);
  answer.close(1);
  Bytes bytes = read_all(answer.reader()).value_or(Bytes());
  return decode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, sources.size());
}

int serve_compilation(int argc, char** argv) {
  int life = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  int answer = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  std::vector<std::string> words(argv + 2, argv + argc);
  std::size_t flag_count = words.size() < 2 ? words.size() : std::strtoul(words[1].c_str(), nullptr, 10);
  if (life < 0 || answer < 0 || nothing < 0 || flag_count + 2 > words.size()) return kOwnError;
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);  // what a compiler prints is no part of the answer
  end_with(life);
  auto flags = words.begin() + 2;
  auto sources = flags + static_cast<std::ptrdiff_t>(flag_count);
  auto objects = compile({sources, words.end()}, {.flags = {flags, sources}, .replaceable = words[0] == "1"});
  signal(SIGPIPE, SIG_IGN);
  return write_all(answer, encode(objects)) ? 0 : kOwnError;
}

}  // namespace tool
