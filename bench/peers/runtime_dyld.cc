// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RuntimeDyld without ORC: an instance with a SectionMemoryManager for each set.
#include <memory>
#include <utility>
#include <vector>

#include <llvm/ExecutionEngine/RuntimeDyld.h>
#include <llvm/ExecutionEngine/SectionMemoryManager.h>
#include <llvm/Object/ObjectFile.h>

#include "host_symbols.h"
#include "llvm_support.h"
#include "peer.h"

namespace enfold::bench {
namespace {

using namespace llvm;

class Resolver : public JITSymbolResolver {
 public:
  explicit Resolver(HostSymbols& host) : host_(host) {}
  void lookup(const LookupSet& names, OnResolvedFunction then) override {
    LookupResult result;
    for (const StringRef name : names) result[name] = JITEvaluatedSymbol(host_.find(name), JITSymbolFlags::Exported);
    then(std::move(result));
  }
  Expected<LookupSet> getResponsibilitySet(const LookupSet& names) override { return names; }
  bool allowsZeroSymbols() override { return true; }

 private:
  HostSymbols& host_;
};

struct Code : Linked {
  explicit Code(HostSymbols& host) : resolver(host), linker(memory, resolver) {}
  ~Code() override { linker.deregisterEHFrames(); }
  SectionMemoryManager memory;
  Resolver resolver;
  RuntimeDyld linker;
};

class RuntimeDyldPeer : public Peer {
 public:
  Linking link(std::span<const Input> objects, const std::string& entry) override {
    auto code = std::make_unique<Code>(host_);
    for (const Input& object : objects) {
      const auto file = must(object::ObjectFile::createObjectFile(buffer(object)));
      code->linker.loadObject(*file);
      if (code->linker.hasError()) throw Failure(code->linker.getErrorString().str());
    }
    code->linker.resolveRelocations();
    code->linker.registerEHFrames();
    if (code->linker.hasError()) throw Failure(code->linker.getErrorString().str());
    std::string error;
    if (code->memory.finalizeMemory(&error)) throw Failure(error);
    const std::uint64_t address = code->linker.getSymbol(entry).getAddress();
    return {std::move(code), reinterpret_cast<void*>(address)};
  }

 private:
  HostSymbols host_;
};

}  // namespace

std::vector<PeerKind> runtime_dyld_kinds() {
  return {{.name = "rtdyld", .what = "RuntimeDyld alone, SectionMemoryManager", .make = [] {
             return std::make_unique<RuntimeDyldPeer>();
           }}};
}

}  // namespace enfold::bench
