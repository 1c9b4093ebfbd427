// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "worker.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "host.h"

namespace enfold::stress {
namespace {

constexpr std::size_t kMostSets = 24, kMostContested = 3;

using Function = unsigned long(unsigned long);
using NoArguments = unsigned long();
using Where = unsigned long*();

ENFOLD_STRESS_CALLS_LINKED_CODE unsigned long result_of(Function* function, unsigned long x) { return function(x); }
ENFOLD_STRESS_CALLS_LINKED_CODE unsigned long result_of(NoArguments* function) { return function(); }
ENFOLD_STRESS_CALLS_LINKED_CODE unsigned long* result_of(Where* function) { return function(); }

template <class T>
std::string text_of(const Expected<T>& result) {
  return result ? std::string("no error") : result.error().text();
}

bool has_handle(const SetModel& set) { return set.handle.has_value(); }
bool is_current(const SetModel& set) { return set.handle && set.successor == nullptr; }
bool is_replaceable(const SetModel& set) { return is_current(set) && set.face; }

// Below 2 GiB, for a part whose code holds 32-bit addresses. A version that lies far from the stubs of the first may
// not reach them.
bool is_low(const std::vector<Part>& parts) {
  return std::ranges::any_of(parts, [](const Part& part) { return part.name % 4 == 3; });
}

// So that links succeed as a rule.
void add_callees(std::vector<int>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (const int callee : callees(names[i])) {
      if (std::ranges::find(names, callee) == names.end()) names.push_back(callee);
    }
  }
}

}  // namespace

Worker::Worker(Shared& shared, int thread)
    : shared_(shared),
      thread_(thread),
      objects_(shared.files, thread),
      random_(shared.seed * 1'000'003 + static_cast<std::uint64_t>(thread)) {}

void Worker::expect(bool good, const std::string& what) {
  if (good) return;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fprintf(stderr, "enfold-stress: wrong: seed %llu, thread %d, step %llu: %s\n",
               static_cast<unsigned long long>(shared_.seed), thread_, static_cast<unsigned long long>(counts_.steps),
               what.c_str());
  std::_Exit(1);
}

void Worker::expect_alive(const char* after) {
  const long expected = model_.constructed(), found = alive(thread_).load();
  expect(found == expected, std::string("after ") + after + ": " + std::to_string(found) +
                                " objects are constructed and not destroyed, not " + std::to_string(expected));
}

SetRef Worker::any_set(bool (*which)(const SetModel&)) {
  std::vector<SetRef> fitting;
  std::ranges::copy_if(model_.sets(), std::back_inserter(fitting), [&](const SetRef& s) { return which(*s); });
  return fitting.empty() ? nullptr : fitting[pick(fitting.size())];
}

void Worker::step() {
  ++counts_.steps;
  const std::size_t n = pick(100);
  if (n < 30)
    link();
  else if (n < 40)
    unload();
  else if (n < 48)
    drop();
  else if (n < 68)
    call();
  else if (n < 74)
    look_up();
  else if (n < 78)
    plan();
  else if (n < 84)
    replace();
  else if (n < 85)
    replace_in_vain();
  else if (n < 89)
    define_contested();
  else if (n < 93)
    link_contested_user();
  else if (n < 96)
    end_contested();
  else
    call_contested();
  if (counts_.steps % 256 == 0) shared_.session.trim();
}

// ---- Linking

Request Worker::random_request() {
  Request request;
  std::vector<int> names(kNameCount);
  for (int i = 0; i < kNameCount; ++i) names[static_cast<std::size_t>(i)] = i;
  std::ranges::shuffle(names, random_);
  names.resize(1 + pick(3));
  if (chance(60)) add_callees(names);
  request.gc = chance(40);
  for (const int name : names) {
    const int variant = chance(10) ? kGcVariant : static_cast<int>(pick(kGcVariant));
    request.parts.push_back({.name = name, .variant = request.gc || variant != kGcVariant || chance(30) ? variant : 0});
  }
  if (chance(3)) request.parts.assign(2, Part{.name = names[0], .variant = 1});
  request.visible = chance(50);
  request.replaceable = chance(35);
  request.throughout = request.replaceable && chance(30);
  for (std::size_t i = pick(4); i != 0; --i) {
    if (SetRef used = any_set(is_current)) request.used.push_back(std::move(used));
  }
  for (std::size_t i = pick(3); i != 0; --i) {
    if (SetRef sharing = any_set(has_handle)) request.sharing.push_back(std::move(sharing));
  }
  return request;
}

