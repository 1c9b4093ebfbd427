// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "replacer.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <new>
#include <utility>

#include "background.h"
#include "render_text.h"
#include "status.h"

namespace tool {
namespace {

// An initialiser that waits for the thread that exits would wait for ever.
constexpr auto kPatience = std::chrono::seconds(5);

Replacer* the_replacer;

void stop_the_replacer() {
  if (the_replacer != nullptr) the_replacer->stop();
}

}  // namespace

// Exit handlers run in the order opposite to their registration: this one before the program's destructors, which were
// registered by its initialisers.
Replacer::Replacer(const LinkArguments& arguments, enfold::Session& session, enfold::LinkedSet& set,
                   const enfold::LinkedSet* base)
    : arguments_(arguments), session_(session), set_(set), base_(base), process_(::getpid()) {
  the_replacer = this;
  std::atexit(stop_the_replacer);
}

std::expected<void, std::string> Replacer::start() {
  return start_background_thread("enfold-replace", [this] { run(); });
}

std::optional<Replacer::Result> Replacer::replace(const Contents& contents) {
  std::unique_lock lock(mutex_);
  job_ = contents;
  changed_.notify_all();
  changed_.wait(lock, [&] { return result_ || stopped_; });
  return std::exchange(result_, std::nullopt);
}

void Replacer::run() {
  std::unique_lock lock(mutex_);
  thread_ = std::this_thread::get_id();
  for (;;) {
    changed_.wait(lock, [&] { return job_ && !stopped_; });
    Contents contents = *std::exchange(job_, std::nullopt);
    busy_ = true;
    lock.unlock();
    Result result = link(contents);
    lock.lock();
    busy_ = false;
    result_ = std::move(result);
    changed_.notify_all();
  }
}

// The new version's destructors are registered by now: the handler has to come before those, too.
Replacer::Result Replacer::link(const Contents& contents) try {
  enfold::ObjectSet next = make_set(arguments_, contents);
  if (base_ != nullptr) next.share_with(*base_);
  auto old = session_.replace(set_, std::move(next), {.keep_state = true});
  if (!old) return std::unexpected(old.error().text());
  retired_.push_back(std::move(*old));
  std::atexit(stop_the_replacer);
  return render_stats(set_, session_.memory_use());
} catch (const std::bad_alloc&) {
  return std::unexpected(kNoMemory);
}

void Replacer::stop() {
  if (::getpid() != process_) return;
  std::unique_lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
  if (std::this_thread::get_id() == thread_) return;  // an initialiser calls exit
  changed_.wait_for(lock, kPatience, [&] { return !busy_; });
}

void exit_when_idle(int status) {
  stop_the_replacer();
  std::exit(status);
}

}  // namespace tool
