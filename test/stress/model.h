// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one thread's sets are to be: which are live, what each name leads to, who keeps whom, what each call returns.
// Says beforehand how a link, an unload or a replacement has to end.
#ifndef ENFOLD_TEST_STRESS_MODEL_H_
#define ENFOLD_TEST_STRESS_MODEL_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

#include "parts.h"

namespace enfold::stress {

struct SetModel;
using SetRef = std::shared_ptr<SetModel>;

// Which version each function of a replaceable set leads to. Functions are named by what they are, as "f07".
using Face = std::map<std::string, SetModel*>;

// What a callee is bound to: a definition, or whatever a face leads to at the time.
struct Bound {
  SetModel* definer = nullptr;
  std::shared_ptr<Face> face;
};

struct PartModel {
  Part part;
  std::vector<std::pair<int, Bound>> callees;
  std::shared_ptr<unsigned long> count = std::make_shared<unsigned long>(0);
  SetModel* storage = nullptr;  // whose storage `count` is: the set's own, or an earlier version's
  bool constructed = true;      // its constructor ran, and its destructor will
};

struct SetModel {
  std::string name;
  std::optional<LinkedSet> handle;
  std::vector<PartModel> parts;
  std::set<SetModel*> stays;   // sets that it keeps loaded for more than their functions: for slots, stubs, storage
  std::shared_ptr<Face> face;  // of a replaceable set and its versions
  bool visible = false, gc = false, throughout = false;
  SetModel* successor = nullptr;  // the newest version, when it was replaced

  const PartModel* find(int name) const;
  std::vector<Part> list() const;
  std::set<std::string> functions() const;
  std::set<SetModel*> uses() const;  // all that it keeps loaded
};

// A link to be.
struct Request {
  std::vector<Part> parts;
  std::vector<SetRef> used, sharing;
  bool visible = false, gc = false, replaceable = false, throughout = false;
  SetRef replaced;  // whose place it takes
  bool keep_state = false;
};

class Model {
 public:
  // The new set, or how the link has to fail.
  std::expected<SetRef, ErrorCode> predict(const Request& request) const;

  // The link was made.
  void add(SetRef set);
  // `next`, which is not added otherwise, took its place.
  void replace(const SetRef& old, const SetRef& next);
  // The handle is gone, or the set is unloaded: takes with it what nobody needs any more.
  void drop(const SetRef& set);
  void unload(const SetRef& set);
  void forget_all();

  // By sets that stay without its handle.
  bool in_use(const SetModel& set) const;
  const SetModel* visible_definition(int name) const;
  unsigned long value(const SetModel& set, int name, unsigned long x) const;
  long constructed() const;

  const std::vector<SetRef>& sets() const { return sets_; }

 private:
  std::optional<Bound> resolve(const Request& request, SetModel& self, int name) const;
  bool clashes(const Request& request) const;
  bool users_miss(const SetModel& old, const SetModel& next) const;
  void keep_state(SetModel& next, const SetModel& old) const;
  void hide(const SetModel& set);
  std::set<const SetModel*> needed(const SetModel* without) const;
  void collect();

  std::vector<SetRef> sets_;                           // live, whether or not they have handles
  std::map<int, std::vector<SetModel*>> definitions_;  // visible ones: the first is seen, the others wait
};

}  // namespace enfold::stress

#endif  // ENFOLD_TEST_STRESS_MODEL_H_