ObjectSet Worker::input(const Request& request, const std::string& name) {
  ObjectSet set(name);
  SetOptions& options = set.options();
  options.visibility = request.visible ? Visibility::kSession : Visibility::kPrivate;
  options.gc_sections = request.gc;
  options.relax = chance(70);
  if (request.replaceable) options.replaceable = request.throughout ? Replaceable::kThroughout : Replaceable::kByOthers;
  for (const Part& part : request.parts) {
    set.add_bytes(objects_.part(part), "part_" + two_digits(part.name) + ".o");
    for (const char* stem : {"f", "count", "where"}) options.roots.push_back(objects_.symbol(stem, part.name));
  }
  for (const SetRef& used : request.used) set.use(*used->handle);
  for (const SetRef& sharing : request.sharing) set.share_with(*sharing->handle);
  return set;
}

// Which slots and stubs are in reach is not for the model to say: it is told.
void Worker::note_sharing(const Request& request, SetModel& set) {
  std::uint64_t found = 0;
  std::set<const SetModel*> asked;
  for (const SetRef& sharing : request.sharing) {
    if (!asked.insert(sharing.get()).second) continue;
    for (const SetUse& use : sharing->handle->users()) {
      if (use.set != set.name || (use.kind != UseKind::kSharedSlot && use.kind != UseKind::kSharedStub)) continue;
      set.stays.insert(sharing.get());
      ++found;
    }
  }
  counts_.shared += found;
  if (request.replaced) {  // whose stubs go on
    for (const std::string& function : set.functions()) found += set.face->contains(function) ? 1u : 0u;
  }
  const Usage& usage = set.handle->usage();
  const Plan& plan = set.handle->plan();
  std::uint64_t slot_count = 0, stub_count = 0;
  for (const PlannedSegment& segment : plan.segments) {
    slot_count += segment.slot_count;
    stub_count += segment.stub_count;
  }
  expect(usage.slot_count == slot_count && usage.stub_count == stub_count &&
             usage.shared_slot_count == plan.shared_slot_count && usage.shared_stub_count == plan.shared_stub_count,
         set.name + " has used other slots and stubs than were planned");
  const std::uint64_t used = usage.shared_slot_count + usage.shared_stub_count;
  expect(found == used,
         set.name + " lists " + std::to_string(found) + " shared slots and stubs, and used " + std::to_string(used));
}

// Each binding is an edge, and every edge is of a binding.
void Worker::check_users(const SetModel& set) {
  std::map<SetModel*, std::set<std::string>> expected;
  for (const PartModel& part : set.parts) {
    for (const auto& [name, bound] : part.callees) {
      if (bound.definer != &set) expected[bound.definer].insert(objects_.symbol("f", name));
    }
  }
  for (const auto& [definer, names] : expected) {
    if (!definer->handle) continue;
    std::set<std::string> found;
    for (const SetUse& use : definer->handle->users()) {
      if (use.set == set.name && use.kind == UseKind::kBinding) found.insert(use.symbol);
    }
    expect(found == names, definer->name + " does not list what " + set.name + " has of it");
  }
}

void Worker::link() {
  if (model_.sets().size() >= kMostSets) return unload();
  const Request request = random_request();
  const std::string name = "set" + std::to_string(++made_);
  std::expected<SetRef, ErrorCode> expected = model_.predict(request);
  Expected<LinkedSet> linked = shared_.session.link(input(request, name));
  if (!expected) {
    ++counts_.refused;
    expect(!linked && linked.error().code() == expected.error(),
           "linking should have ended in " + std::string(enfold::name(expected.error())) + ": " + text_of(linked));
    return expect_alive("a link that was refused");
  }
  expect(linked.has_value(), "linking " + name + ": " + text_of(linked));
  ++counts_.linked;
  SetRef set = *std::move(expected);
  set->name = name;
  set->handle = std::move(*linked);
  note_sharing(request, *set);
  check_users(*set);
  model_.add(std::move(set));
  expect_alive("linking");
}

void Worker::plan() {
  const Request request = random_request();
  const std::expected<SetRef, ErrorCode> expected = model_.predict(request);
  const Expected<Plan> planned = shared_.session.plan(input(request, "planned"));
  if (expected) return expect(planned && planned->unresolved.empty(), "planning: " + text_of(planned));
  if (expected.error() == ErrorCode::kUndefinedSymbol) {
    return expect(planned && !planned->unresolved.empty(), "planning lists no undefined symbol: " + text_of(planned));
  }
  expect(!planned && planned.error().code() == expected.error(), "planning: " + text_of(planned));
}

