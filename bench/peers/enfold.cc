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
  explicit EnfoldPeer(MemoryKind kind) {
    SessionOptions options;
    options.memory = must(make_memory(kind));
    session_ = must(Session::create(std::move(options)));
  }

  Linking link(std::span<const Input> objects, const std::string& entry) override {
    ObjectSet set(objects.front().name);
    for (const Input& object : objects) set.add_bytes(object.bytes, object.name);
    auto code = std::make_unique<Code>(must(session_->link(std::move(set))));
    void* const address = must(code->set.object<void>(entry));
    return {std::move(code), address};
  }

 private:
  std::unique_ptr<Session> session_;
};

PeerKind kind(MemoryKind memory, std::string name, std::string what) {
  return {.name = std::move(name), .what = std::move(what), .make = [memory] {
            return std::make_unique<EnfoldPeer>(memory);
          }};
}

}  // namespace

std::vector<PeerKind> enfold_kinds() {
  return {kind(MemoryKind::kAliased, "enfold", "enfold, memory kind alias (the default)"),
          kind(MemoryKind::kForced, "enfold-forced", "enfold, memory kind forced"),
          kind(MemoryKind::kStrict, "enfold-strict", "enfold, memory kind strict")};
}

}  // namespace enfold::bench
