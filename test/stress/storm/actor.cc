// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "actor.h"

#include <array>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include "signals.h"

// Linked code has nothing in front of its functions for -fsanitize=function to look at.
#if defined(__clang__)
#define ENFOLD_STORM_CALLS_LINKED_CODE [[clang::no_sanitize("function")]]
#else
#define ENFOLD_STORM_CALLS_LINKED_CODE
#endif

namespace enfold::storm {
namespace {

constexpr std::array kModels = {"default", "no_plt", "no_pic", "descriptors"};
constexpr int kVersions = 2;

ENFOLD_STORM_CALLS_LINKED_CODE int result_of(IntFunction* function, int n) { return function(n); }
ENFOLD_STORM_CALLS_LINKED_CODE int result_of(StepFunction* function) { return function(); }
ENFOLD_STORM_CALLS_LINKED_CODE void pass(PassFunction* function, void (*to)(int), int n) { function(to, n); }

[[noreturn]] void throw_on(int n) { throw n; }

// Of a call that has to throw `n`.
template <class Call>
bool throws(int n, Call call) {
  try {
    call();
  } catch (const int thrown) {
    return thrown == n;
  }
  return false;
}

}  // namespace

const Actor::Action Actor::kActions[] = {
    {.weight = 20, .what = "link, unload", .function = &Actor::link_and_unload},
    {.weight = 10, .what = "show", .function = &Actor::show},
    {.weight = 25, .what = "use", .function = &Actor::use_shown},
    {.weight = 8, .what = "replace", .function = &Actor::replace_shown},
    {.weight = 5, .what = "threads", .function = &Actor::start_threads},
    {.weight = 8, .what = "throw", .function = &Actor::throw_through},
    {.weight = 5, .what = "open library", .function = &Actor::open_library},
    {.weight = 5, .what = "link with library", .function = &Actor::link_with_library},
    {.weight = 4, .what = "link shared object", .function = &Actor::link_shared_object},
    {.weight = 4, .what = "link visible", .function = &Actor::link_visible},
    {.weight = 4, .what = "link in vain", .function = &Actor::link_in_vain},
    {.weight = 2, .what = "unload all", .function = &Actor::unload_all},
    {.weight = 2, .what = "session", .function = &Actor::come_and_go},
    {.weight = 1, .what = "trim", .function = &Actor::trim},
    {.weight = 2, .what = "fork", .function = &Actor::fork_child},
};

Actor::Actor(World& world, int number)
    : world_(world),
      number_(number),
      random_(world.seed * 1'000'003 + static_cast<std::uint64_t>(number)),
      doing_(&doings().threads[number]) {}

void Actor::run() {
  while (!world_.stop) {
    if (kSanitizer) world_.running.lock_shared();
    step();
    doing_->end();
    if (kSanitizer) world_.running.unlock_shared();
  }
}

void Actor::step() {
  ++doing_->step;
  place_ = &any_place();
  int all = 0;
  for (const Action& action : kActions) all += action.weight;
  int chosen = static_cast<int>(pick(static_cast<std::size_t>(all)));
  for (const Action& action : kActions) {
    chosen -= action.weight;
    if (chosen >= 0) continue;
    begin(action.what);
    counts_.add(action.what);
    return (this->*action.function)();
  }
}

const char* Actor::any_model() { return kModels[pick(kModels.size())]; }

void Actor::expect(bool good, const std::string& what) const {
  if (good) return;
  const char* doing = doing_->what;
  fail((in_child() ? "a child of thread " : "thread ") + std::to_string(number_) + ", session " +
       std::to_string(place_->number) + ", " + (doing != nullptr ? doing : "") + ": " + what);
}

template <class T>
void Actor::expect_no_error(const Expected<T>& result, const std::string& what) const {
  if (!result) expect(false, what + ": " + result.error().text());
}

// ---- Parts

ObjectSet Actor::base(int version, const char* model, const char* name) {
  ObjectSet set(name);
  set.options().visibility = Visibility::kPrivate;
  set.options().copy_data = true;  // type information, which -fno-pic code addresses directly
  set.add_bytes(object(world_, std::string("base ") + model + " " + std::to_string(version)), "base.o");
  return set;
}

std::optional<LinkedSet> Actor::link(ObjectSet set, const char* what) {
  Expected<LinkedSet> linked = place_->session->link(std::move(set));
  expect_no_error(linked, what);
  return std::move(*linked);
}

// Looking a function up says whether the set was unloaded with all others: nobody does so while the gate is shared.
void Actor::call_base(const LinkedSet& set, int least, int most) {
  const std::shared_lock in_code(place_->calls);
  const auto function = set.function<IntFunction>("storm_base");
  if (!function) return expect(!place_->calm, "a set is gone: " + function.error().text());
  remember(reinterpret_cast<std::uint64_t>(*function) + pick(8));
  const int n = static_cast<int>(pick(100)), result = result_of(*function, n) - 3 * n;
  expect(least <= result && result <= most, "storm_base returned version " + std::to_string(result));
}

// A thread that has not called before begins with 48. The C library does not look after the lock that starting a thread
// takes where thread-locals are allocated.
void Actor::call_in_threads(const LinkedSet& set) {
  const std::shared_lock in_code(place_->calls);
  const auto step = set.function<StepFunction>("storm_step");
  if (!step) return expect(!place_->calm, "a set is gone: " + step.error().text());
  std::atomic<int> wrong = 0;
  const auto body = [&] {
    for (int i = 0; i < 3; ++i) {
      if (const int n = result_of(*step); n != 48 + i) wrong = n;
    }
  };
  std::vector<std::thread> threads;
  {
    const std::shared_lock in_loader(world_.loader);
    for (std::size_t i = 1 + pick(2); i != 0; --i) threads.emplace_back(body);
  }
  for (std::thread& thread : threads) thread.join();
  expect(wrong == 0, "a thread began with " + std::to_string(wrong));
}

void Actor::catch_from(const LinkedSet& set) {
  const std::shared_lock in_code(place_->calls);
  const auto thrower = set.function<IntFunction>("storm_throw");
  const auto passer = set.function<PassFunction>("storm_pass");
  if (!thrower || !passer) return expect(!place_->calm, "a set is gone");
  const int n = static_cast<int>(pick(100));
  expect(throws(n, [&] { result_of(*thrower, n); }), "an exception of a set is not caught");
  expect(throws(n, [&] { pass(*passer, throw_on, n); }), "an exception through a set is not caught");
}

// By unload(), or by dropping the handle. Nobody else has it, but it may be unloaded with all others.
void Actor::end(LinkedSet set) {
  if (chance(50)) return;
  const Expected<void> done = set.unload();
  if (place_->calm) expect_no_error(done, "unloading");
}

std::shared_ptr<Shown> Actor::any_shown() {
  std::shared_ptr<Shown> found;
  {
    const std::scoped_lock lock(place_->board_mutex);
    found = place_->board[pick(kBoardSize)];
  }
  // In a child, a thread that is no more may have been about to replace it.
  return found && in_child() && found->replaceable ? nullptr : found;
}

// ---- What threads do

void Actor::link_and_unload() {
  const int version = 1 + static_cast<int>(pick(kVersions));
  std::optional<LinkedSet> set = link(base(version, any_model()), "linking base");
  call_base(*set, version, version);
  if (place_->calm) {
    const auto step = set->function<StepFunction>("storm_step");
    expect(step && result_of(*step) == 48, "thread-locals of a set begin otherwise");
  }
  end(*std::move(set));
}

void Actor::show() {
  ObjectSet set = base(1, any_model(), "shown");
  const bool replaceable = chance(40);
  if (replaceable) set.options().replaceable = chance(50) ? Replaceable::kByOthers : Replaceable::kThroughout;
  auto shown = std::make_shared<Shown>(*link(std::move(set), "linking a set to show"));
  shown->replaceable = replaceable;
  const std::scoped_lock lock(place_->board_mutex);
  place_->board[pick(kBoardSize)].swap(shown);  // the old one goes when the mutex is free, with its last holder
}

void Actor::use_shown() {
  const std::shared_ptr<Shown> shown = any_shown();
  if (!shown) return;
  ObjectSet set("user");
  set.options().visibility = Visibility::kPrivate;
  set.options().copy_data = true;
  set.add_bytes(object(world_, std::string("user ") + any_model()), "user.o");
  {
    const std::shared_lock lock(shown->handle);
    set.use(shown->set);
    if (chance(50)) set.share_with(shown->set);
    call_base(shown->set, 1, kVersions);
  }
  Expected<LinkedSet> linked = place_->session->link(std::move(set));
  if (!linked) {
    counts_.add("users refused");
    return expect(!place_->calm, linked.error().text());
  }
  {
    const std::shared_lock in_code(place_->calls);
    const auto user = linked->function<IntFunction>("storm_user"),
               caught = linked->function<IntFunction>("storm_caught");
    if (!user || !caught) return expect(!place_->calm, "a user is gone");
    for (int n = 0; n < 5; ++n) {
      const int version = result_of(*user, n);
      expect(1 <= version && version <= kVersions, "storm_user returned version " + std::to_string(version));
      expect(result_of(*caught, n) == n, "storm_caught returned something else");
    }
  }
  end(*std::move(linked));
}

void Actor::replace_shown() {
  const std::shared_ptr<Shown> shown = any_shown();
  if (!shown || !shown->replaceable) return;
  std::optional<LinkedSet> old;
  {
    const std::scoped_lock lock(shown->handle);
    ObjectSet next = base(1 + static_cast<int>(pick(kVersions)), any_model(), "shown");
    next.options().replaceable = Replaceable::kByOthers;
    Expected<LinkedSet> replaced = place_->session->replace(shown->set, std::move(next), {.keep_state = chance(50)});
    if (!replaced) {
      counts_.add("versions refused");
      // Variables that the new version keeps may lie out of its reach.
      return expect(!place_->calm || replaced.error().code() == ErrorCode::kOutOfRange, replaced.error().text());
    }
    old = std::move(*replaced);
  }
  const std::scoped_lock nobody_in_code(place_->calls);
  old.reset();
}

void Actor::start_threads() {
  std::optional<LinkedSet> set = link(base(1, any_model()), "linking base for threads");
  call_in_threads(*set);
  if (const std::shared_ptr<Shown> shown = any_shown()) {
    const std::shared_lock lock(shown->handle);
    call_in_threads(shown->set);
  }
  end(*std::move(set));
}

void Actor::throw_through() {
  std::optional<LinkedSet> set = link(base(2, any_model()), "linking base to throw");
  catch_from(*set);
  end(*std::move(set));
}

void Actor::open_library() {
  const std::shared_lock in_loader(world_.loader);
  void* const library = ::dlopen(world_.library.c_str(), RTLD_NOW);
  expect(library != nullptr, "a library cannot be opened");
  const auto function = reinterpret_cast<IntFunction*>(::dlsym(library, "storm_library"));
  expect(function != nullptr && function(1) == 6, "a library returned something else");
  ::dlclose(library);
}

void Actor::link_with_library() {
  ObjectSet input("with library");
  input.options().visibility = Visibility::kPrivate;
  input.add_bytes(object(world_, "needs_library"), "needs_library.o");
  input.add_file(world_.library);
  std::optional<LinkedSet> set = link(std::move(input), "linking with a library");
  {
    const std::shared_lock in_code(place_->calls);
    const auto function = set->function<IntFunction>("storm_through_library");
    if (!function) return expect(!place_->calm, "a set with a library is gone");
    expect(result_of(*function, 2) == 7, "a library returned something else to a set");
  }
  end(*std::move(set));
}

void Actor::link_shared_object() {
  ObjectSet input = base(2, any_model(), "object");
  input.options().as_shared_object = true;
  input.options().global_libraries = chance(50);
  Expected<LinkedSet> set = place_->session->link(std::move(input));
  if (!set && set.error().lacks())
    return counts_.add("shared objects without static storage");  // which may lie in bits
  expect_no_error(set, "linking a shared object");
  call_base(*set, 2, 2);
  call_in_threads(*set);
  catch_from(*set);
  end(*std::move(set));
}

void Actor::link_visible() {
  ObjectSet input = base(1, any_model(), "visible");
  input.options().visibility = Visibility::kSession;
  Expected<LinkedSet> linked = place_->session->link(std::move(input));
  if (!linked) return expect(linked.error().code() == ErrorCode::kDuplicateSymbol, linked.error().text());
  call_base(*linked, 1, 1);
  if (chance(50)) return;
  const Expected<void> done = linked->unload();
  const bool is_used = !done && done.error().code() == ErrorCode::kInUse;  // links in vain find it, and use it meanwhile
  if (place_->calm && !is_used) expect_no_error(done, "unloading");
}

// Unless a set is visible that defines what lacks.
void Actor::link_in_vain() {
  ObjectSet input("in vain");
  input.options().visibility = Visibility::kPrivate;
  input.options().copy_data = true;
  input.add_bytes(object(world_, std::string("user ") + any_model()), "user.o");
  const Expected<LinkedSet> linked = place_->session->link(std::move(input));
  if (!linked) expect(linked.error().code() == ErrorCode::kUndefinedSymbol, linked.error().text());
}

void Actor::unload_all() {
  if (place_->calm) return;
  std::array<std::shared_ptr<Shown>, kBoardSize> gone;
  const std::scoped_lock nobody_in_code(place_->calls);
  const Expected<void> done = place_->session->unload_all();
  if (!done) expect(!in_child() && done.error().code() == ErrorCode::kInUse, done.error().text());
  const std::scoped_lock lock(place_->board_mutex);
  if (done) gone.swap(place_->board);  // handles of no use
}

void Actor::come_and_go() {
  const std::unique_ptr<Session> session = new_session(place_->memory, chance(50));
  Expected<LinkedSet> linked = session->link(base(1, any_model()));
  expect_no_error(linked, "linking in a session of its own");
  const auto function = linked->function<IntFunction>("storm_base");
  expect(function && result_of(*function, 1) == 4, "a session of its own is wrong");
}

void Actor::trim() { place_->session->trim(); }

}  // namespace enfold::storm