// ---- Replacing

Request Worker::random_version(const SetRef& old) {
  Request request = random_request();
  request.replaced = old;
  request.replaceable = true;
  request.visible = old->visible;
  request.keep_state = chance(50);
  std::erase(request.used, old);
  // As a rule the same objects, some of them changed: others need what they have.
  if (!request.keep_state && chance(30) && is_low(request.parts) == is_low(old->list())) return request;
  request.parts.clear();
  for (const PartModel& part : old->parts) {
    const bool changed = chance(60);
    const int variant = changed ? static_cast<int>(pick(request.gc ? kVariantCount : kGcVariant)) : part.part.variant;
    request.parts.push_back({.name = part.part.name, .variant = variant});
  }
  return request;
}

void Worker::replace() {
  const SetRef old = any_set(is_replaceable);
  if (!old) return;
  const Request request = random_version(old);
  const std::string name = "set" + std::to_string(++made_);
  std::expected<SetRef, ErrorCode> expected = model_.predict(request);
  Expected<LinkedSet> before =
      shared_.session.replace(*old->handle, input(request, name), {.keep_state = request.keep_state});
  if (!expected) {
    ++counts_.refused;
    expect(!before && before.error().code() == expected.error(),
           "replacing should have ended in " + std::string(enfold::name(expected.error())) + ": " + text_of(before));
    return expect_alive("a replacement that was refused");
  }
  expect(before.has_value(), "replacing " + old->name + ": " + text_of(before));
  ++counts_.replaced;
  const SetRef set = *std::move(expected);
  set->name = name;
  set->handle = std::exchange(old->handle, std::move(*before));
  note_sharing(request, *set);
  model_.replace(old, set);
  check_users(*set);
  expect_alive("replacing");
}

void Worker::replace_in_vain() {
  const SetRef set = any_set([](const SetModel& s) { return s.handle && (s.successor != nullptr || !s.face); });
  if (!set) return;
  const Expected<LinkedSet> replaced = shared_.session.replace(*set->handle, input(random_request(), "in vain"));
  expect(!replaced && replaced.error().code() == ErrorCode::kInvalidArgument,
         "replacing " + set->name + ", which cannot be: " + text_of(replaced));
}

// ---- Leaving

void Worker::unload() {
  const SetRef set = any_set(has_handle);
  if (!set) return;
  const bool in_use = model_.in_use(*set);
  const std::size_t user_count = set->handle->users().size();
  const Expected<void> done = set->handle->unload();
  expect(done.has_value() == !in_use,
         "unloading " + set->name + (in_use ? ", which is in use: " : ": ") + text_of(done));
  if (done) {
    ++counts_.unloaded;
    model_.unload(set);
  } else {
    expect(done.error().code() == ErrorCode::kInUse, text_of(done));
    expect(done.error().causes().size() == user_count, "not every use is a cause: " + text_of(done));
  }
  expect_alive("unloading");
}

void Worker::drop() {
  const SetRef set = any_set(has_handle);
  if (!set) return;
  ++counts_.dropped;
  model_.drop(set);
  expect_alive("dropping a handle");
}

void Worker::after_unload_all() {
  for (const SetRef& set : model_.sets()) {
    if (!set->handle) continue;
    expect(!set->handle->address(objects_.symbol("f", set->parts[0].part.name)),
           set->name + " is unloaded, with symbols");
    const Expected<void> again = set->handle->unload();
    expect(!again && again.error().code() == ErrorCode::kInvalidArgument, set->name + " is unloaded twice");
  }
  model_.forget_all();
  definitions_.clear();
  users_.clear();
  expect_alive("unloading all");
}

void Worker::finish() {
  while (!definitions_.empty() || !users_.empty()) end_contested();
  while (any_set(has_handle)) chance(50) ? unload() : drop();
  expect(model_.sets().empty(), "sets without handles are left");
  expect_alive("everything");
}

// ---- Calls and look-ups

void Worker::call() {
  const SetRef set = any_set(is_current);
  if (!set) return;
  ++counts_.calls;
  const PartModel& part = set->parts[pick(set->parts.size())];
  const int name = part.part.name;
  const auto f = set->handle->function<Function>(objects_.symbol("f", name));
  const auto count = set->handle->function<NoArguments>(objects_.symbol("count", name));
  const auto where = set->handle->function<Where>(objects_.symbol("where", name));
  const auto n = set->handle->object<unsigned long>(objects_.symbol("n", name));
  expect(f && count && where && n, set->name + " does not find its functions");
  const unsigned long x = pick(1000), expected = model_.value(*set, name, x), found = result_of(*f, x);
  expect(found == expected, set->name + ": f_" + std::to_string(name) + " returned " + std::to_string(found) +
                                ", not " + std::to_string(expected));
  expect(result_of(*count) == ++*part.count, set->name + " has lost count");
  expect(result_of(*where) == *n && **n == *part.count, set->name + "'s variable is elsewhere");
}

