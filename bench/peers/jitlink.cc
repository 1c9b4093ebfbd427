// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// JITLink without ORC, by way of a context that is as small as can be: one table of symbols for each set, and unwind
// tables registered as ORC's plugin does it. All graphs of a set are allocated before the first look-up is answered, so
// that they find each other. Of weak definitions each object keeps its own, which ORC would not do.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <llvm/ExecutionEngine/JITLink/EHFrameSupport.h>
#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/ExecutionEngine/Orc/MapperJITLinkMemoryManager.h>
#include <llvm/Support/Process.h>

#include "host_symbols.h"
#include "llvm_support.h"
#include "peer.h"

namespace enfold::bench {
namespace {

using namespace llvm;
using namespace llvm::jitlink;
using orc::ExecutorAddr;
using orc::ExecutorAddrRange;
using orc::ExecutorSymbolDef;

struct Lookup {
  std::vector<std::pair<StringRef, SymbolLookupFlags>> names;
  std::unique_ptr<JITLinkAsyncLookupContinuation> then;
};

// What is linked together.
struct Batch : Linked {
  Batch(JITLinkMemoryManager& manager, HostSymbols& process) : memory(manager), host(process) {}
  ~Batch() override {
    for (const ExecutorAddrRange& frames : frame_ranges) consumeError(registrar.deregisterEHFrames(frames));
    consumeError(memory.deallocate(std::move(allocations)));
  }

  ExecutorSymbolDef find(StringRef name) {
    const auto found = symbols.find(name);
    return found != symbols.end() ? found->second : ExecutorSymbolDef(ExecutorAddr(host.find(name)), {});
  }
  void answer(Lookup lookup) {
    AsyncLookupResult result;
    for (const auto& [name, flags] : lookup.names) {
      const ExecutorSymbolDef definition = find(name);
      if (!definition.getAddress() && flags == SymbolLookupFlags::RequiredSymbol) {
        return lookup.then->run(make_error<StringError>("undefined: " + name, inconvertibleErrorCode()));
      }
      result[name] = definition;
    }
    lookup.then->run(std::move(result));
  }

  JITLinkMemoryManager& memory;
  HostSymbols& host;
  InProcessEHFrameRegistrar registrar;
  DenseMap<StringRef, ExecutorSymbolDef> symbols;
  std::vector<Lookup> lookups;
  std::vector<JITLinkMemoryManager::FinalizedAlloc> allocations;
  std::vector<ExecutorAddrRange> frame_ranges;
  std::string error;
};

class Context : public JITLinkContext {
 public:
  explicit Context(Batch& batch) : JITLinkContext(nullptr), batch_(batch) {}

  JITLinkMemoryManager& getMemoryManager() override { return batch_.memory; }
  void notifyFailed(Error error) override { batch_.error = toString(std::move(error)); }
  void lookup(const LookupMap& names, std::unique_ptr<JITLinkAsyncLookupContinuation> then) override {
    batch_.lookups.push_back({{names.begin(), names.end()}, std::move(then)});
  }
  Error notifyResolved(LinkGraph& graph) override {
    for (const Symbol* symbol : graph.defined_symbols()) note(*symbol);
    for (const Symbol* symbol : graph.absolute_symbols()) note(*symbol);
    return Error::success();
  }
  void notifyFinalized(JITLinkMemoryManager::FinalizedAlloc allocation) override {
    batch_.allocations.push_back(std::move(allocation));
    if (!frames_.size()) return;
    if (auto error = batch_.registrar.registerEHFrames(frames_)) return notifyFailed(std::move(error));
    batch_.frame_ranges.push_back(frames_);
  }
  Error modifyPassConfig(LinkGraph& graph, PassConfiguration& passes) override {
    passes.PostFixupPasses.push_back(
        createEHFrameRecorderPass(graph.getTargetTriple(), [this](ExecutorAddr address, std::size_t size) {
          if (address) frames_ = {address, address + size};
        }));
    return Error::success();
  }

 private:
  // A strong definition counts before a weak one, the first before others.
  void note(const Symbol& symbol) {
    if (!symbol.hasName() || symbol.getScope() == Scope::Local) return;
    const ExecutorSymbolDef definition(
        symbol.getAddress(), JITSymbolFlags::Exported |
                                 (symbol.getLinkage() == Linkage::Weak ? JITSymbolFlags::Weak : JITSymbolFlags::None));
    const auto [entry, is_new] = batch_.symbols.try_emplace(symbol.getName(), definition);
    if (!is_new && entry->second.getFlags().isWeak() && !definition.getFlags().isWeak()) entry->second = definition;
  }

  Batch& batch_;
  ExecutorAddrRange frames_;
};

class JitLinkPeer : public Peer {
 public:
  explicit JitLinkPeer(std::unique_ptr<JITLinkMemoryManager> memory) : memory_(std::move(memory)) {}

  Linking link(std::span<const Input> objects, const std::string& entry) override {
    auto batch = std::make_unique<Batch>(*memory_, host_);
    for (const Input& object : objects) {
      jitlink::link(must(createLinkGraphFromObject(buffer(object))), std::make_unique<Context>(*batch));
      if (!batch->error.empty()) break;
    }
    for (Lookup& lookup : std::exchange(batch->lookups, {})) batch->answer(std::move(lookup));
    if (!batch->error.empty()) throw Failure(batch->error);
    void* const address = batch->find(entry).getAddress().toPtr<void*>();
    return {std::move(batch), address};
  }

 private:
  std::unique_ptr<JITLinkMemoryManager> memory_;
  HostSymbols host_;
};

constexpr std::size_t kSlabSize = 64u << 20;

std::unique_ptr<Peer> make_plain() {
  return std::make_unique<JitLinkPeer>(std::make_unique<InProcessMemoryManager>(sys::Process::getPageSizeEstimate()));
}

std::unique_ptr<Peer> make_slab() {
  using Manager = orc::MapperJITLinkMemoryManager;
  return std::make_unique<JitLinkPeer>(must(Manager::CreateWithMapper<orc::InProcessMemoryMapper>(kSlabSize)));
}

}  // namespace

std::vector<PeerKind> jitlink_kinds() {
  return {{.name = "jitlink", .what = "JITLink alone, InProcessMemoryManager", .make = make_plain},
          {.name = "jitlink-slab", .what = "JITLink alone, MapperJITLinkMemoryManager", .make = make_slab}};
}

}  // namespace enfold::bench
