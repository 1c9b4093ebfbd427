// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ORC's LLJIT, as its users have it: one JITDylib, a resource tracker for what is to be removed together, and a look-up
// that makes it link. With JITLink below it (its default on x86-64 Linux; its own memory manager, or one that hands out
// slabs of 64 MiB), or with RuntimeDyld. It runs no static constructors of objects.
#include <memory>
#include <mutex>
#include <utility>

#include <llvm/ExecutionEngine/JITLink/EHFrameSupport.h>
#include <llvm/ExecutionEngine/Orc/EPCEHFrameRegistrar.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/MapperJITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/ExecutionEngine/Orc/RTDyldObjectLinkingLayer.h>
#include <llvm/ExecutionEngine/SectionMemoryManager.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>

#include "llvm_support.h"
#include "peer.h"

namespace enfold::bench {
namespace {

using namespace llvm;
using namespace llvm::orc;

enum class Below { kJitLink, kJitLinkSlab, kRuntimeDyld };

constexpr std::size_t kSlabSize = 64u << 20;

Expected<std::unique_ptr<ObjectLayer>> make_slab_layer(ExecutionSession& session) {
  auto memory = MapperJITLinkMemoryManager::CreateWithMapper<InProcessMemoryMapper>(kSlabSize);
  if (!memory) return memory.takeError();
  auto layer = std::make_unique<ObjectLinkingLayer>(session, std::move(*memory));
  auto registrar = EPCEHFrameRegistrar::Create(session);
  if (!registrar) return registrar.takeError();
  layer->addPlugin(std::make_shared<EHFrameRegistrationPlugin>(session, std::move(*registrar)));
  return layer;
}

std::unique_ptr<ObjectLayer> make_runtime_dyld_layer(ExecutionSession& session) {
  return std::make_unique<RTDyldObjectLinkingLayer>(session, [] { return std::make_unique<SectionMemoryManager>(); });
}

std::unique_ptr<LLJIT> make_jit(Below below) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();  // LLJIT compiles what it defines itself, atexit() and the like
  LLJITBuilder builder;
  if (below == Below::kJitLinkSlab) {
    builder.setObjectLinkingLayerCreator(
        [](ExecutionSession& session, const Triple&) { return make_slab_layer(session); });
  } else if (below == Below::kRuntimeDyld) {
    builder.setObjectLinkingLayerCreator(
        [](ExecutionSession& session, const Triple&) -> Expected<std::unique_ptr<ObjectLayer>> {
          return make_runtime_dyld_layer(session);
        });
  }
  return must(builder.create());
}

struct Code : Linked {
  explicit Code(ResourceTrackerSP resources) : tracker(std::move(resources)) {}
  ~Code() override { consumeError(tracker->remove()); }
  ResourceTrackerSP tracker;
};

class OrcPeer : public Peer {
 public:
  explicit OrcPeer(Below below) : jit_(make_jit(below)) {}

  Linking link(std::span<const Input> objects, const std::string& entry) override {
    auto code = std::make_unique<Code>(jit_->getMainJITDylib().createResourceTracker());
    for (const Input& object : objects) {
      must(jit_->addObjectFile(code->tracker, MemoryBuffer::getMemBuffer(buffer(object), false)));
    }
    const ExecutorAddr address = must(jit_->lookup(entry));
    return {std::move(code), address.toPtr<void*>()};
  }

 private:
  std::unique_ptr<LLJIT> jit_;
};

PeerKind kind(Below below, const char* name, const char* what) {
  return {.name = name, .what = what, .make = [below] { return std::make_unique<OrcPeer>(below); }};
}

}  // namespace

std::vector<PeerKind> orc_kinds() {
  return {kind(Below::kJitLink, "orc-jitlink", "ORC LLJIT, JITLink, default memory manager"),
          kind(Below::kJitLinkSlab, "orc-jitlink-slab", "ORC LLJIT, JITLink, MapperJITLinkMemoryManager"),
          kind(Below::kRuntimeDyld, "orc-rtdyld", "ORC LLJIT, RTDyldObjectLinkingLayer")};
}

}  // namespace enfold::bench