void Worker::look_up() {
  const int name = static_cast<int>(pick(kNameCount));
  const std::string symbol = objects_.symbol("f", name);
  const Expected<TargetAddr> found = shared_.session.address(symbol);
  const SetModel* definer = model_.visible_definition(name);
  expect(found.has_value() == (definer != nullptr), symbol + ": " + text_of(found));
  if (found && definer->handle) {
    const Expected<TargetAddr> own = definer->handle->address(symbol);
    expect(own && *own == *found, symbol + " is not " + definer->name + "'s");
  }
  const SetRef set = any_set(is_current);
  if (!set) return;
  const bool has_dead = set->handle->address(objects_.symbol("dead", set->parts[0].part.name)).has_value();
  expect(has_dead == !set->gc, set->name + ": sections that nobody needs");
}

// ---- What other threads define, too

void Worker::define_contested() {
  const int name = static_cast<int>(pick(kContestedCount)), variant = static_cast<int>(pick(kContestedVariants));
  if (definitions_.size() >= kMostContested) return;
  ObjectSet set("contested " + std::to_string(thread_));
  set.add_bytes(objects_.contested(name, variant), "contested.o");
  Expected<LinkedSet> linked = shared_.session.link(std::move(set));
  if (!linked) {
    ++counts_.refused;
    return expect(linked.error().code() == ErrorCode::kDuplicateSymbol, "contending: " + text_of(linked));
  }
  ++counts_.contested;
  expect(!shared_.owned[static_cast<std::size_t>(name)].exchange(true), "two strong definitions are visible at once");
  definitions_.push_back({.set = std::move(*linked),
                          .name = name,
                          .value = 10ul * static_cast<unsigned long>(name) + static_cast<unsigned long>(variant)});
}

void Worker::link_contested_user() {
  const int name = static_cast<int>(pick(kContestedCount));
  if (users_.size() >= kMostContested) return;
  ObjectSet set("user of contested " + std::to_string(thread_));
  set.add_bytes(objects_.user(name), "user.o");
  set.options().visibility = Visibility::kPrivate;
  Expected<LinkedSet> linked = shared_.session.link(std::move(set));
  if (!linked) {
    ++counts_.refused;
    return expect(linked.error().code() == ErrorCode::kUndefinedSymbol, "using: " + text_of(linked));
  }
  const auto user = linked->function<NoArguments>("user_" + two_digits(name));
  expect(user.has_value(), text_of(user));
  const unsigned long value = result_of(*user), least = 10ul * static_cast<unsigned long>(name) + 1;
  expect(value >= least && value < least + kContestedVariants,
         "a user of contested names returned " + std::to_string(value));
  users_.push_back({.set = std::move(*linked), .name = name, .value = value});
}

void Worker::call_contested() {
  for (const auto& [sets, stem] : {std::pair(&definitions_, "contested_"), std::pair(&users_, "user_")}) {
    for (const Contested& c : *sets) {
      const auto function = c.set.function<NoArguments>(stem + two_digits(c.name));
      expect(function && result_of(*function) == c.value, "a contested function is another");
    }
  }
}

void Worker::end_contested() {
  std::vector<Contested>& sets = users_.empty() || (!definitions_.empty() && chance(60)) ? definitions_ : users_;
  if (sets.empty()) return;
  const std::size_t i = pick(sets.size());
  Contested ending = std::move(sets[i]);
  sets.erase(sets.begin() + static_cast<std::ptrdiff_t>(i));
  if (&sets == &users_) return expect(ending.set.unload().has_value(), "a user of contested names cannot be unloaded");
  std::atomic<bool>& owned = shared_.owned[static_cast<std::size_t>(ending.name)];
  owned = false;  // before others can define it
  if (chance(50)) return;
  const Expected<void> done = ending.set.unload();
  if (done) return;
  expect(done.error().code() == ErrorCode::kInUse, text_of(done));
  owned = true;  // nobody could, meanwhile
  sets.push_back(std::move(ending));
}

}  // namespace enfold::stress
