// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The linker inside tcc, which runs objects as well as what it compiled itself: libtcc, one state a set, objects from
// files in memory.
#include <libtcc.h>

#include <memory>
#include <string>
#include <utility>

#include "peer.h"
#include "scratch.h"

namespace enfold::bench {
namespace {

struct Code : Linked {
  Code() : state(tcc_new()) {
    tcc_set_error_func(state, &error,
                       [](void* text, const char* message) { *static_cast<std::string*>(text) = message; });
    tcc_set_output_type(state, TCC_OUTPUT_MEMORY);
  }
  ~Code() override { tcc_delete(state); }
  void check(bool succeeded) const {
    if (!succeeded) throw Failure(error);
  }
  std::string error;
  TCCState* state;
};

class TccPeer : public Peer {
 public:
  void prepare(std::span<const Input> objects) override {
    for (const Input& object : objects) scratch_.file_of(object);
  }
  Linking link(std::span<const Input> objects, const std::string& entry) override {
    auto code = std::make_unique<Code>();
    for (const Input& object : objects) code->check(tcc_add_file(code->state, scratch_.file_of(object).c_str()) == 0);
    code->check(tcc_relocate(code->state, TCC_RELOCATE_AUTO) == 0);
    void* const address = tcc_get_symbol(code->state, entry.c_str());
    return {std::move(code), address};
  }

 private:
  Scratch scratch_;
};

}  // namespace

std::vector<PeerKind> tcc_kinds() {
  return {{.name = "tcc",
           .what = "libtcc, objects from files in memory",
           .make = [] { return std::make_unique<TccPeer>(); },
           .takes_threads = false}};
}

}  // namespace enfold::bench
