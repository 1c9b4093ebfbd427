// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "model.h"

#include <algorithm>

namespace enfold::stress {
namespace {

std::string function_name(const char* stem, int name) { return stem + two_digits(name); }

}  // namespace

const PartModel* SetModel::find(int part) const {
  const auto found = std::ranges::find_if(parts, [&](const PartModel& p) { return p.part.name == part; });
  return found != parts.end() ? &*found : nullptr;
}

std::vector<Part> SetModel::list() const {
  std::vector<Part> all;
  for (const PartModel& p : parts) all.push_back(p.part);
  return all;
}

std::set<std::string> SetModel::functions() const {
  std::set<std::string> all;
  for (const PartModel& p : parts) {
    for (const char* stem : {"f", "count", "where"}) all.insert(function_name(stem, p.part.name));
    if (!gc) all.insert(function_name("dead", p.part.name));
  }
  return all;
}

std::set<SetModel*> SetModel::uses() const {
  std::set<SetModel*> all = stays;
  for (const PartModel& part : parts) {
    for (const auto& callee : part.callees) all.insert(callee.second.definer);
  }
  if (successor != nullptr) all.insert(successor);
  all.erase(const_cast<SetModel*>(this));
  return all;
}

// ---- Linking

// Own ones; sets that are named, in order; the first visible one. A version does not see the one it replaces.
std::optional<Bound> Model::resolve(const Request& request, SetModel& self, int name) const {
  if (self.find(name) != nullptr) return Bound{&self, self.throughout ? self.face : nullptr};
  const auto bound_to = [](SetModel& set) { return Bound{&set, set.face}; };
  for (const SetRef& used : request.used) {
    if (used->find(name) != nullptr) return bound_to(*used);
  }
  const auto found = definitions_.find(name);
  if (found == definitions_.end()) return std::nullopt;
  for (SetModel* set : found->second) {
    if (set != request.replaced.get()) return bound_to(*set);
  }
  return std::nullopt;
}

bool Model::clashes(const Request& request) const {
  if (!request.visible) return false;
  return std::ranges::any_of(request.parts, [&](const Part& part) {
    const auto found = definitions_.find(part.name);
    if (!part.strong() || found == definitions_.end()) return false;
    return std::ranges::any_of(found->second, [&](const SetModel* other) {
      return other != request.replaced.get() && other->find(part.name)->part.strong();
    });
  });
}

// Functions that are called by users of the old version, and that the new one has not.
bool Model::users_miss(const SetModel& old, const SetModel& next) const {
  for (const SetRef& user : sets_) {
    if (user.get() == &old) continue;
    for (const PartModel& part : user->parts) {
      for (const auto& [name, bound] : part.callees) {
        if (bound.definer == &old && next.find(name) == nullptr) return true;
      }
    }
  }
  return false;
}

// A variable that an object of the same name has goes on, and the object is not constructed again.
void Model::keep_state(SetModel& next, const SetModel& old) const {
  for (PartModel& part : next.parts) {
    const PartModel* before = old.find(part.part.name);
    if (before == nullptr) continue;
    part.count = before->count;
    part.constructed = false;
    part.storage = before->storage;
    next.stays.insert(part.storage);
  }
}

std::expected<SetRef, ErrorCode> Model::predict(const Request& request) const {
  auto set = std::make_shared<SetModel>();
  set->visible = request.visible;
  set->gc = request.gc;
  set->throughout = request.throughout;
  if (request.replaceable) set->face = request.replaced ? request.replaced->face : std::make_shared<Face>();
  for (const Part& part : request.parts) {
    if (set->find(part.name) != nullptr) return std::unexpected(ErrorCode::kDuplicateSymbol);
    set->parts.push_back({.part = part, .callees = {}, .storage = set.get()});
  }
  if (clashes(request)) return std::unexpected(ErrorCode::kDuplicateSymbol);
  for (PartModel& part : set->parts) {
    if (part.part.needs_gc() && !request.gc) return std::unexpected(ErrorCode::kUndefinedSymbol);
    for (const int callee : callees(part.part.name)) {
      std::optional<Bound> bound = resolve(request, *set, callee);
      if (!bound) return std::unexpected(ErrorCode::kUndefinedSymbol);
      part.callees.emplace_back(callee, *std::move(bound));
    }
  }
  if (!request.replaced) return set;
  if (users_miss(*request.replaced, *set)) return std::unexpected(ErrorCode::kInUse);
  if (request.keep_state) keep_state(*set, *request.replaced);
  return set;
}

void Model::add(SetRef set) {
  if (set->face) {
    for (const std::string& name : set->functions()) (*set->face)[name] = set.get();
  }
  if (set->visible) {
    for (const PartModel& part : set->parts) definitions_[part.part.name].push_back(set.get());
  }
  sets_.push_back(std::move(set));
}

// ---- Replacing

void Model::replace(const SetRef& old, const SetRef& next) {
  for (auto& [name, definers] : definitions_) {
    const auto at = std::ranges::find(definers, old.get());
    const bool defines = next->find(name) != nullptr;
    if (at != definers.end() && defines) *at = next.get();
    if (at != definers.end() && !defines) definers.erase(at);
  }
  for (const PartModel& part : next->parts) {
    if (next->visible && old->find(part.part.name) == nullptr) definitions_[part.part.name].push_back(next.get());
  }
  const std::set<std::string> functions = next->functions();
  for (const auto& [name, version] : *old->face) {
    if (!functions.contains(name)) next->stays.insert(version);
  }
  for (const std::string& name : functions) (*next->face)[name] = next.get();
  for (const SetRef& user : sets_) {
    if (user == old) continue;
    for (PartModel& part : user->parts) {
      for (auto& [name, bound] : part.callees) {
        if (bound.definer == old.get()) bound.definer = next.get();
      }
    }
  }
  for (const SetRef& set : sets_) {
    if (set->successor == old.get()) set->successor = next.get();
  }
  old->successor = next.get();
  sets_.push_back(next);
}

// ---- Leaving

void Model::hide(const SetModel& set) {
  for (auto& [name, definers] : definitions_) std::erase(definers, &set);
}

bool Model::in_use(const SetModel& set) const { return needed(&set).contains(&set); }

void Model::drop(const SetRef& set) {
  hide(*set);
  set->handle.reset();
  collect();
}

void Model::unload(const SetRef& set) {
  hide(*set);
  std::erase(sets_, set);
  collect();
}

void Model::forget_all() {
  sets_.clear();
  definitions_.clear();
}

// What handles lead to.
std::set<const SetModel*> Model::needed(const SetModel* without) const {
  std::set<const SetModel*> all;
  std::vector<const SetModel*> todo;
  const auto need = [&](const SetModel* set) {
    if (all.insert(set).second) todo.push_back(set);
  };
  for (const SetRef& set : sets_) {
    if (set->handle && set.get() != without) need(set.get());
  }
  while (!todo.empty()) {
    const SetModel* set = todo.back();
    todo.pop_back();
    for (const SetModel* used : set->uses()) need(used);
  }
  return all;
}

void Model::collect() {
  const std::set<const SetModel*> stay = needed(nullptr);
  std::erase_if(sets_, [&](const SetRef& set) { return !stay.contains(set.get()); });
}

// ---- What calls return

const SetModel* Model::visible_definition(int name) const {
  const auto found = definitions_.find(name);
  return found == definitions_.end() || found->second.empty() ? nullptr : found->second.front();
}

unsigned long Model::value(const SetModel& set, int name, unsigned long x) const {
  const PartModel& part = *set.find(name);
  unsigned long sum = own_value(part.part, x);
  for (const auto& [callee, bound] : part.callees) {
    const SetModel* version = bound.face ? bound.face->at(function_name("f", callee)) : bound.definer;
    sum += value(*version, callee, x);
  }
  return sum;
}

long Model::constructed() const {
  long count = 0;
  for (const SetRef& set : sets_) count += std::ranges::count_if(set->parts, &PartModel::constructed);
  return count;
}

}  // namespace enfold::stress
