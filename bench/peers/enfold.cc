// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold, in each kind of memory: one session, a set for each link, all of them visible to later ones, as a program has
// them that changes no options.
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <enfold/enfold.h>

#include "peer.h"

namespace enfold::bench {
namespace {

template <class T>
T must(Expected<T> result) {
  if (!result) throw Failure(result.error().text());
  return *std::move(result);
}

struct Code : Linked {
  explicit Code(LinkedSet linked) : set(std::move(linked)) {}
  LinkedSet set;
};

class EnfoldPeer : public Peer {
 public:
  explicit EnfoldPeer(MemoryKind kind, bool as_shared_object = false) : as_shared_object_(as_shared_object) {
    SessionOptions options;
    options.memory = must(make_memory(kind));
    session_ = must(Session::create(std::move(options)));
  }

  Linking link(std::span<const Input> objects, const std::string& entry) override {
    ObjectSet set(objects.front().name);
    set.options().as_shared_object = as_shared_object_;
    for (const Input& object : objects) set.add_bytes(object.bytes, object.name);
    auto code = std::make_unique<Code>(must(session_->link(std::move(set))));
    void* const address = must(code->set.object<void>(entry));
    return {std::move(code), address};
  }

 private:
  const bool as_shared_object_;
  std::unique_ptr<Session> session_;
};

PeerKind kind(MemoryKind memory, std::string name, std::string what) {
  return {.name = std::move(name), .what = std::move(what), .make = [memory] {
            return std::make_unique<EnfoldPeer>(memory);
          }};
}

// The C library keeps its objects in a list, and goes through it for each that it loads: a few say what one costs.
PeerKind object_kind() {
  return {.name = "enfold-object",
          .what = "enfold, each set a shared object of the process",
          .make = [] { return std::make_unique<EnfoldPeer>(MemoryKind::kAliased, true); },
          .takes_threads = false,
          .takes_few = true};
}

}  // namespace

std::vector<PeerKind> enfold_kinds() {
  return {kind(MemoryKind::kAliased, "enfold", "enfold, memory kind alias (the default)"),
          kind(MemoryKind::kForced, "enfold-forced", "enfold, memory kind forced"),
          kind(MemoryKind::kStrict, "enfold-strict", "enfold, memory kind strict"), object_kind()};
}

}  // namespace enfold::bench
